#include "shard/resources/status_split.h"

#include <utility>

namespace atoll::resources {

using json::Value;

void KeepMember(std::string_view name, Value* object, const Value& old) {
  if (const Value* kept = old.Find(name)) {
    object->object().Set(name, *kept);
  } else {
    object->object().Erase(name);
  }
}

Value& EnsureObject(std::string_view name, Value* object) {
  Value& member = object->object()[name];
  if (!member.is_object()) member = Value::MakeObject();
  return member;
}

void KeepAllButStatus(Value* object, const Value& old) {
  Value merged = old;
  KeepMember("status", &merged, *object);
  if (const Value* metadata = object->Find("metadata"); metadata != nullptr && metadata->is_object()) {
    for (std::string_view name : {"managedFields", "resourceVersion"}) {
      KeepMember(name, &EnsureObject("metadata", &merged), *metadata);
    }
  }
  *object = std::move(merged);
}

void StatusSplitStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  // Always written by Kubernetes, even when empty.
  object->object().Set("status", Value::MakeObject());
}

void StatusSplitStrategy::PrepareForUpdate(const registry::StrategyContext& ctx, Value* object,
                                           const Value& old) const {
  if (ctx.subresource == "status") {
    KeepAllButStatus(object, old);
  } else {
    KeepStatus(object, old);
  }
}

}  // namespace atoll::resources
