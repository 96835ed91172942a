#include "shard/admission/logical_cluster/plugin.h"

#include <algorithm>
#include <set>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::admission {
namespace {

bool Privileged(const auth::User& user) {
  return user.IsMasters() || user.InGroup(auth::kLogicalClusterAdmin) ||
         user.InGroup(auth::kExternalLogicalClusterAdmin) || user.InGroup(auth::kWorkspaceBootstrapper);
}

std::set<std::string> Set(const json::Value* list) {
  std::set<std::string> out;
  if (list != nullptr && list->is_array()) {
    for (const json::Value& s : list->array()) out.emplace(s.StringOr());
  }
  return out;
}

bool Same(const json::Value* a, const json::Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return *a == *b;
}

// The order in which phases follow. What comes after Ready shares 0, so going there by hand is refused.
int Ordinal(std::string_view phase) {
  if (phase.empty()) return 1;
  if (phase == "Scheduling") return 2;
  if (phase == "Initializing") return 3;
  if (phase == "Ready") return 4;
  return 0;
}

bool MarkedInactive(const json::Value& object) {
  return api::Annotation(object, "core.kcp.io/inactive") == "true" ||
         api::Annotation(object, "internal.kcp.io/inactive") == "true";
}

class LogicalCluster final : public Plugin {
 public:
  Task<absl::Status> Mutate(Attributes& a) override {
    if (!Concerns(a) || a.object == nullptr) co_return absl::OkStatus();
    if (a.object->StringAt({"status", "phase"}) == "Initializing" && a.old_object != nullptr &&
        a.old_object->StringAt({"status", "phase"}) != "Initializing") {
      for (const char* member : {"initializers", "terminators"}) {
        if (const json::Value* list = a.object->At({"spec", member})) {
          a.object->Ensure({"status", member}) = *list;
        } else {
          a.object->Remove({"status", member});
        }
      }
    }
    if (!api::IsDeleting(*a.object)) api::AddFinalizer(a.object, tenancy::kDeletionFinalizer);
    co_return absl::OkStatus();
  }

  Task<absl::Status> Validate(Attributes& a) override {
    if (!Concerns(a)) co_return absl::OkStatus();
    const std::string why = Why(a);
    if (why.empty()) co_return absl::OkStatus();
    co_return api::Forbidden(a.ctx.definition->gr(),
                             a.object == nullptr ? std::string_view(a.ctx.name) : api::Name(*a.object), why);
  }

 private:
  static bool Concerns(const Attributes& a) {
    return a.ctx.definition->gr() == api::GroupResource{"core.kcp.io", "logicalclusters"};
  }

  static std::string Why(const Attributes& a) {
    const bool privileged = Privileged(a.ctx.user);
    switch (a.operation) {
      case Operation::kCreate:
        return privileged ? "" : "LogicalCluster cannot be created";
      case Operation::kDelete:
        return privileged || (a.old_object != nullptr && a.old_object->BoolAt({"spec", "directlyDeletable"}))
                   ? ""
                   : "LogicalCluster cannot be deleted";
      case Operation::kUpdate:
        break;
    }
    const json::Value &now = *a.object, &old = *a.old_object;
    if (!a.ctx.user.IsMasters() && api::HasFinalizer(old, tenancy::kDeletionFinalizer) &&
        !api::HasFinalizer(now, tenancy::kDeletionFinalizer)) {
      return StrCat("removing the finalizer ", tenancy::kDeletionFinalizer, " is forbidden");
    }
    if (privileged) return "";
    const json::Value* created_by = now.At({"spec", "createdBy"});
    if (!Same(created_by, old.At({"spec", "createdBy"}))) {
      return api::FieldInvalid("spec.createdBy", created_by == nullptr ? json::Value() : *created_by,
                               "field is immutable")
          .Line();
    }
    const std::set<std::string> wanted = Set(now.At({"spec", "initializers"}));
    if (wanted != Set(old.At({"spec", "initializers"}))) return "spec.initializers is immutable";
    const std::set<std::string> list = Set(now.At({"status", "initializers"})),
                                old_list = Set(old.At({"status", "initializers"}));
    const std::string_view phase = now.StringAt({"status", "phase"}), before = old.StringAt({"status", "phase"});
    if (phase != "Initializing") {
      if (list != old_list) return "status.initializers is immutable after initialization";
      if (before == "Initializing" && !list.empty()) return "status.initializers is not empty";
    } else if (before != "Initializing") {
      if (list != wanted) return "status.initializers do not equal spec.initializers";
    } else if (!std::includes(old_list.begin(), old_list.end(), list.begin(), list.end())) {
      return "status.initializers must not grow";
    }
    if (Ordinal(before) > Ordinal(phase)) return StrCat("cannot transition from \"", before, "\" to \"", phase, "\"");
    if (MarkedInactive(now) && !MarkedInactive(old) && phase != "Ready") {
      return StrCat("LogicalCluster can only be marked inactive in phase \"Ready\", but is in phase \"", phase, "\"");
    }
    return "";
  }
};

}  // namespace

std::unique_ptr<Plugin> NewLogicalCluster() { return std::make_unique<LogicalCluster>(); }

}  // namespace atoll::admission
