#include "shard/admission/reserved_definitions/plugin.h"

#include <catch2/catch.hpp>

#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

TEST_CASE("definitions in the group of bindings, or with annotations of it, are the system's", "[admission]") {
  World world;
  auto plugin = NewReservedDefinitions();
  struct Case {
    const char *object, *cluster, *message;
  };
  const Case cases[] = {
      {R"({"metadata":{"name":"a.example.dev"},"spec":{"group":"example.dev"}})", "org", ""},
      {R"({"metadata":{"name":"a.example.dev","annotations":{"example.dev/apis.kcp.io":""}},"spec":{"group":"example.dev"}})",
       "org", ""},
      {R"({"metadata":{"name":"a.example.dev","annotations":{"apis.kcp.io/bound-crd":""}},"spec":{"group":"example.dev"}})",
       "org",
       "customresourcedefinitions.apiextensions.k8s.io \"a.example.dev\" is forbidden: apis.kcp.io/bound-crd is a "
       "reserved "
       "annotation"},
      {R"({"metadata":{"name":"a.example.dev","annotations":{"apis.kcp.io/bound-crd":""}},"spec":{"group":"example.dev"}})",
       "system:bound-crds", ""},
      {R"({"metadata":{"name":"a.example.dev","annotations":{"x.apis.kcp.io/a":"","apis.kcp.io/b":""}},"spec":{}})",
       "org",
       "customresourcedefinitions.apiextensions.k8s.io \"a.example.dev\" is forbidden: [x.apis.kcp.io/a is a reserved "
       "annotation, apis.kcp.io/b is a reserved annotation]"},
      {R"({"metadata":{"name":"a.apis.kcp.io"},"spec":{"group":"apis.kcp.io"}})", "org",
       "customresourcedefinitions.apiextensions.k8s.io \"a.apis.kcp.io\" is forbidden: apis.kcp.io is a reserved "
       "group"},
      {R"({"metadata":{"name":"a.apis.kcp.io"},"spec":{"group":"apis.kcp.io"}})", "system:system-crds", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.object, c.cluster);
    CHECK(Run(*plugin,
              {.resource = "customresourcedefinitions.apiextensions.k8s.io", .object = c.object, .cluster = c.cluster})
              .message() == c.message);
  }
}

}  // namespace
}  // namespace atoll::admission::testing
