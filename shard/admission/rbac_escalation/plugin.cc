#include "shard/admission/rbac_escalation/plugin.h"

#include <string_view>
#include <utility>

namespace atoll::admission {
namespace {

constexpr char kGroup[] = "rbac.authorization.k8s.io";

// Without what garbage collection changes: an update of nothing else needs no rights, or objects could not be
// collected.
json::Value WithoutCollectorFields(json::Value object) {
  for (const char* field : {"ownerReferences", "finalizers", "managedFields", "resourceVersion"})
    object.Remove({"metadata", field});
  return object;
}

class RbacEscalation final : public Plugin {
 public:
  explicit RbacEscalation(authorization::EscalationCheck check) : check_(check) {}

  Task<absl::Status> Validate(Attributes& a) override {
    const api::Gvr& gvr = a.ctx.definition->gvr;
    if (a.operation == Operation::kDelete || gvr.group != kGroup || !a.ctx.subresource.empty() || a.object == nullptr)
      co_return absl::OkStatus();
    const bool role = gvr.resource == "roles" || gvr.resource == "clusterroles";
    const bool binding = gvr.resource == "rolebindings" || gvr.resource == "clusterrolebindings";
    if (!role && !binding) co_return absl::OkStatus();
    if (a.old_object != nullptr && WithoutCollectorFields(*a.object) == WithoutCollectorFields(*a.old_object))
      co_return absl::OkStatus();
    if (binding) {
      co_return co_await authorization::CheckBindingWrite(check_, a.ctx.user, a.ctx.cluster, gvr.gr(), a.ctx.ns,
                                                          *a.object);
    }
    co_return co_await authorization::CheckRoleWrite(check_, a.ctx.user, a.ctx.cluster, gvr.gr(), a.ctx.ns,
                                                     a.old_object == nullptr ? std::string() : a.ctx.name, *a.object,
                                                     a.old_object);
  }

 private:
  const authorization::EscalationCheck check_;
};

}  // namespace

std::unique_ptr<Plugin> NewRbacEscalation(authorization::EscalationCheck check) {
  return std::make_unique<RbacEscalation>(check);
}

}  // namespace atoll::admission
