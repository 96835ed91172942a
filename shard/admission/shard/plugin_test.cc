#include "shard/admission/shard/plugin.h"

#include <catch2/catch.hpp>

#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

TEST_CASE("Shard: the other URLs follow from the base URL", "[admission]") {
  auto plugin = NewShard();
  struct Case {
    const char *spec, *after;
  };
  const Case cases[] = {
      {R"({"baseURL":"https://a"})",
       R"({"baseURL":"https://a","externalURL":"https://a","virtualWorkspaceURL":"https://a"})"},
      {R"({"baseURL":"https://a","externalURL":"https://b"})",
       R"({"baseURL":"https://a","externalURL":"https://b","virtualWorkspaceURL":"https://a"})"},
      {R"({"baseURL":"https://a","externalURL":"https://b","virtualWorkspaceURL":"https://c"})",
       R"({"baseURL":"https://a","externalURL":"https://b","virtualWorkspaceURL":"https://c"})"},
  };
  for (const Case& c : cases) {
    const std::string object = R"({"metadata":{"name":"s"},"spec":)" + std::string(c.spec) + "}";
    const Outcome out = Run(*plugin, {.resource = "shards.core.kcp.io", .object = object, .cluster = "root"});
    CHECK(out.message() == "");
    CHECK(json::Write(*out.object.Find("spec")) == c.after);
  }
}

TEST_CASE("Shard: no base URL is an error without a reason", "[admission]") {
  auto plugin = NewShard();
  for (const char* object : {R"({"metadata":{"name":"s"}})", R"({"metadata":{"name":"s"},"spec":{"baseURL":""}})",
                             R"({"metadata":{"name":"s"},"spec":{"externalURL":"https://b"}})"}) {
    CAPTURE(object);
    const Outcome out = Run(*plugin, {.resource = "shards.core.kcp.io", .object = object, .cluster = "root"});
    CHECK(out.message() == "spec.baseURL is required");
    CHECK(out.code() == 500);
    CHECK(api::Reason(out.status).empty());
  }
  CHECK(Run(*plugin, {.operation = Operation::kDelete, .resource = "shards.core.kcp.io", .old_object = "{}"})
            .status.ok());
  CHECK(Run(*plugin, {.resource = "configmaps", .object = "{}"}).status.ok());
}

}  // namespace
}  // namespace atoll::admission::testing
