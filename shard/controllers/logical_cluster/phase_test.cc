#include "shard/controllers/logical_cluster/phase.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/json/parse.h"

namespace atoll::controllers {
namespace {

TEST_CASE("phases of a logical cluster", "[controllers]") {
  struct Case {
    const char* name;
    const char* object;
    const char* want;
    bool changed;
  };
  const Case cases[] = {
      {"new", R"({"status":{"initializers":["root:x"]}})", "Initializing", true},
      {"new without initializers", R"({})", "Ready", true},
      {"waits for an initializer", R"({"status":{"phase":"Scheduling","initializers":["root:x"]}})", "Initializing",
       true},
      {"last initializer gone", R"({"status":{"phase":"Initializing","initializers":[]}})", "Ready", true},
      {"ready stays", R"({"status":{"phase":"Ready"}})", "Ready", false},
      {"made inactive", R"({"metadata":{"annotations":{"core.kcp.io/inactive":"true"}},"status":{"phase":"Ready"}})",
       "Inactive", true},
      {"made active", R"({"status":{"phase":"Inactive"}})", "Ready", true},
      {"deleted", R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Ready"}})", "Deleting",
       true},
      {"deleted with terminators",
       R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Ready","terminators":["root:x"]}})",
       "Terminating", true},
      {"deleted while initializing",
       R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Initializing","initializers":["root:x"]}})",
       "Deleting", true},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      json::Value object = *json::Parse(c.object);
      CHECK(NextPhase(&object, absl::FromUnixSeconds(0)) == c.changed);
      CHECK(object.StringAt({"status", "phase"}) == c.want);
      CHECK_FALSE(NextPhase(&object, absl::FromUnixSeconds(1)));  // settled: nothing more to do
    }
  }
}

TEST_CASE("what remains is named with its finalizers", "[controllers]") {
  tenancy::Remaining remaining{{{"configmaps", 2}}, {{"example.dev/hold", 2}}};
  CHECK(RemainingMessage(remaining) ==
        "Some resources are remaining: configmaps has 2 resource instances; Some content in the workspace has "
        "finalizers remaining: "
        "example.dev/hold in 2 resource instances");
}

}  // namespace
}  // namespace atoll::controllers
