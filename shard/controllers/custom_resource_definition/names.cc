#include "shard/controllers/custom_resource_definition/names.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "shard/resources/apiextensions/customresourcedefinition/conditions.h"
#include "shard/resources/apiextensions/customresourcedefinition/validation.h"

namespace atoll::controllers {
namespace {

using json::Value;

constexpr std::string_view kBound = "apis.kcp.io/bound-crd";

const json::Array& ListAt(const Value& names, std::string_view member) {
  static const json::Array* const none = new json::Array();
  const Value* list = names.Find(member);
  return list != nullptr && list->is_array() ? list->array() : *none;
}

std::string InUse(std::string_view name) { return StrCat(api::GoQuote(name), " is already in use"); }

void Copy(std::string_view member, const Value& from, Value* to) {
  if (const Value* v = from.Find(member)) {
    to->object().Set(member, *v);
  } else {
    to->object().Erase(member);
  }
}

// What is free, and what stands in the way of the rest.
struct Verdict {
  Value accepted;
  std::string_view reason;  // of the last conflict; empty: there is none
  std::string message;
};

Verdict Judge(const TakenNames& taken, const Value& wanted, const Value& accepted) {
  Verdict out{.accepted = accepted.is_object() ? accepted : Value::MakeObject(), .reason = {}, .message = {}};
  const auto name = [&](std::string_view member, const std::set<std::string, std::less<>>& used,
                        std::string_view reason) {
    const std::string_view want = wanted.StringAt({member});
    if (want == accepted.StringAt({member}) || !used.contains(want)) {
      Copy(member, wanted, &out.accepted);
    } else {
      out.reason = reason;
      out.message = InUse(want);
    }
  };
  name("plural", taken.resources, "PluralConflict");
  name("singular", taken.resources, "SingularConflict");
  const auto& had = ListAt(accepted, "shortNames");
  std::vector<std::string> conflicts;
  for (const Value& want : ListAt(wanted, "shortNames")) {
    const bool ours = std::find(had.begin(), had.end(), want) != had.end();
    if (!ours && taken.resources.contains(want.StringOr())) conflicts.push_back(InUse(want.StringOr()));
  }
  if (conflicts.empty()) {
    Copy("shortNames", wanted, &out.accepted);
  } else {
    out.reason = "ShortNamesConflict";
    out.message = conflicts.size() == 1 ? conflicts[0] : StrCat("[", StrJoin(conflicts, ", "), "]");
  }
  name("kind", taken.kinds, "KindConflict");
  name("listKind", taken.kinds, "ListKindConflict");
  Copy("categories", wanted, &out.accepted);
  return out;
}

}  // namespace

void TakenNames::Add(const Value& names) {
  for (std::string_view member : {"plural", "singular"}) resources.emplace(names.StringAt({member}));
  for (const Value& name : ListAt(names, "shortNames")) resources.emplace(name.StringOr());
  for (std::string_view member : {"kind", "listKind"}) kinds.emplace(names.StringAt({member}));
}

bool HasItsNames(const Value& crd) {
  const Value *wanted = crd.At({"spec", "names"}), *accepted = crd.At({"status", "acceptedNames"});
  return wanted != nullptr && accepted != nullptr && *wanted == *accepted &&
         resources::HasDefinitionCondition(crd, "NamesAccepted");
}

bool AcceptNames(const TakenNames& taken, absl::Time now, Value* crd) {
  const Value* wanted = crd->At({"spec", "names"});
  if (wanted == nullptr) return false;
  const Value* stored = crd->At({"status", "acceptedNames"});
  const Value before = stored == nullptr ? Value::MakeObject() : *stored;
  // Definitions that stand for a binding share names; admission keeps their resources apart.
  Verdict verdict = Judge(api::HasAnnotation(*crd, kBound) ? TakenNames() : taken, *wanted, before);
  bool changed = !(verdict.accepted == before);
  crd->Ensure({"status", "acceptedNames"}) = std::move(verdict.accepted);
  const bool free = verdict.reason.empty();
  changed |= resources::SetDefinitionCondition(
      crd,
      {"NamesAccepted", free ? "True" : "False", free ? "NoConflicts" : verdict.reason,
       free ? "no conflicts found" : verdict.message},
      now);
  if (free) {
    changed |= resources::SetDefinitionCondition(
        crd, {"Established", "True", "InitialNamesAccepted", "the initial names have been accepted"}, now);
  } else if (!resources::HasDefinitionCondition(*crd, "Established")) {
    changed |= resources::SetDefinitionCondition(
        crd, {"Established", "False", "NotAccepted", "not all names are accepted"}, now);
  }
  if (const auto approval = resources::ApprovalOf(*crd); !approval.reason.empty()) {
    changed |= resources::SetDefinitionCondition(
        crd, {"KubernetesAPIApprovalPolicyConformant", approval.status, approval.reason, approval.message}, now);
  }
  return changed;
}

}  // namespace atoll::controllers
