// Parse and write of a 1 KiB object, in nanoseconds of CPU time a call: common_json_bench [rounds]
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "common/json/parse.h"
#include "common/json/write.h"

namespace {

std::string OneKib() {
  std::string text =
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"default","uid":"7d0c7a5e-3f5b-4b2f-8c63-0c8f5f1f2b11",)"
      R"("resourceVersion":"123456","creationTimestamp":"2024-05-06T07:08:09Z","labels":{"app":"web","tier":"front","env":"prod"},)"
      R"("annotations":{"kcp.io/cluster":"2gqk9x3l0p7ab1cd","note":"a <b> & c"},"generation":3},"data":{)";
  for (int i = 0; i < 12; ++i)
    text += "\"key-" + std::to_string(i) + "\":\"a value of some length, number " + std::to_string(i) + " of many\",";
  return text + "\"last\":\"x\"}}";
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 200'000;
  const std::string text = OneKib();
  size_t sink = 0;
  const auto measure = [&](const char* what, auto&& once) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < rounds; ++i) sink += once();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("%-6s %5.0f ns\n", what, seconds * 1e9 / rounds);
  };
  std::printf("%zu bytes\n", text.size());
  measure("parse", [&] { return atoll::json::Parse(text)->object().size(); });
  const atoll::json::Value v = *atoll::json::Parse(text);
  measure("write", [&] { return atoll::json::Write(v).size(); });
  measure("copy", [&] { return atoll::json::Value(v).object().size(); });
  return sink == 0;
}
