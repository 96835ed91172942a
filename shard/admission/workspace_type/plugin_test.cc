#include "shard/admission/workspace_type/plugin.h"

#include <catch2/catch.hpp>

#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

constexpr char kResource[] = "workspacetypes.tenancy.kcp.io";

std::string Type(std::string_view spec, std::string_view name = "t") {
  return R"({"metadata":{"name":")" + std::string(name) + R"("},"spec":)" + std::string(spec) + "}";
}
std::string Refused(std::string_view why, std::string_view name = "t") {
  if (why.empty()) return "";
  return R"(workspacetypes.tenancy.kcp.io ")" + std::string(name) + R"(" is forbidden: )" + std::string(why);
}

TEST_CASE("WorkspaceType: names that are taken", "[admission]") {
  World world;
  auto plugin = NewWorkspaceType(&world.clusters, &world.authorizer);
  struct Case {
    const char *name, *cluster, *why;
  };
  const Case cases[] = {
      {"system", "org", R"(metadata.name: Invalid value: "system": name is reserved)"},
      {"any", "root", R"(metadata.name: Invalid value: "any": name is reserved)"},
      {"root", "org", "root workspace type can only be created in root cluster"},
      {"root", "root", ""},
      {"anything", "org", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name, c.cluster);
    const Outcome out = Run(*plugin, {.resource = kResource, .object = Type("{}", c.name), .cluster = c.cluster});
    CHECK(out.message() == Refused(c.why, c.name));
    CHECK(out.code() == (*c.why == '\0' ? 0 : 403));
  }
}

TEST_CASE("WorkspaceType: references carry paths", "[admission]") {
  World world;
  auto plugin = NewWorkspaceType(&world.clusters, &world.authorizer);
  struct Case {
    const char *spec, *why;
  };
  const Case cases[] = {
      {R"({"defaultChildWorkspaceType":{"name":"a"}})", ".spec.defaultChildWorkspaceType.path must be set"},
      {R"({"limitAllowedChildren":{"types":[{"name":"a","path":"root"},{"name":"b"}]}})",
       ".spec.limitAllowedChildren.types[1].path must be set"},
      {R"({"limitAllowedParents":{"types":[{"name":"a"}]}})", ".spec.limitAllowedParents.types[0].path must be set"},
      {R"({"defaultChildWorkspaceType":{"name":"a","path":"root"},"limitAllowedChildren":{"none":true}})", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.spec);
    CHECK(Run(*plugin, {.resource = kResource, .object = Type(c.spec)}).message() == Refused(c.why));
    CHECK(
        Run(*plugin,
            {.operation = Operation::kUpdate, .resource = kResource, .object = Type(c.spec), .old_object = Type("{}")})
            .message() == Refused(c.why));
  }
}

TEST_CASE("WorkspaceType: who adds a default binding may bind", "[admission]") {
  World world;
  world.authorizer.allowed = {{"alice", "bind", "apiexports", "mine"}};
  auto plugin = NewWorkspaceType(&world.clusters, &world.authorizer);
  constexpr char kMine[] = R"({"defaultAPIBindings":[{"path":"root","export":"mine"}]})";
  constexpr char kTheirs[] = R"({"defaultAPIBindings":[{"path":"root","export":"theirs"}]})";
  struct Case {
    const char *old_spec, *spec;  // old_spec "": a create
    const char *refused, *cluster_asked;
  };
  const Case cases[] = {
      {"", kMine, "", "root"},
      {"", R"({"defaultAPIBindings":[{"export":"mine"}]})", "", "org"},
      {"", R"({"defaultAPIBindings":[{"path":"root:org","export":"mine"}]})", "", "org"},
      {"", kTheirs, "root:theirs", "root"},
      {"", R"({"defaultAPIBindings":[{"export":"theirs"}]})", "org:theirs", "org"},
      {"", R"({"defaultAPIBindings":[{"path":"root:nowhere","export":"mine"}]})", "root:nowhere:mine", ""},
      {"{}", kTheirs, "root:theirs", "root"},
      {kTheirs, kTheirs, "", ""},  // was there before
      {kMine, R"({"defaultAPIBindings":[{"path":"root","export":"mine"},{"path":"root","export":"theirs"}]})",
       "root:theirs", "root"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.old_spec, c.spec);
    world.authorizer.clusters_asked.clear();
    const bool create = *c.old_spec == '\0';
    const Outcome out = Run(*plugin, {.operation = create ? Operation::kCreate : Operation::kUpdate,
                                      .resource = kResource,
                                      .object = Type(c.spec),
                                      .old_object = create ? "" : Type(c.old_spec)});
    CHECK(out.message() == (*c.refused == '\0'
                                ? ""
                                : Refused("unable to create or update WorkspaceType: no permission to bind to export " +
                                          std::string(c.refused))));
    CHECK(world.authorizer.clusters_asked ==
          (*c.cluster_asked == '\0' ? std::vector<std::string>{} : std::vector<std::string>{c.cluster_asked}));
  }
}

TEST_CASE("WorkspaceType: deletions and other resources pass", "[admission]") {
  World world;
  auto plugin = NewWorkspaceType(&world.clusters, &world.authorizer);
  CHECK(Run(*plugin, {.operation = Operation::kDelete, .resource = kResource, .old_object = Type("{}", "root")})
            .status.ok());
  CHECK(Run(*plugin, {.resource = "configmaps", .object = R"({"metadata":{"name":"system"}})"}).status.ok());
}

}  // namespace
}  // namespace atoll::admission::testing
