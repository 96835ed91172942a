#include "shard/admission/workspace_type_exists/plugin.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"

namespace atoll::admission {
namespace {

tenancy::TypePtr Type(const char* path, const char* name, const char* spec = "{}") {
  auto t = std::make_shared<tenancy::WorkspaceType>();
  t->cluster = RootCluster();
  t->path = path;
  t->name = name;
  t->spec = *json::Parse(spec);
  return t;
}

using Strings = std::vector<std::string>;

TEST_CASE("parent and child types limit each other", "[admission]") {
  const auto universal = Type("root", "universal");
  const auto organization =
      Type("root", "organization", R"({"limitAllowedChildren":{"types":[{"name":"universal","path":"root"}]},
                                                             "limitAllowedParents":{"types":[{"name":"root","path":"root"}]}})");
  const auto project =
      Type("root:x", "project", R"({"limitAllowedParents":{"types":[{"name":"organization","path":"root"}]}})");
  const auto lonely =
      Type("root", "lonely", R"({"limitAllowedParents":{"none":true},"limitAllowedChildren":{"none":true}})");
  const auto other = Type("root", "other");

  CHECK(LimitViolations({universal, organization}, {universal, project}).empty());
  CHECK(LimitViolations({universal}, {universal, project}) ==
        Strings{"workspace type root:x:project only allows [root:organization] parent workspaces, but parent type "
                "root:universal only implements [root:universal]"});
  CHECK(LimitViolations({universal, organization}, {universal, organization}) ==
        Strings{"workspace type root:organization only allows [root:root] parent workspaces, but parent type "
                "root:organization only implements "
                "[root:organization root:universal]"});
  CHECK(LimitViolations({universal, organization}, {other}) ==
        Strings{"workspace type root:organization only allows [root:universal] child workspaces, but child type "
                "root:other only implements [root:other]"});
  CHECK(LimitViolations({universal}, {lonely}) == Strings{"workspace type root:lonely cannot have any parent"});
  CHECK(LimitViolations({lonely}, {universal}) == Strings{"workspace type root:lonely cannot have any child"});
  // A limit of a base counts for what extends it.
  const auto derived = Type("root", "derived");
  CHECK(LimitViolations({universal}, {project, derived}) ==
        Strings{"workspace type root:derived extends root:x:project, which only allows [root:organization] parent "
                "workspaces, but parent type root:universal only "
                "implements [root:universal]"});
}

}  // namespace
}  // namespace atoll::admission
