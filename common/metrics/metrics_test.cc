#include "common/metrics/metrics.h"

#include <catch2/catch.hpp>
#include <thread>

namespace atoll::metrics {
namespace {

bool HasLine(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("Counters and gauges", "[metrics]") {
  Registry registry;
  auto& requests = registry.NewCounter("requests_total", "Requests.", {"verb", "code"});
  requests.With({"get", "200"}).Add(2);
  requests.With({"get", "200"}).Add();
  requests.With({"a\"b\\c\nd", "500"}).Add();
  registry.NewGauge("depth", "Depth.").With({}).Add(1.5);
  std::string text = registry.Text();
  CHECK(HasLine(text, "# TYPE requests_total counter"));
  CHECK(HasLine(text, "requests_total{verb=\"get\",code=\"200\"} 3"));
  CHECK(HasLine(text, "requests_total{verb=\"a\\\"b\\\\c\\nd\",code=\"500\"} 1"));
  CHECK(HasLine(text, "depth 1.5"));
}

TEST_CASE("A full family shares one series", "[metrics]") {
  Registry registry;
  auto& family = registry.NewCounter("x_total", "X.", {"l"}, 2);
  for (const char* v : {"a", "b", "c", "d"}) family.With({v}).Add();
  std::string text = registry.Text();
  CHECK(HasLine(text, "x_total{l=\"a\"} 1"));
  CHECK(HasLine(text, "x_total{l=\"other\"} 2"));
  CHECK(text.find("\"c\"") == std::string::npos);
}

TEST_CASE("Histograms are cumulative in the text", "[metrics]") {
  Registry registry;
  auto& h = registry.NewHistogram("seconds", "S.", {1, 2}).With({});
  for (double v : {0.5, 1.0, 1.5, 9.0}) h.Observe(v);
  CHECK(h.counts() == std::vector<uint64_t>{2, 1, 1});
  std::string text = registry.Text();
  CHECK(HasLine(text, "seconds_bucket{le=\"1\"} 2"));
  CHECK(HasLine(text, "seconds_bucket{le=\"2\"} 3"));
  CHECK(HasLine(text, "seconds_bucket{le=\"+Inf\"} 4"));
  CHECK(HasLine(text, "seconds_count 4"));
  CHECK(HasLine(text, "seconds_sum 12"));
}

TEST_CASE("Callbacks and the process", "[metrics]") {
  Registry registry;
  registry.NewCallback("size", "Size.", "gauge", {"what"},
                       [] { return std::vector<Registry::Sample>{{{"store"}, 7}}; });
  std::string text = registry.Text();
  CHECK(HasLine(text, "size{what=\"store\"} 7"));
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
                           "process_max_fds", "process_start_time_seconds"}) {
    CHECK(text.find(std::string("\n") + name + " ") != std::string::npos);
  }
}

TEST_CASE("Series are found by many threads", "[metrics]") {
  Registry registry;
  auto& family = registry.NewCounter("x_total", "X.", {"l"});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) family.With({std::to_string(i % 10)}).Add();
    });
  }
  for (auto& t : threads) t.join();
  CHECK(family.With({"3"}).value() == 400);
}

}  // namespace
}  // namespace atoll::metrics
