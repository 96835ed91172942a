#include "shard/admission/namespace_lifecycle/plugin.h"

#include <algorithm>
#include <array>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "shard/storage/stored_object.h"

namespace atoll::admission {
namespace {

const api::GroupResource kNamespaces{"", "namespaces"};
constexpr std::array<std::string_view, 3> kImmortal = {"default", "kube-system", "kube-public"};

absl::Status BeingTerminated(const api::GroupResource& gr, std::string_view name, std::string_view ns) {
  absl::Status error = api::Forbidden(
      gr, name, StrCat("unable to create new content in namespace ", ns, " because it is being terminated"));
  json::Value status = api::StatusObject(error);
  json::Value cause = json::Value::MakeObject();
  cause.Ensure({"reason"}) = "NamespaceTerminating";
  cause.Ensure({"message"}) = StrCat("namespace ", ns, " is being terminated");
  cause.Ensure({"field"}) = "metadata.namespace";
  status.Ensure({"details", "causes"}) = json::Array{std::move(cause)};
  return api::FromStatusObject(status, 403);
}

class NamespaceLifecycle final : public Plugin {
 public:
  NamespaceLifecycle(store::Store* store, const registry::Clusters* clusters) : store_(store), clusters_(clusters) {}

  Task<absl::Status> Validate(Attributes& a) override {
    const registry::ResourceDefinition& definition = *a.ctx.definition;
    if (a.operation == Operation::kDelete) {
      const bool immortal = definition.gr() == kNamespaces &&
                            std::find(kImmortal.begin(), kImmortal.end(), a.ctx.name) != kImmortal.end();
      if (!immortal) co_return absl::OkStatus();
      // A cluster that goes takes them along.
      auto cluster = clusters_->Find(a.ctx.cluster.id);
      if (cluster != nullptr && cluster->deleting) co_return absl::OkStatus();
      co_return api::Forbidden(kNamespaces, a.ctx.name, "this namespace may not be deleted");
    }
    if (!definition.namespaced() || a.ctx.ns.empty() || !definition.storable) co_return absl::OkStatus();
    auto entry = co_await store_->Get(storage::EncodeKey({kNamespaces, "", a.ctx.cluster.id, "", a.ctx.ns}));
    if (!entry.ok()) co_return entry.status();
    if (!entry->has_value()) co_return api::NotFound(kNamespaces, a.ctx.ns);
    if (a.operation == Operation::kCreate && (*entry)->value.find("\"deletionTimestamp\":") != std::string::npos) {
      auto ns = storage::StoredObject((*entry)->value, (*entry)->modified).Decode();
      if (ns.ok() && !ns->StringAt({"metadata", "deletionTimestamp"}).empty()) {
        co_return BeingTerminated(definition.gr(), a.object == nullptr ? "" : a.object->StringAt({"metadata", "name"}),
                                  a.ctx.ns);
      }
    }
    co_return absl::OkStatus();
  }

 private:
  store::Store* const store_;
  const registry::Clusters* const clusters_;
};

}  // namespace

std::unique_ptr<Plugin> NewNamespaceLifecycle(store::Store* store, const registry::Clusters* clusters) {
  return std::make_unique<NamespaceLifecycle>(store, clusters);
}

}  // namespace atoll::admission
