#include "shard/endpoints/respond.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/endpoints/indent.h"

namespace atoll::endpoints {
namespace {

TEST_CASE("WarningHeaders", "[endpoints]") {
  CHECK(WarningHeaders({}).empty());
  CHECK(WarningHeaders({"a", "b", "a"}) == std::vector<std::string>{"299 - \"a\"", "299 - \"b\""});
  CHECK(WarningHeaders({"say \"x\\y\"\n"}) == std::vector<std::string>{R"(299 - "say \"x\\y\" ")"});
  std::vector<std::string> many;
  for (int i = 0; i < 100; ++i) many.push_back(std::to_string(i) + std::string(500, 'x'));
  auto cut = WarningHeaders(many);
  CHECK(cut.size() == 16);
  CHECK(cut[0].size() == std::string_view("299 - \"\"").size() + 256);
}

TEST_CASE("JsonIndenter is WriteIndented, in pieces of any size", "[endpoints]") {
  const char* texts[] = {R"({})", R"([])", R"({"a":{},"b":[],"c":[1,{"d":"x,{}[]: \"\\"}],"e":null})",
                         R"([[],[[]],{"a":[{}]}])", R"("s")"};
  for (const char* text : texts) {
    const std::string want = json::WriteIndented(*json::Parse(text));
    CHECK(IndentJson(text) == want);
    JsonIndenter indenter;
    std::string out;
    for (const char* c = text; *c != 0; ++c) indenter.Append(std::string_view(c, 1), &out);
    CHECK(out == want);
  }
}

}  // namespace
}  // namespace atoll::endpoints
