#include <catch2/catch.hpp>

#include "front-proxy/server/server.h"

namespace atoll::front_proxy {
namespace {

TEST_CASE("ParseShardUrl", "[front-proxy]") {
  struct Case {
    const char* url;
    bool ok;
    const char* host;
    int port;
  };
  const Case cases[] = {
      {"https://s1.example:6444", true, "s1.example", 6444},
      {"https://s1.example", true, "s1.example", 443},
      {"https://[::1]:6444/", true, "::1", 6444},
      {"https://127.0.0.1:1/x?y", true, "127.0.0.1", 1},
      {"http://s1.example", false, "", 0},
      {"https://", false, "", 0},
      {"https://a:99999", false, "", 0},
      {"https://a:b", false, "", 0},
      {"https://user@a:1", false, "", 0},
      {"https://[::1", false, "", 0},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.url) {
      http::Origin origin;
      REQUIRE(ParseShardUrl(c.url, &origin) == c.ok);
      if (!c.ok) continue;
      CHECK(origin.host == c.host);
      CHECK(origin.port == c.port);
    }
  }
}

TEST_CASE("ParseShardFlag", "[front-proxy]") {
  std::map<std::string, ShardAddress> shards;
  REQUIRE(ParseShardFlag("s1=https://s1:6444,s1:6445", &shards).ok());
  CHECK(shards["s1"] == ShardAddress{.base_url = "https://s1:6444", .rpc_address = "s1:6445"});
  for (const char* bad :
       {"", "s1", "=https://s1,r:1", "s1=https://s1", "s1=https://s1,", "s1=http://s1,r:1", "s1,https://s1=r:1"}) {
    CHECK(absl::IsInvalidArgument(ParseShardFlag(bad, &shards)));
  }
}

}  // namespace
}  // namespace atoll::front_proxy
