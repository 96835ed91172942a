#include "common/auth/identity_headers.h"

#include <catch2/catch.hpp>

#include "common/base/random.h"

namespace atoll::auth {
namespace {

std::vector<std::string> Names(const http::Headers& headers) {
  std::vector<std::string> out;
  for (const auto& [name, value] : headers.fields()) out.push_back(name);
  return out;
}

TEST_CASE("GHSA-c8w2-fgvx-vhv4: every spelling of an identity header is recognized") {
  const char* const spellings[] = {
      "x-remote-user",
      "X-Remote-User",
      "X-REMOTE-USER",
      "x_remote_user",
      "X-Remote_User",
      "x.remote.user",
      "x-remote-group",
      "X_REMOTE_GROUP",
      "x-remote-uid",
      "x-remote-extra-scopes",
      "x_remote_extra_scopes",
      "x-remote-extra-a%2fb",
      "x%2dremote%2duser",
      "x%2Dremote-user",
      "x-remote%2dextra-a",
      "%78-remote-user",
      "x%252dremote-user",
      " x-remote-user",
      "x-remote-user\t",
      "x-remote-extra-",
      "X-Remote-Extra-Authentication.kcp.io%2fScopes",
      "%2525252525252525252525252578-remote-user",
  };
  for (const char* name : spellings) {
    CAPTURE(name);
    CHECK(IsIdentityHeader(name));
  }
}

TEST_CASE("other headers are left alone") {
  for (const char* name : {"authorization", "x-remote", "x-remote-addr", "x-remote-users", "xremoteuser",
                           "impersonate-user", "x-forwarded-for", "x-remote-extr", "user", "x-100%", "%zz"}) {
    CAPTURE(name);
    CHECK_FALSE(IsIdentityHeader(name));
  }
}

TEST_CASE("configured names are identity headers too") {
  IdentityHeaderNames names;
  names.user = {"X-Gateway-User"};
  names.extra_prefix = {"X-Gateway-Meta-"};
  CHECK(IsIdentityHeader("x_gateway_user", names));
  CHECK(IsIdentityHeader("X-GATEWAY-META-a", names));
  CHECK(IsIdentityHeader("x-remote-user", names));
}

TEST_CASE("stamping replaces what the client sent") {
  http::Headers headers;
  headers.Add("accept", "*/*");
  headers.Add("X-Remote-User", "root");
  headers.Add("x_remote_group", "system:masters");
  headers.Add("X-Remote-Extra-Authorization.kcp.io%2fWarrant", "{}");
  headers.Add("x-remote-uid", "0");
  User user{.name = "alice",
            .uid = "",
            .groups = {"devs", "system:masters", "system:kcp:initializer:x", "system:authenticated"},
            .extra = {}};
  user.extra["authentication.kcp.io/scopes"] = {"cluster:a", "cluster:a,cluster:b"};
  StampIdentityHeaders(user, DefaultGroupFilter(), &headers);
  CHECK(headers.Get("accept") == "*/*");
  CHECK_FALSE(headers.Has("x_remote_group"));
  CHECK_FALSE(headers.Has("x-remote-uid"));
  const User read = ReadIdentityHeaders(headers);
  CHECK(read.name == "alice");
  CHECK(read.groups == std::vector<std::string>{"devs", "system:authenticated"});
  CHECK(read.extra == user.extra);
}

TEST_CASE("a value cannot forge header lines") {
  http::Headers headers;
  StampIdentityHeaders({.name = "a\r\nx-remote-group: system:masters", .uid = "", .groups = {"g\n"}, .extra = {}}, {},
                       &headers);
  CHECK(Names(headers).empty());
}

TEST_CASE("group filter: drop wins, prefixes match") {
  const GroupFilter filter{.pass_on = {"team:*", "ops"}, .drop = {"team:root*"}};
  CHECK(filter.Passes("team:a"));
  CHECK(filter.Passes("ops"));
  CHECK_FALSE(filter.Passes("ops2"));
  CHECK_FALSE(filter.Passes("team:root-x"));
  CHECK(GroupFilter{}.Passes("anything"));
}

// Whatever is mutated into the names, nothing a reader would take for an identity survives the stripping.
TEST_CASE("GHSA-c8w2-fgvx-vhv4: random spellings never survive stripping") {
  SeededRandom random(7);
  const std::string_view bases[] = {"x-remote-user", "x-remote-group", "x-remote-uid", "x-remote-extra-key"};
  for (int i = 0; i < 20'000; ++i) {
    const std::string_view base = bases[random.Below(4)];
    std::string name;
    for (char c : base) {
      switch (random.Below(6)) {
        case 0:
          name.push_back(static_cast<char>(toupper(c)));
          break;
        case 1: {
          constexpr char kHex[] = "0123456789abcdef";
          name += {'%', kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 15]};
          break;
        }
        case 2:
          name.push_back(c == '-' ? '_' : c);
          break;
        default:
          name.push_back(c);
      }
    }
    http::Headers headers;
    headers.Add(name, "root");
    StripIdentityHeaders(&headers);
    INFO(name);
    REQUIRE(headers.fields().empty());
  }
}

}  // namespace
}  // namespace atoll::auth
