#include "shard/controllers/workspace_type/urls.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/json/write.h"

namespace atoll::controllers {
namespace {

TEST_CASE("a type's virtual workspaces are those of all shards", "[controllers]") {
  json::Value type = json::Value::MakeObject();
  const absl::Time then = absl::FromUnixSeconds(100), now = absl::FromUnixSeconds(200);
  tenancy::ShardInfo a, b, silent;
  a.virtual_workspace_url = "https://a";
  b.virtual_workspace_url = "https://b";
  REQUIRE(SetVirtualWorkspaces("c1:t", {a}, then, &type));
  CHECK(json::Write(*type.At({"status", "virtualWorkspaces"})) ==
        R"([{"type":"initializing","url":"https://a/services/initializingworkspaces/c1:t"},)"
        R"({"type":"terminating","url":"https://a/services/terminatingworkspaces/c1:t"}])");
  CHECK(api::FindCondition(type, "Ready")->StringAt({"status"}) == "True");
  CHECK(api::FindCondition(type, "VirtualWorkspaceURLsReady")->StringAt({"status"}) == "True");

  CHECK_FALSE(SetVirtualWorkspaces("c1:t", {a, silent}, now, &type));
  CHECK(SetVirtualWorkspaces("c1:t", {a, b}, now, &type));
  CHECK(type.At({"status", "virtualWorkspaces"})->array().size() == 4);
  CHECK(api::FindCondition(type, "Ready")->StringAt({"lastTransitionTime"}) == api::FormatTime(then));
}

}  // namespace
}  // namespace atoll::controllers
