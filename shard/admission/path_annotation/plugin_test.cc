#include "shard/admission/path_annotation/plugin.h"

#include <catch2/catch.hpp>

#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

constexpr char kBare[] = R"({"metadata":{"name":"x"}})";
constexpr char kWrong[] = R"({"metadata":{"name":"x","annotations":{"kcp.io/path":"root:elsewhere"}}})";

std::string PathOf(const Outcome& out) { return std::string(api::Annotation(out.object, api::kPathAnnotation)); }

TEST_CASE("PathAnnotation writes the canonical path on what is found by path", "[admission]") {
  World world;
  auto plugin = NewPathAnnotation(&world.clusters);
  struct Case {
    const char* resource;
    const char* object;
    const char* cluster;
    const char* path;
  };
  const Case cases[] = {
      {"apiexports.apis.kcp.io", kBare, "org", "root:org"},
      {"apiexports.apis.kcp.io", kWrong, "org", "root:org"},
      {"apibindings.apis.kcp.io", kBare, "org", "root:org"},
      {"workspacetypes.tenancy.kcp.io", kBare, "root", "root"},
      {"clustercachedresources.cache.kcp.io", kBare, "org", "root:org"},
      {"apiexports.apis.kcp.io", kBare, "going", "going"},  // no path: the id
      {"configmaps", kBare, "org", ""},
      {"configmaps", kWrong, "org", "root:org"},
      {"logicalclusters.core.kcp.io", kBare, "org", ""},
      {"logicalclusters.core.kcp.io", kWrong, "org", "root:elsewhere"},
  };
  for (const Case& c : cases) {
    for (Operation operation : {Operation::kCreate, Operation::kUpdate}) {
      CAPTURE(c.resource, c.object, c.cluster);
      const Outcome out = Run(*plugin, {.operation = operation,
                                        .resource = c.resource,
                                        .object = c.object,
                                        .old_object = operation == Operation::kUpdate ? kBare : "",
                                        .cluster = c.cluster});
      CHECK(out.message() == "");
      CHECK(PathOf(out) == c.path);
    }
  }
}

TEST_CASE("PathAnnotation leaves status updates and deletions alone", "[admission]") {
  World world;
  auto plugin = NewPathAnnotation(&world.clusters);
  CHECK(PathOf(Run(*plugin, {.operation = Operation::kUpdate,
                             .resource = "apiexports.apis.kcp.io",
                             .object = kBare,
                             .old_object = kBare,
                             .subresource = "status"})) == "");
  CHECK(Run(*plugin, {.operation = Operation::kDelete, .resource = "apiexports.apis.kcp.io", .old_object = kBare})
            .message() == "");
}

TEST_CASE("PathAnnotation refuses what needs a path where there is no logical cluster", "[admission]") {
  World world;
  auto plugin = NewPathAnnotation(&world.clusters);
  struct Case {
    const char* resource;
    const char* object;
    const char* message;
  };
  const Case cases[] = {
      {"apiexports.apis.kcp.io", kBare,
       R"(apiexports.apis.kcp.io "x" is forbidden: cannot get this workspace: logicalclusters.core.kcp.io "cluster" not found)"},
      {"configmaps", kWrong,
       R"(configmaps "x" is forbidden: cannot get this workspace: logicalclusters.core.kcp.io "cluster" not found)"},
      {"configmaps", kBare, ""},
      {"apibindings.apis.kcp.io", kBare, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.resource);
    CHECK(Run(*plugin, {.resource = c.resource, .object = c.object, .cluster = "unknown"}).message() == c.message);
  }
}

}  // namespace
}  // namespace atoll::admission::testing
