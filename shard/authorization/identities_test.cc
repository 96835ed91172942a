#include "shard/authorization/identities.h"

#include <catch2/catch.hpp>

namespace atoll::authorization {
namespace {

using Extra = std::map<std::string, std::vector<std::string>>;
const std::string kScopes = "authentication.kcp.io/scopes", kHome = "authentication.kcp.io/cluster-name",
                  kWarrant = "authorization.kcp.io/warrant";

std::vector<std::string> Names(const auth::User& user, const char* cluster = "c1") {
  std::vector<std::string> out;
  for (const Identity& identity : EffectiveIdentities(user, LogicalClusterId(cluster))) {
    std::string line = identity.name + "[";
    for (const std::string& group : identity.groups) line += (line.back() == '[' ? "" : ",") + group;
    out.push_back(line + "]");
  }
  return out;
}

TEST_CASE("effective identities") {
  const std::vector<std::string> authenticated = {"system:authenticated"};
  using Lines = std::vector<std::string>;
  const struct {
    const char* what;
    auth::User user;
    Lines want;
  } cases[] = {
      {"plain", {"alice", "", {"g"}, {}}, {"alice[g]"}},
      {"in scope",
       {"alice", "", authenticated, Extra{{kScopes, {"cluster:c1,cluster:y"}}}},
       {"alice[system:authenticated]"}},
      {"out of scope",
       {"alice", "", authenticated, Extra{{kScopes, {"cluster:y"}}}},
       {"system:anonymous[system:authenticated,system:cluster:y]"}},
      {"scopes are intersected",
       {"alice", "", authenticated, Extra{{kScopes, {"cluster:c1,cluster:y", "cluster:y,cluster:z"}}}},
       {"system:anonymous[system:authenticated,system:cluster:y]"}},
      {"out of scope, not authenticated",
       {"alice", "", {}, Extra{{kScopes, {"cluster:y"}}}},
       {"system:anonymous[system:unauthenticated]"}},
      {"local service account without home",
       {"system:serviceaccount:n:a", "", {}, {}},
       {"system:serviceaccount:n:a[]"}},
      {"local service account",
       {"system:serviceaccount:n:a", "", authenticated, Extra{{kHome, {"c1"}}, {kScopes, {"cluster:c1"}}}},
       {"system:serviceaccount:n:a[system:authenticated]",
        "system:kcp:serviceaccount:c1:n:a[system:authenticated,system:cluster:c1]"}},
      {"foreign service account",
       {"system:serviceaccount:n:a",
        "",
        {"system:authenticated", "system:serviceaccounts"},
        Extra{{kHome, {"y"}}, {kScopes, {"cluster:y"}}}},
       {"system:kcp:serviceaccount:y:n:a[system:authenticated,system:cluster:y]",
        "system:anonymous[system:authenticated,system:cluster:y]"}},
      {"two homes",
       {"system:serviceaccount:n:a", "", authenticated, Extra{{kHome, {"c1", "y"}}}},
       {"system:anonymous[system:authenticated]"}},
      {"warrant", {"alice", "", {}, Extra{{kWarrant, {R"({"user":"bob","groups":["h"]})"}}}}, {"alice[]", "bob[h]"}},
      {"scoped warrant",
       {"alice",
        "",
        {},
        Extra{{kWarrant, {R"({"user":"bob","extra":{"authentication.kcp.io/scopes":["cluster:c1"]}})"}}}},
       {"alice[]", "bob[system:cluster:c1]"}},
      {"warrant out of scope",
       {"alice",
        "",
        {},
        Extra{{kWarrant, {R"({"user":"bob","extra":{"authentication.kcp.io/scopes":["cluster:y"]}})"}}}},
       {"alice[]", "system:anonymous[system:unauthenticated]"}},
      {"broken warrant", {"alice", "", {}, Extra{{kWarrant, {"{", "[]"}}}}, {"alice[]"}},
      {"service account warrant without home",
       {"alice", "", {}, Extra{{kWarrant, {R"({"user":"system:serviceaccount:n:a"})"}}}},
       {"alice[]"}},
      {"nested warrant",
       {"alice",
        "",
        {},
        Extra{{kWarrant, {R"({"user":"bob","extra":{"authorization.kcp.io/warrant":["{\"user\":\"carol\"}"]}})"}}}},
       {"alice[]", "bob[]", "carol[]"}},
      {"scope prefix is no scope",
       {"alice", "", authenticated, Extra{{kScopes, {"cluster:c1x"}}}},
       {"system:anonymous[system:authenticated,system:cluster:c1x]"}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.what);
    CHECK(Names(c.user) == c.want);
  }
}

TEST_CASE("many warrants are bounded") {
  auth::User user{"alice", "", {}, {}};
  for (int i = 0; i < 1000; ++i) user.extra[kWarrant].push_back(R"({"user":"bob"})");
  CHECK(EffectiveIdentities(user, LogicalClusterId("c1")).size() == kIdentitiesMax);
}

TEST_CASE("prefixed users") {
  const std::string p(kBindingPrefix);
  auth::User user = PrefixedUser({"alice", "u", {"g"}, Extra{{kWarrant, {R"({"user":"bob","groups":["h"]})"}}}});
  CHECK(user.name == p + "alice");
  CHECK(user.groups == std::vector<std::string>{p + "g"});
  CHECK(Names(user) == std::vector<std::string>{p + "alice[" + p + "g]", p + "bob[" + p + "h]"});
  CHECK(PrefixedUser({"system:serviceaccount:n:a", "", {}, Extra{{kHome, {"y"}}}}).name ==
        p + "system:kcp:serviceaccount:y:n:a");
  CHECK(PrefixedUser({"system:serviceaccount:n:a", "", {"system:authenticated"}, {}}).name == p + "system:anonymous");
}

}  // namespace
}  // namespace atoll::authorization
