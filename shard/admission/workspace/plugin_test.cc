#include "shard/admission/workspace/plugin.h"

#include <catch2/catch.hpp>

#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

constexpr char kResource[] = "workspaces.tenancy.kcp.io";
constexpr char kOwner[] = "experimental.tenancy.kcp.io/owner";
constexpr char kGroups[] = "authorization.kcp.io/required-groups";

std::string Workspace(std::string_view spec, std::string_view status = "{}") {
  return R"({"metadata":{"name":"w"},"spec":)" + std::string(spec) + R"(,"status":)" + std::string(status) + "}";
}
std::string Mount(std::string_view ref, std::string_view more = "") {
  return Workspace(R"({"mount":{"ref":)" + std::string(ref) + "}" + std::string(more) + "}");
}
std::string Refused(std::string_view why) {
  return why.empty() ? "" : R"(workspaces.tenancy.kcp.io "w" is forbidden: )" + std::string(why);
}

TEST_CASE("Workspace: its owner is who creates it, unless masters say otherwise", "[admission]") {
  World world;
  auto plugin = NewWorkspace(&world.clusters);
  const std::string named =
      R"({"metadata":{"name":"w","annotations":{"experimental.tenancy.kcp.io/owner":"{\"username\":\"bob\"}"}}})";
  constexpr char kAliceInfo[] = R"({"username":"alice","uid":"u1","groups":["team-a","system:authenticated"]})";
  CHECK(api::Annotation(Run(*plugin, {.resource = kResource, .object = Workspace("{}")}).object, kOwner) == kAliceInfo);
  CHECK(api::Annotation(Run(*plugin, {.resource = kResource, .object = named}).object, kOwner) == kAliceInfo);
  CHECK(api::Annotation(Run(*plugin, {.resource = kResource, .object = named, .user = kMaster}).object, kOwner) ==
        R"({"username":"bob"})");
  CHECK_FALSE(api::HasAnnotation(
      Run(*plugin, {.resource = kResource, .object = Workspace("{}"), .user = kMaster}).object, kOwner));
}

TEST_CASE("Workspace: required groups come from the parent", "[admission]") {
  World world;
  auto plugin = NewWorkspace(&world.clusters);
  const std::string own = R"({"metadata":{"name":"w","annotations":{"authorization.kcp.io/required-groups":"mine"}}})";
  struct Case {
    auth::User user;
    std::string object;
    const char *cluster, *groups;
  };
  const Case cases[] = {
      {kAlice, Workspace("{}"), "org", "team-a"},  {kAlice, own, "org", "team-a"}, {kAlice, own, "root", ""},
      {kMaster, Workspace("{}"), "org", "team-a"}, {kMaster, own, "org", "mine"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.user.name, c.object, c.cluster);
    const Outcome out = Run(*plugin, {.resource = kResource, .object = c.object, .user = c.user, .cluster = c.cluster});
    CHECK(out.message() == "");
    CHECK(api::Annotation(out.object, kGroups) == c.groups);
  }
  CHECK(Run(*plugin, {.resource = kResource, .object = own, .cluster = "unknown"}).message() ==
        Refused(R"(logicalclusters.core.kcp.io "cluster" not found)"));
}

TEST_CASE("Workspace: what may not be set on creation", "[admission]") {
  World world;
  auto plugin = NewWorkspace(&world.clusters);
  constexpr char kRef[] = R"({"apiVersion":"v1","kind":"K","name":"n"})";
  struct Case {
    std::string object;
    const char *why, *for_masters;
  };
  constexpr char kKind[] = "spec.mount.kind must be set", kName[] = "spec.mount.name must be set",
                 kVersion[] = "spec.mount.apiVersion must be set";
  const Case cases[] = {
      {Workspace(R"({"type":{"name":"universal","path":"root"}})"), "", ""},
      {Workspace(R"({"cluster":"c"})"), "spec.Cluster can only be set by system privileged users", ""},
      {Workspace(R"({"URL":"https://u"})"), "spec.URL can only be set by system privileged users", ""},
      {Mount(kRef), "", ""},
      {Mount(R"({"apiVersion":"v1","name":"n"})"), kKind, kKind},
      {Mount(R"({"apiVersion":"v1","kind":"K"})"), kName, kName},
      {Mount(R"({"kind":"K","name":"n"})"), kVersion, kVersion},
      {Workspace(R"({"mount":{}})"), kKind, kKind},
      {Mount(kRef, R"(,"type":{"name":"universal"})"), "spec.type cannot be set for mounted workspaces", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.object);
    const Outcome out = Run(*plugin, {.resource = kResource, .object = c.object});
    CHECK(out.message() == Refused(c.why));
    CHECK(out.code() == (*c.why == '\0' ? 0 : 403));
    CHECK(Run(*plugin, {.resource = kResource, .object = c.object, .user = kMaster}).message() ==
          Refused(c.for_masters));
  }
}

TEST_CASE("Workspace: what may not change", "[admission]") {
  World world;
  auto plugin = NewWorkspace(&world.clusters);
  constexpr char kUnset[] = "spec.cluster cannot be unset", kType[] = "spec.type is immutable";
  constexpr char kCluster[] = "spec.cluster must be set for phase Ready",
                 kUrl[] = "spec.URL must be set for phase Ready";
  const std::string mount = Mount(R"({"apiVersion":"v1","kind":"K","name":"n","namespace":"d"})");
  const std::string typed = R"(,"type":{"name":"universal"})";
  const std::string typed_mount = Mount(R"({"apiVersion":"v1","kind":"K","name":"n","namespace":"d"})", typed);
  struct Case {
    std::string old_object, object;
    const char *why, *for_masters;
  };
  const Case cases[] = {
      {Workspace("{}"), Workspace("{}"), "", ""},
      {Workspace(R"({"cluster":"c"})"), Workspace("{}"), kUnset, kUnset},
      {Workspace(R"({"cluster":"c"})"), Workspace(R"({"cluster":"d"})"),
       "spec.cluster can only be changed by system privileged users", ""},
      {Workspace("{}"), Workspace(R"({"cluster":"d"})"), "spec.cluster can only be changed by system privileged users",
       ""},
      {Workspace("{}"), Workspace(R"({"URL":"https://u"})"), "spec.URL can only be changed by system privileged users",
       ""},
      {Workspace(R"({"type":{"name":"a"}})"), Workspace(R"({"type":{"name":"b"}})"), kType, kType},
      {Workspace("{}"), Workspace("{}", R"({"phase":"Ready"})"), kCluster, kCluster},
      {Workspace(R"({"cluster":"c"})"), Workspace(R"({"cluster":"c"})", R"({"phase":"Ready"})"), kUrl, kUrl},
      {Workspace(R"({"cluster":"c","URL":"https://u"})"),
       Workspace(R"({"cluster":"c","URL":"https://u"})", R"({"phase":"Ready"})"), "", ""},
      {Workspace("{}", R"({"phase":"Ready"})"), Workspace("{}", R"({"phase":"Ready"})"), "", ""},

      {mount, mount, "", ""},
      {mount, Mount(R"({"apiVersion":"v1","kind":"L","name":"n","namespace":"d"})"), "spec.mount.kind is immutable",
       "spec.mount.kind is immutable"},
      {mount, Mount(R"({"apiVersion":"v1","kind":"K","name":"m","namespace":"d"})"), "spec.mount.name is immutable",
       "spec.mount.name is immutable"},
      {mount, Mount(R"({"apiVersion":"v1","kind":"K","name":"n"})"), "spec.mount.namespace is immutable",
       "spec.mount.namespace is immutable"},
      {mount, Mount(R"({"apiVersion":"v2","kind":"K","name":"n","namespace":"d"})"),
       "spec.mount.apiVersion is immutable", "spec.mount.apiVersion is immutable"},
      {mount, typed_mount, "spec.type cannot be set for mounted workspaces", ""},
      {typed_mount, typed_mount, "spec.type cannot be set for mounted workspaces", ""},
      {typed_mount, mount, kType, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.old_object, c.object);
    Write write{.operation = Operation::kUpdate, .resource = kResource, .object = c.object, .old_object = c.old_object};
    CHECK(Run(*plugin, write).message() == Refused(c.why));
    write.user = kMaster;
    CHECK(Run(*plugin, write).message() == Refused(c.for_masters));
  }
  CHECK(Run(*plugin, {.operation = Operation::kDelete, .resource = kResource, .old_object = mount}).status.ok());
}

}  // namespace
}  // namespace atoll::admission::testing
