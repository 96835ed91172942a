#include "shard/registry/strategic_merge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/schema/schema.h"
#include "shard/registry/object_meta_schema.h"
#include "shard/registry/patch.h"

namespace atoll::registry {

namespace {

using json::Array;
using json::Value;
using schema::Schema;

constexpr std::string_view kPatch = "$patch", kRetainKeys = "$retainKeys",
                           kDeleteFromPrimitive = "$deleteFromPrimitiveList/", kSetOrder = "$setElementOrder/";

bool Merges(const Schema* list) { return list != nullptr && list->patch_strategy.find("merge") != std::string::npos; }

const Schema* ChildSchema(const Schema* parent, std::string_view name) {
  if (parent == nullptr) return nullptr;
  const Schema* property = parent->Property(name);
  return property != nullptr ? property : parent->additional_properties.get();
}

// Elements are told apart by their merge key, or by themselves when they are values.
struct Identity {
  std::string merge_key;
  const Value* Of(const Value& element) const { return merge_key.empty() ? &element : element.Find(merge_key); }
  size_t IndexIn(const Array& list, const Value& id) const {
    for (size_t i = 0; i < list.size(); ++i) {
      const Value* other = Of(list[i]);
      if (other != nullptr && *other == id) return i;
    }
    return list.size();
  }
};

absl::Status MergeMap(const Schema* schema, Value patch, Value* target);

absl::Status MissingKey(const Value& element, const std::string& key) {
  return api::RawError(StrCat("map: ", json::Write(element), " does not contain declared merge key: ", key));
}

// Elements of the patch first follow `order`; the server's own keep their place among those they stood with before.
Array Reorder(const Identity& identity, Array merged, const Array& order, const Array& live) {
  Array ours, theirs;
  for (Value& element : merged) {
    const Value* id = identity.Of(element);
    (id != nullptr && identity.IndexIn(order, *id) < order.size() ? ours : theirs).push_back(std::move(element));
  }
  std::stable_sort(ours.begin(), ours.end(), [&](const Value& a, const Value& b) {
    return identity.IndexIn(order, *identity.Of(a)) < identity.IndexIn(order, *identity.Of(b));
  });
  size_t from = 0;  // the server's elements stay in order, too
  for (Value& element : theirs) {
    const size_t place = identity.IndexIn(live, *identity.Of(element));
    size_t at = from;
    while (at < ours.size()) {
      const size_t other = identity.IndexIn(live, *identity.Of(ours[at]));
      if (other < live.size() && place < other) break;
      ++at;
    }
    ours.insert(ours.begin() + static_cast<std::ptrdiff_t>(at), std::move(element));
    from = at + 1;
  }
  return ours;
}

absl::Status MergeObjects(const Schema& schema, const std::string& key, Array patch, const Array* order,
                          Value* target) {
  const Identity identity{key};
  const auto replace =
      std::find_if(patch.begin(), patch.end(), [](const Value& e) { return e.StringAt({kPatch}) == "replace"; });
  if (replace != patch.end()) {
    std::erase_if(patch, [](const Value& e) { return e.Find(kPatch) != nullptr; });
    *target = Value(std::move(patch));
    return absl::OkStatus();
  }
  Array merged = target->is_array() ? target->array() : Array();
  const Array live = merged;
  Array mentioned;
  for (Value& element : patch) {
    const Value* found = element.Find(key);
    if (found == nullptr) return MissingKey(element, key);
    const Value id = *found;
    const size_t index = identity.IndexIn(merged, id);
    const std::string directive(element.StringAt({kPatch}));
    if (directive == "delete") {
      std::erase_if(merged, [&](const Value& e) { return e.Find(key) != nullptr && *e.Find(key) == id; });
      continue;
    }
    if (!directive.empty() && directive != "merge")
      return api::BadRequest(StrCat("Unknown patch type found: ", directive));
    element.object().Erase(kPatch);
    mentioned.push_back(element);
    if (index < merged.size()) {
      RETURN_IF_ERROR(MergeMap(schema.items.get(), std::move(element), &merged[index]));
    } else {
      Value fresh = Value::MakeObject();
      RETURN_IF_ERROR(MergeMap(schema.items.get(), std::move(element), &fresh));
      merged.push_back(std::move(fresh));
    }
  }
  *target = Value(Reorder(identity, std::move(merged), order != nullptr ? *order : mentioned, live));
  return absl::OkStatus();
}

void MergeValues(Array patch, const Array* order, Value* target) {
  const Identity identity;
  Array merged = target->is_array() ? target->array() : Array();
  const Array live = merged;
  for (const Value& element : patch) {
    if (identity.IndexIn(merged, element) == merged.size()) merged.push_back(element);
  }
  *target = Value(Reorder(identity, std::move(merged), order != nullptr ? *order : patch, live));
}

absl::Status MergeList(const Schema* schema, Array patch, const Array* order, Value* target) {
  if (!Merges(schema)) {
    *target = Value(std::move(patch));
  } else if (!schema->patch_merge_key.empty()) {
    for (const Value& element : patch) {
      if (!element.is_object()) return PatchRejected();
    }
    return MergeObjects(*schema, schema->patch_merge_key, std::move(patch), order, target);
  } else {
    MergeValues(std::move(patch), order, target);
  }
  return absl::OkStatus();
}

absl::Status RetainKeys(const Value& keep, const json::Object& patch, Value* target) {
  if (!keep.is_array()) return api::BadRequest("invalid patch format of retainKeys");
  const auto kept = [&](std::string_view key) {
    return std::any_of(keep.array().begin(), keep.array().end(), [&](const Value& k) { return k.StringOr() == key; });
  };
  for (const auto& [key, value] : patch) {
    if (!key.starts_with('$') && !value.is_null() && !kept(key)) return PatchRejected();
  }
  std::erase_if(target->object().members(), [&](const auto& member) { return !kept(member.first); });
  return absl::OkStatus();
}

absl::Status MergeMap(const Schema* schema, Value patch, Value* target) {
  if (!target->is_object()) *target = Value::MakeObject();
  json::Object& members = patch.object();
  if (const Value* directive = members.Find(kPatch); directive != nullptr) {
    const std::string what(directive->StringOr());
    members.Erase(kPatch);
    if (what == "replace") {
      *target = std::move(patch);
      return absl::OkStatus();
    }
    if (what == "delete") {
      *target = Value::MakeObject();
      return absl::OkStatus();
    }
    if (what != "merge") return api::BadRequest(StrCat("Unknown patch type found: ", what));
  }
  if (const Value* keep = members.Find(kRetainKeys); keep != nullptr)
    RETURN_IF_ERROR(RetainKeys(*keep, members, target));

  for (const auto& [key, value] : members) {
    if (!key.starts_with(kDeleteFromPrimitive)) continue;
    if (!value.is_array()) return api::BadRequest("invalid patch format of primitive list");
    Value* list = target->Find(std::string_view(key).substr(kDeleteFromPrimitive.size()));
    if (list == nullptr || !list->is_array()) continue;
    std::erase_if(list->array(), [&](const Value& e) {
      return std::find(value.array().begin(), value.array().end(), e) != value.array().end();
    });
  }
  for (auto& [key, value] : members) {
    if (key.starts_with('$')) continue;
    if (value.is_null()) {
      target->object().Erase(key);
      continue;
    }
    const Schema* child = ChildSchema(schema, key);
    Value& into = target->object()[key];
    if (value.is_object()) {
      RETURN_IF_ERROR(MergeMap(child, std::move(value), &into));
    } else if (value.is_array()) {
      const Value* order = members.Find(std::string(kSetOrder) + key);
      if (order != nullptr && !order->is_array())
        return api::BadRequest("invalid patch format of setElementOrder list");
      RETURN_IF_ERROR(MergeList(child, std::move(value.array()), order == nullptr ? nullptr : &order->array(), &into));
    } else {
      into = std::move(value);
    }
  }
  // An order without a list: only what is there is sorted.
  for (const auto& [key, value] : members) {
    if (!key.starts_with(kSetOrder)) continue;
    const std::string_view name = std::string_view(key).substr(kSetOrder.size());
    if (members.Find(name) != nullptr) continue;
    if (!value.is_array()) return api::BadRequest("invalid patch format of setElementOrder list");
    Value* list = target->Find(name);
    const Schema* child = ChildSchema(schema, name);
    if (list == nullptr || !list->is_array() || !Merges(child)) continue;
    const Array live = list->array();
    *list = Value(Reorder({child->patch_merge_key}, live, value.array(), live));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyStrategicMergePatch(const ResourceDefinition& definition, Value patch, Value* object) {
  if (!patch.is_object()) return api::BadRequest("invalid JSON document");
  const schema::SchemaPtr schema = TrackedSchema(definition);
  return MergeMap(schema.get(), std::move(patch), object);
}

}  // namespace atoll::registry
