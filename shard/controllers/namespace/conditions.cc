#include "shard/controllers/namespace/conditions.h"

#include <algorithm>
#include <map>

#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::controllers {
namespace {

bool Set(json::Value* ns, std::string_view type, bool status, std::string_view reason, std::string_view message,
         absl::Time now) {
  json::Value& conditions = ns->Ensure({"status", "conditions"});
  if (!conditions.is_array()) conditions = json::Value::MakeArray();
  json::Value* found = nullptr;
  for (json::Value& c : conditions.array()) {
    if (c.StringAt({"type"}) == type) found = &c;
  }
  const char* word = status ? "True" : "False";
  if (found != nullptr && found->StringAt({"status"}) == word && found->StringAt({"reason"}) == reason &&
      found->StringAt({"message"}) == message)
    return false;
  if (found == nullptr) {
    conditions.array().push_back(json::Value::MakeObject());
    found = &conditions.array().back();
  }
  const bool moved = found->StringAt({"status"}) != word;
  found->Ensure({"type"}) = type;
  found->Ensure({"status"}) = word;
  if (moved) found->Ensure({"lastTransitionTime"}) = api::FormatTime(now);
  found->Ensure({"reason"}) = reason;
  found->Ensure({"message"}) = message;
  return true;
}

template <class Map>
std::string List(const Map& counts, std::string_view verb) {
  std::string out;
  for (const auto& [what, count] : counts)
    StrAppend(&out, out.empty() ? "" : ", ", what, verb, count, " resource instances");
  return out;
}

// `configmaps.`, `widgets.example.com`: Kubernetes prints the dot of the core group, too.
std::map<std::string, int> DottedResources(const tenancy::Remaining& remaining) {
  std::map<std::string, int> out;
  for (const auto& [resource, count] : remaining.instances)
    out[resource.find('.') == std::string::npos ? resource + "." : resource] = count;
  return out;
}

}  // namespace

absl::Duration LookAgainAfter(absl::Duration held) {
  return std::clamp(held / 4, absl::Milliseconds(100), absl::Seconds(10));
}

bool SetDeletionConditions(json::Value* ns, const tenancy::Remaining& remaining, const absl::Status& failure,
                           absl::Time now) {
  bool changed = Set(ns, "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                     "All resources successfully discovered", now);
  changed |= Set(ns, "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                 "All legacy kube types successfully parsed", now);
  if (failure.ok()) {
    changed |= Set(ns, "NamespaceDeletionContentFailure", false, "ContentDeleted",
                   "All content successfully deleted, may be waiting on finalization", now);
  } else {
    changed |= Set(ns, "NamespaceDeletionContentFailure", true, "ContentDeletionFailed",
                   StrCat("Failed to delete all resource types, 1 remaining: ", failure.message()), now);
    return changed;  // of what remains nothing is known
  }
  if (remaining.instances.empty()) {
    changed |= Set(ns, "NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed", now);
  } else {
    changed |= Set(ns, "NamespaceContentRemaining", true, "SomeResourcesRemain",
                   StrCat("Some resources are remaining: ", List(DottedResources(remaining), " has ")), now);
  }
  if (remaining.finalizers.empty()) {
    changed |= Set(ns, "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
                   "All content-preserving finalizers finished", now);
  } else {
    changed |= Set(
        ns, "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
        StrCat("Some content in the namespace has finalizers remaining: ", List(remaining.finalizers, " in ")), now);
  }
  return changed;
}

}  // namespace atoll::controllers
