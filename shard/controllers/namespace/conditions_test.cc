#include "shard/controllers/namespace/conditions.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"

namespace atoll::controllers {
namespace {

std::string_view Message(const json::Value& ns, std::string_view type) {
  const json::Value* c = api::FindCondition(ns, type);
  return c == nullptr ? "" : c->StringAt({"message"});
}

TEST_CASE("conditions of a namespace that goes", "[controllers]") {
  json::Value ns = json::Value::MakeObject();
  const absl::Time then = absl::FromUnixSeconds(100), now = absl::FromUnixSeconds(200);
  REQUIRE(SetDeletionConditions(&ns, {{{"configmaps", 2}}, {{"x/y", 1}}}, then));
  CHECK(Message(ns, "NamespaceContentRemaining") ==
        "Some resources are remaining: configmaps has 2 resource instances");
  CHECK(Message(ns, "NamespaceFinalizersRemaining") ==
        "Some content in the namespace has finalizers remaining: x/y in 1 resource instances");
  CHECK(ns.At({"status", "conditions"})->array().size() == 5);
  CHECK_FALSE(SetDeletionConditions(&ns, {{{"configmaps", 2}}, {{"x/y", 1}}}, now));
  REQUIRE(SetDeletionConditions(&ns, {}, now));
  CHECK(Message(ns, "NamespaceContentRemaining") == "All content successfully removed");
  CHECK(api::FindCondition(ns, "NamespaceContentRemaining")->StringAt({"lastTransitionTime"}) == api::FormatTime(now));
  CHECK(api::FindCondition(ns, "NamespaceDeletionContentFailure")->StringAt({"lastTransitionTime"}) ==
        api::FormatTime(then));
}

}  // namespace
}  // namespace atoll::controllers
