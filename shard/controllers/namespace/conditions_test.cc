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
  REQUIRE(SetDeletionConditions(&ns, {{{"configmaps", 2}, {"widgets.example.com", 1}}, {{"x/y", 1}}}, absl::OkStatus(),
                                then));
  CHECK(Message(ns, "NamespaceContentRemaining") ==
        "Some resources are remaining: configmaps. has 2 resource instances, widgets.example.com has 1 resource "
        "instances");
  CHECK(Message(ns, "NamespaceFinalizersRemaining") ==
        "Some content in the namespace has finalizers remaining: x/y in 1 resource instances");
  CHECK(ns.At({"status", "conditions"})->array().size() == 5);
  CHECK_FALSE(SetDeletionConditions(&ns, {{{"configmaps", 2}, {"widgets.example.com", 1}}, {{"x/y", 1}}},
                                    absl::OkStatus(), now));
  REQUIRE(SetDeletionConditions(&ns, {}, absl::OkStatus(), now));
  CHECK(Message(ns, "NamespaceContentRemaining") == "All content successfully removed");
  CHECK(api::FindCondition(ns, "NamespaceContentRemaining")->StringAt({"lastTransitionTime"}) == api::FormatTime(now));
  CHECK(api::FindCondition(ns, "NamespaceDeletionContentFailure")->StringAt({"lastTransitionTime"}) ==
        api::FormatTime(then));
}

TEST_CASE("a namespace whose content cannot be deleted says so", "[controllers]") {
  json::Value ns = json::Value::MakeObject();
  REQUIRE(SetDeletionConditions(&ns, {}, absl::UnavailableError("no disk"), absl::FromUnixSeconds(100)));
  const json::Value* failed = api::FindCondition(ns, "NamespaceDeletionContentFailure");
  REQUIRE(failed != nullptr);
  CHECK(failed->StringAt({"status"}) == "True");
  CHECK(failed->StringAt({"reason"}) == "ContentDeletionFailed");
  CHECK(failed->StringAt({"message"}) == "Failed to delete all resource types, 1 remaining: no disk");
  CHECK(api::FindCondition(ns, "NamespaceContentRemaining") == nullptr);
}

TEST_CASE("a namespace that is held is looked at less and less often", "[controllers]") {
  CHECK(LookAgainAfter(absl::ZeroDuration()) == absl::Milliseconds(100));
  CHECK(LookAgainAfter(absl::Seconds(8)) == absl::Seconds(2));
  CHECK(LookAgainAfter(absl::Hours(8)) == absl::Seconds(10));
}

}  // namespace
}  // namespace atoll::controllers
