#include "shard/controllers/logical_cluster/phase.h"

#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::controllers {
namespace {

bool NonEmpty(const json::Value* list) { return list != nullptr && list->is_array() && !list->array().empty(); }

bool Inactive(const json::Value& cluster) {
  return api::Annotation(cluster, "core.kcp.io/inactive") == "true" ||
         api::Annotation(cluster, "internal.kcp.io/inactive") == "true";
}

}  // namespace

bool NextPhase(json::Value* cluster, absl::Time now) {
  const std::string before(cluster->StringAt({"status", "phase"}));
  std::string phase = before;
  bool changed = false;
  if (api::IsDeleting(*cluster)) {
    phase = NonEmpty(cluster->At({"status", "terminators"})) ? "Terminating" : "Deleting";
  } else {
    if (phase.empty() || phase == "Scheduling") phase = "Initializing";
    const json::Value* initializers = cluster->At({"status", "initializers"});
    if (phase == "Initializing") {
      if (NonEmpty(initializers)) {
        std::string names;
        for (const json::Value& i : initializers->array()) StrAppend(&names, names.empty() ? "" : " ", i.StringOr());
        changed |= api::SetCondition(cluster, "WorkspaceInitialized", false, now, "InitializerExists", "Info",
                                     StrCat("Initializers still exist: [", names, "]"));
      } else {
        changed |= api::SetCondition(cluster, "WorkspaceInitialized", true, now);
        phase = "Ready";
      }
    }
    if (phase == "Ready" && Inactive(*cluster)) phase = "Inactive";
    if (phase == "Inactive" && !Inactive(*cluster)) phase = "Ready";
  }
  if (phase != before) {
    cluster->Ensure({"status", "phase"}) = phase;
    changed = true;
  }
  return changed;
}

std::string RemainingMessage(const tenancy::Remaining& remaining) {
  std::string out = "Some resources are remaining: ";
  bool first = true;
  for (const auto& [resource, count] : remaining.instances) {
    StrAppend(&out, first ? "" : ", ", resource, " has ", count, " resource instances");
    first = false;
  }
  if (!remaining.finalizers.empty()) {
    StrAppend(&out, "; Some content in the workspace has finalizers remaining: ");
    first = true;
    for (const auto& [finalizer, count] : remaining.finalizers) {
      StrAppend(&out, first ? "" : ", ", finalizer, " in ", count, " resource instances");
      first = false;
    }
  }
  return out;
}

}  // namespace atoll::controllers
