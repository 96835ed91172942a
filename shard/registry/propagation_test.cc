#include "shard/registry/propagation.h"

#include <optional>

#include <catch2/catch.hpp>

#include "common/json/write.h"
#include "shard/registry/registry_testing.h"

namespace atoll::registry {
namespace {

using Names = std::vector<std::string>;

class MarkedFirst final : public Strategy {
 public:
  bool IsMarkedFirst() const override { return true; }
};

json::Value With(const Names& finalizers) {
  json::Value object = json::Value::MakeObject();
  json::Array list(finalizers.begin(), finalizers.end());
  object.Ensure({"metadata", "finalizers"}) = std::move(list);
  return object;
}

TEST_CASE("finalizers after a deletion", "[registry]") {
  struct Case {
    Names before;
    std::string policy;
    std::optional<bool> orphan_dependents;
    Names after;
  };
  const std::vector<Case> cases = {
      {{}, "", {}, {}},
      {{}, "Background", {}, {}},
      {{}, "Foreground", {}, {"foregroundDeletion"}},
      {{}, "Orphan", {}, {"orphan"}},
      {{}, "", true, {"orphan"}},
      {{}, "", false, {}},
      {{"x/y"}, "Foreground", {}, {"x/y", "foregroundDeletion"}},
      // Without a policy the object's own word stands; a policy overrides it.
      {{"orphan", "x/y"}, "", {}, {"orphan", "x/y"}},
      {{"foregroundDeletion"}, "", {}, {"foregroundDeletion"}},
      {{"orphan", "x/y"}, "Background", {}, {"x/y"}},
      {{"orphan", "x/y"}, "", false, {"x/y"}},
      {{"orphan", "x/y"}, "Foreground", {}, {"x/y", "foregroundDeletion"}},
      {{"foregroundDeletion", "x/y"}, "Foreground", {}, {"foregroundDeletion", "x/y"}},
      {{"foregroundDeletion"}, "Orphan", {}, {"orphan"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.before, c.policy);
    DeleteOptions options;
    options.propagation_policy = c.policy;
    options.orphan_dependents = c.orphan_dependents;
    CHECK(FinalizersAfterDelete(*testing::ConfigMaps(), With(c.before), options) == c.after);
  }
}

TEST_CASE("events take no part, namespaces read the old option in their own way", "[registry]") {
  const auto events = testing::ConfigMaps();
  events->gvr.resource = "events";
  CHECK(FinalizersAfterDelete(*events, With({"x/y"}), {.propagation_policy = "Orphan"}) == Names{"x/y"});
  events->gvr = {"events.k8s.io", "v1", "events"};
  events->stored_as = {"", "events"};
  CHECK(FinalizersAfterDelete(*events, With({}), {.propagation_policy = "Foreground"}).empty());

  const auto namespaces = testing::ConfigMaps();
  namespaces->strategy = std::make_shared<MarkedFirst>();
  CHECK(FinalizersAfterDelete(*namespaces, With({}), {.orphan_dependents = false}) == Names{"foregroundDeletion"});
}

}  // namespace
}  // namespace atoll::registry
