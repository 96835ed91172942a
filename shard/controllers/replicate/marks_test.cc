#include "shard/controllers/replicate/marks.h"

#include <catch2/catch.hpp>

#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/json/parse.h"

namespace atoll::controllers {
namespace {

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

std::string Joined(const Words& words) { return StrJoin(std::vector<std::string>(words.begin(), words.end()), ","); }

json::Value Role(std::string_view name, std::string_view rule, std::string_view mark = "") {
  return Json(StrCat(R"({"metadata":{"name":")", name, "\"",
                     mark.empty() ? "" : StrCat(R"(,"annotations":{"internal.kcp.io/replicate":")", mark, "\"}"),
                     R"(},"rules":[)", rule, "]}"));
}

json::Value Binding(std::string_view name, std::string_view role, std::string_view subject = "g") {
  return Json(StrCat(R"({"metadata":{"name":")", name,
                     R"("},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":")", role,
                     R"("},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":")", subject,
                     R"("}]})"));
}

constexpr char kUse[] = R"({"apiGroups":["tenancy.kcp.io"],"resources":["workspacetypes"],"verbs":["use"]})";
constexpr char kAccess[] = R"({"nonResourceURLs":["/"],"verbs":["access"]})";
constexpr char kPlain[] = R"({"apiGroups":[""],"resources":["configmaps"],"verbs":["*"]})";
constexpr char kAll[] =
    R"({"apiGroups":["*"],"resources":["*"],"verbs":["*"]},{"nonResourceURLs":["*"],"verbs":["*"]})";

std::map<std::string, std::string> ByName(const std::vector<MarkChange>& changes) {
  std::map<std::string, std::string> out;
  for (const MarkChange& c : changes)
    out[StrCat(c.kind == MarkChange::Kind::kRole      ? "role/"
               : c.kind == MarkChange::Kind::kBinding ? "binding/"
                                                      : "",
               c.name)] = c.mark;
  return out;
}

TEST_CASE("marks: the words that rules ask for", "[controllers]") {
  struct Row {
    const char* rule;
    bool replicated;
    const char* words;
  };
  const Row rows[] = {
      {kUse, false, "tenancy.kcp.io"},
      {R"({"apiGroups":["*"],"resources":["workspacetypes"],"verbs":["initialize"]})", false, "tenancy.kcp.io"},
      {R"({"apiGroups":["tenancy.kcp.io"],"resources":["workspacetypes"],"verbs":["get"]})", false, ""},
      {R"({"apiGroups":["tenancy.kcp.io"],"resources":["workspaces"],"verbs":["use"]})", false, ""},
      {R"({"apiGroups":["apis.kcp.io"],"resources":["apiexports"],"verbs":["bind"]})", false, "apis.kcp.io"},
      {R"({"apiGroups":["apis.kcp.io"],"resources":["apiexports"],"verbs":["get"]})", false, ""},
      {R"({"apiGroups":["apis.kcp.io"],"resources":["apiexports/content"],"verbs":["get"]})", false, "apis.kcp.io"},
      {R"({"apiGroups":["apis.kcp.io"],"resources":["*"],"verbs":["get"]})", false, "apis.kcp.io"},
      {kAccess, false, ""},
      {kAccess, true, "core.kcp.io"},
      {R"({"nonResourceURLs":["/*"],"verbs":["*"]})", true, "core.kcp.io"},
      {R"({"nonResourceURLs":["/metrics"],"verbs":["*"]})", true, ""},
      {kAll, false, "apis.kcp.io,tenancy.kcp.io"},
      {kAll, true, "apis.kcp.io,core.kcp.io,tenancy.kcp.io"},
      {kPlain, true, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule, row.replicated);
    CHECK(Joined(WordsOfRules(Role("r", row.rule), row.replicated)) == row.words);
  }
  CHECK(WordsOfRules(Json(R"({"rules":null})"), true).empty());
  CHECK(WordsOfRules(Json(R"({"rules":["x",{"apiGroups":"*"}]})"), true).empty());
}

TEST_CASE("marks: what a restart looks at", "[controllers]") {
  CHECK(MayBeMarked(Role("r", kUse)));
  CHECK_FALSE(MayBeMarked(Role("r", kAccess)));
  CHECK_FALSE(MayBeMarked(Role("r", kPlain)));
  CHECK(MayBeMarked(Binding("b", "cluster-admin")));
  CHECK(MayBeMarked(Binding("b", "plain", "apis.kcp.io:binding:x")));
  CHECK_FALSE(MayBeMarked(Binding("b", "use")));
}

TEST_CASE("marks: words of others stay", "[controllers]") {
  CHECK(MarkWith("", {}) == "");
  CHECK(MarkWith("cache.kcp.io,tenancy.kcp.io", {"apis.kcp.io"}) == "apis.kcp.io,cache.kcp.io");
  CHECK(MarkWith("apis.kcp.io", {}) == "");
}

TEST_CASE("marks: what changes in a cluster", "[controllers]") {
  ClusterMarks c;
  c.logical_cluster = Json(R"({"metadata":{"name":"cluster"}})");
  c.roles = {Role("use", kUse), Role("access", kAccess), Role("plain", kPlain), Role("policy", kPlain),
             Role("was", kPlain, "tenancy.kcp.io")};
  c.bindings = {Binding("use", "use"),     Binding("access", "access"),
                Binding("plain", "plain"), Binding("policy", "policy", "apis.kcp.io:binding:x"),
                Binding("gone", "gone"),   Binding("admin", "cluster-admin")};
  c.shared_roles.emplace("cluster-admin", Role("cluster-admin", kAll));
  CHECK(ByName(MarkChanges(c)) == std::map<std::string, std::string>{{"role/use", "tenancy.kcp.io"},
                                                                     {"role/policy", "apis.kcp.io"},
                                                                     {"role/was", ""},
                                                                     {"binding/use", "tenancy.kcp.io"},
                                                                     {"binding/policy", "apis.kcp.io"},
                                                                     {"binding/admin", "apis.kcp.io,tenancy.kcp.io"}});
  c.has_types = true;
  auto changes = ByName(MarkChanges(c));
  CHECK(changes["cluster"] == "tenancy.kcp.io");
  CHECK(changes["role/access"] == "core.kcp.io");
  CHECK(changes["binding/access"] == "core.kcp.io");
  CHECK(changes["binding/admin"] == "apis.kcp.io,core.kcp.io,tenancy.kcp.io");
  c.roles.push_back(Role("cluster-admin", kPlain));
  CHECK(ByName(MarkChanges(c)).count("binding/admin") == 0);
}

}  // namespace
}  // namespace atoll::controllers
