#include "shard/tenancy/object_batch.h"

#include "common/api/object.h"
#include "common/base/check.h"
#include "shard/registry/managed_fields.h"
#include "shard/storage/owner_index.h"
#include "shard/storage/stored_object.h"

namespace atoll::tenancy {
namespace {

// The manager that the server's own writes are recorded under, as in kcp.
constexpr std::string_view kServerManager = "kcp";

}  // namespace

ObjectBatch::ObjectBatch(DefinitionLookup definitions, const Clock& clock, Random& random)
    : definitions_(std::move(definitions)), now_(clock.Now()), random_(random) {}

void ObjectBatch::Record(const api::Gvr& gvr, std::string_view subresource, const json::Value* before,
                         json::Value* object) const {
  registry::DefinitionPtr definition = definitions_(gvr);
  CHECK(definition != nullptr);
  registry::TrackUpdate(*definition, {kServerManager, subresource, now_}, before, object);
}

std::string ObjectBatch::Add(const api::Gvr& gvr, const LogicalClusterId& cluster, std::string_view ns,
                             json::Value object) {
  registry::DefinitionPtr definition = definitions_(gvr);
  CHECK(definition != nullptr);
  if (object.At({"metadata", "managedFields"}) == nullptr) {
    json::Value written = object;
    written.Remove({"metadata", "finalizers"});
    written.Remove({"spec", "finalizers"});
    Record(gvr, "", nullptr, &written);
    if (json::Value* managed = written.At({"metadata", "managedFields"}))
      object.Ensure({"metadata", "managedFields"}) = std::move(*managed);
  }
  json::Value& metadata = object.Ensure({"metadata"});
  if (!ns.empty()) metadata.object().Set("namespace", ns);
  std::string uid = random_.Uuid();
  metadata.object().Set("uid", uid);
  metadata.object().Set("creationTimestamp", api::FormatTime(now_));
  if (definition->has_generation) metadata.object().Set("generation", 1);
  const std::string name(api::Name(object));
  CHECK(!name.empty());
  store::Op op;
  op.key = storage::EncodeKey({definition->stored_as.resource.empty() ? definition->gr() : definition->stored_as, "",
                               cluster, std::string(ns), name});
  storage::IndexOwners(cluster, op.key, nullptr, &object, &transaction_);
  op.value = storage::EncodeObject(*definition, cluster, std::move(object));
  op.precondition = store::Precondition::Absent();
  transaction_.ops.push_back(std::move(op));
  return uid;
}

}  // namespace atoll::tenancy
