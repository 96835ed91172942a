#include "common/log/format.h"

#include <catch2/catch.hpp>
#include <limits>

namespace atoll::log {
namespace {

const Line kLine{absl::FromUnixMillis(1'700'000'000'123), Level::kWarning, "", "shard", "a \"b\""};

TEST_CASE("Logfmt", "[log]") {
  CHECK(FormatLogfmt(kLine,
                     {{"n", 3}, {"text", "two words"}, {"bare", "x"}, {"evil", "a\nlevel=error"}, {"empty", ""}}) ==
        "time=2023-11-14T22:13:20.123Z level=warning component=shard msg=\"a \\\"b\\\"\" n=3 text=\"two words\" bare=x "
        "evil=\"a\\nlevel=error\" empty=\"\"");
  Line named = kLine;
  named.process = "shard-1";
  CHECK(FormatLogfmt(named, {}).find(" process=shard-1 component=shard") != std::string::npos);
}

TEST_CASE("JSON lines", "[log]") {
  CHECK(FormatJson(kLine,
                   {{"n", 3}, {"ok", true}, {"text", "a\x01\n"}, {"inf", std::numeric_limits<double>::infinity()}}) ==
        "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"warning\",\"component\":\"shard\",\"msg\":\"a "
        "\\\"b\\\"\",\"n\":3,"
        "\"ok\":true,\"text\":\"a\\u0001\\n\",\"inf\":\"inf\"}");
}

TEST_CASE("The level can change at run time", "[log]") {
  CHECK_FALSE(Enabled(Level::kDebug));
  Init({.level = Level::kDebug});
  CHECK(Enabled(Level::kDebug));
  Init({.level = Level::kError});
  CHECK_FALSE(Enabled(Level::kWarning));
  Init({});
}

}  // namespace
}  // namespace atoll::log
