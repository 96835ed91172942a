#include "shard/tenancy/object_batch.h"

#include "common/api/object.h"
#include "common/base/check.h"
#include "shard/storage/stored_object.h"

namespace atoll::tenancy {

ObjectBatch::ObjectBatch(DefinitionLookup definitions, const Clock& clock, Random& random)
    : definitions_(std::move(definitions)), now_(api::FormatTime(clock.Now())), random_(random) {}

std::string ObjectBatch::Add(const api::Gvr& gvr, const LogicalClusterId& cluster, std::string_view ns, json::Value object) {
  registry::DefinitionPtr definition = definitions_(gvr);
  CHECK(definition != nullptr);
  json::Value& metadata = object.Ensure({"metadata"});
  if (!ns.empty()) metadata.object().Set("namespace", ns);
  std::string uid = random_.Uuid();
  metadata.object().Set("uid", uid);
  metadata.object().Set("creationTimestamp", now_);
  if (definition->has_generation) metadata.object().Set("generation", 1);
  const std::string name(api::Name(object));
  CHECK(!name.empty());
  store::Op op;
  op.key = storage::EncodeKey({definition->stored_as.resource.empty() ? definition->gr() : definition->stored_as, "", cluster, std::string(ns), name});
  op.value = storage::EncodeObject(*definition, cluster, std::move(object));
  op.precondition = store::Precondition::Absent();
  transaction_.ops.push_back(std::move(op));
  return uid;
}

}  // namespace atoll::tenancy
