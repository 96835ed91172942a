#include "shard/controllers/garbage_collector/verdict.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"

namespace atoll::controllers {
namespace {

using Kind = Verdict::Kind;
constexpr OwnerState kSolid = OwnerState::kSolid, kAbsent = OwnerState::kAbsent, kWaiting = OwnerState::kWaiting;

TEST_CASE("what becomes of an object with owners", "[controllers]") {
  struct Case {
    std::vector<OwnerState> owners;
    std::vector<std::string> finalizers;
    DependentsOf dependents;
    Verdict want;
  };
  const std::vector<Case> cases = {
      {{}, {}, {}, {}},
      {{kSolid}, {}, {}, {}},
      {{kSolid, kSolid}, {}, {true, true}, {}},
      // Several owners: those that are gone or wait are forgotten.
      {{kAbsent, kSolid, kWaiting}, {}, {}, {.kind = Kind::kDropReferences, .drop = {0, 2}}},
      {{kAbsent}, {}, {}, {.kind = Kind::kDelete, .propagation = "Background"}},
      {{kAbsent, kAbsent}, {}, {true, false}, {.kind = Kind::kDelete, .propagation = "Background"}},
      // What the object says of its own dependents is kept.
      {{kAbsent}, {"orphan"}, {}, {.kind = Kind::kDelete, .propagation = "Orphan"}},
      {{kAbsent}, {"foregroundDeletion"}, {}, {.kind = Kind::kDelete, .propagation = "Foreground"}},
      // An owner waits: so does the object, for its own, if it has any.
      {{kWaiting}, {}, {}, {.kind = Kind::kDelete, .propagation = "Background"}},
      {{kWaiting, kAbsent}, {}, {true, false}, {.kind = Kind::kDelete, .propagation = "Foreground"}},
      {{kWaiting}, {"orphan"}, {true, false}, {.kind = Kind::kDelete, .propagation = "Foreground"}},
      {{kWaiting}, {}, {true, true}, {.kind = Kind::kDelete, .propagation = "Foreground", .unblock = true}},
      {{kAbsent}, {}, {true, true}, {.kind = Kind::kDelete, .propagation = "Background"}},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    json::Value object = json::Value::MakeObject();
    object.Ensure({"metadata", "name"}) = "x";
    for (const std::string& f : cases[i].finalizers) api::AddFinalizer(&object, f);
    CHECK((Judge(cases[i].owners, object, cases[i].dependents) == cases[i].want));
  }
}

}  // namespace
}  // namespace atoll::controllers
