#include "shard/registry/managed_fields.h"

#include <utility>

#include "common/api/object.h"
#include "common/schema/schema.h"
#include "shard/registry/object_meta_schema.h"
#include "shard/registry/scale.h"
#include "shard/registry/strategy.h"

namespace atoll::registry {

namespace {

using json::Value;

bool IsReset(const Value& managed) {
  if (!managed.is_array()) return false;
  const auto& list = managed.array();
  return list.empty() || (list.size() == 1 && list[0].is_object() && list[0].object().empty());
}

// What an update starts from: the body's list where it has one, else the stored one.
apply::Managers ManagersOf(const FieldManager& manager, const Value& sent, const Value* live) {
  if (manager.subresource.empty()) {
    if (IsReset(sent)) return {};
    if (auto parsed = apply::ParseManagers(&sent); parsed.ok() && !parsed->empty()) return *std::move(parsed);
  }
  auto parsed = apply::ParseManagers(live == nullptr ? nullptr : live->At({"metadata", "managedFields"}));
  return parsed.ok() ? *std::move(parsed) : apply::Managers();
}

}  // namespace

Value TakeManagedFields(Value* object) {
  Value taken;
  if (Value* managed = object->At({"metadata", "managedFields"}); managed != nullptr) {
    taken = std::move(*managed);
    object->Remove({"metadata", "managedFields"});
  }
  return taken;
}

void PutManagedFields(apply::Managers managers, Value* object) {
  if (managers.empty()) return;
  object->Ensure({"metadata"}).object().Set("managedFields", apply::PrintManagers(std::move(managers)));
}

Value NewObject(const ResourceDefinition& definition) {
  Value nothing = Value::MakeObject();
  if (definition.flavor == Flavor::kTyped && definition.schema != nullptr)
    schema::Canonicalize(*definition.schema, &nothing);
  if (Value& metadata = nothing.Ensure({"metadata"}); !metadata.is_object()) metadata = Value::MakeObject();
  return nothing;
}

apply::Write WriteOf(const ResourceDefinition& definition, const schema::SchemaPtr& schema,
                     const FieldManager& manager) {
  apply::Write write;
  write.type = apply::TypeView(schema.get());
  write.manager = manager.name;
  write.subresource = manager.subresource;
  write.api_version = definition.gvk().ApiVersion();
  write.now = api::FormatTime(manager.now);
  write.reset = definition.strategy->ResetFields(definition, manager.subresource);
  return write;
}

bool SameButForTimes(const Value* a, const Value* b) {
  const size_t size_a = a != nullptr && a->is_array() ? a->array().size() : 0,
               size_b = b != nullptr && b->is_array() ? b->array().size() : 0;
  if (size_a != size_b) return false;
  for (size_t i = 0; i < size_a; ++i) {
    const Value &x = a->array()[i], &y = b->array()[i];
    if (!x.is_object() || !y.is_object()) return false;
    size_t x_members = 0, y_members = 0;
    for (const auto& m : y.object()) y_members += m.first != "time";
    for (const auto& [key, value] : x.object()) {
      if (key == "time") continue;
      ++x_members;
      const Value* other = y.Find(key);
      if (other == nullptr || !(*other == value)) return false;
    }
    if (x_members != y_members) return false;
  }
  return true;
}

void TrackUpdate(const ResourceDefinition& definition, const FieldManager& manager, const Value* live, Value* object) {
  const Value sent = TakeManagedFields(object);
  apply::Managers managers = ManagersOf(manager, sent, live);
  if (live != nullptr && managers.empty()) return;  // not tracked

  const schema::SchemaPtr schema = TrackedSchema(definition);
  const apply::Write write = WriteOf(definition, schema, manager);
  if (live == nullptr) {
    apply::RecordUpdate(write, NewObject(definition), *object, &managers);
  } else {
    apply::RecordUpdate(write, *live, *object, &managers);
  }
  // Who scales is not said when.
  if (manager.subresource == kScale) {
    for (apply::Manager& m : managers) {
      if (m.subresource == kScale) m.time.clear();
    }
  }
  apply::CapUpdateManagers(&managers);
  PutManagedFields(std::move(managers), object);
}

}  // namespace atoll::registry
