#include "shard/registry/strategic_merge.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/api/errors.h"
#include "common/apply/type_view.h"
#include "common/base/status.h"
#include "common/base/strings.h"
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

enum class ListStrategy : uint8_t { kReplace, kMerge };

ListStrategy StrategyOf(const Schema* list) {
  const bool merges = list != nullptr && list->patch_strategy.find("merge") != std::string::npos;
  return merges ? ListStrategy::kMerge : ListStrategy::kReplace;
}

const Schema* ChildSchema(const Schema* parent, std::string_view name) {
  if (parent == nullptr) return nullptr;
  const Schema* property = parent->Property(name);
  return property != nullptr ? property : parent->additional_properties.get();
}

// What Go calls the type of a decoded value.
const char* GoType(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kBool:
      return "bool";
    case Value::Kind::kInt:
      return "int64";
    case Value::Kind::kDouble:
      return "float64";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "[]interface {}";
    case Value::Kind::kObject:
      return "map[string]interface {}";
    case Value::Kind::kNull:
      break;
  }
  return "%!s(<nil>)";
}

absl::Status ExpectedList(const Value& v) {
  return api::RawError(StrCat("expected a []interface {}, but received a ", GoType(v)));
}
absl::Status MissingKey(const Value& element, const std::string& key) {
  return api::RawError(StrCat("map: ", apply::PrintGo(element), " does not contain declared merge key: ", key));
}
absl::Status UnknownDirective(const Value& directive, const Value& in) {
  return api::RawError(StrCat("unknown patch type: ", apply::PrintGo(directive), " in map: ", apply::PrintGo(in)));
}

bool IsDirective(const Value& element) { return element.Find(kPatch) != nullptr; }

// Of a part of the patch that meets nothing in the object: drops what only directs and, on demand, nulls.
enum class Nulls : uint8_t { kStay, kGo };
void Strip(Nulls nulls, Value* v) {
  if (v->is_array()) {
    std::erase_if(v->array(), IsDirective);
    for (Value& item : v->array()) Strip(nulls, &item);
  } else if (v->is_object()) {
    std::erase_if(v->object().members(),
                  [&](const auto& m) { return IsDirective(m.second) || (nulls == Nulls::kGo && m.second.is_null()); });
    for (auto& [name, member] : v->object()) Strip(nulls, &member);
  }
}

// Elements are told apart by their merge key, or by themselves when they are values.
struct Identity {
  const std::string& merge_key;

  const Value* Of(const Value& element) const { return merge_key.empty() ? &element : element.Find(merge_key); }
  // The first element of `list` that is the same; the list's size when there is none.
  size_t IndexIn(const Array& list, const Value& element) const {
    const Value* id = Of(element);
    if (id == nullptr) return list.size();
    for (size_t i = 0; i < list.size(); ++i) {
      const Value* other = Of(list[i]);
      if (other != nullptr && *other == *id) return i;
    }
    return list.size();
  }
  bool In(const Array& list, const Value& element) const { return IndexIn(list, element) < list.size(); }
  absl::Status Check(const Array& list) const {
    if (merge_key.empty()) return absl::OkStatus();
    for (const Value& element : list) {
      if (element.Find(merge_key) == nullptr) return MissingKey(element, merge_key);
    }
    return absl::OkStatus();
  }
};

// What is in `order` follows it; the rest keeps the order of `live`. Where the two meet, who came first in `live` comes
// first; what was not there is the patch's, and goes before.
absl::StatusOr<Array> Arrange(const Identity& identity, Array merged, const Array& order, const Array& live) {
  RETURN_IF_ERROR(identity.Check(merged));
  RETURN_IF_ERROR(identity.Check(order));
  Array ours, theirs;
  for (Value& element : merged) (identity.In(order, element) ? ours : theirs).push_back(std::move(element));
  const auto by = [&identity](const Array& list) {
    return [&identity, &list](const Value& a, const Value& b) {
      return identity.IndexIn(list, a) < identity.IndexIn(list, b);
    };
  };
  std::stable_sort(ours.begin(), ours.end(), by(order));
  std::stable_sort(theirs.begin(), theirs.end(), by(live));
  Array out;
  out.reserve(ours.size() + theirs.size());
  for (size_t i = 0, j = 0; i < theirs.size() || j < ours.size();) {
    bool theirs_first = j == ours.size();
    if (i < theirs.size() && j < ours.size()) {
      const size_t their_place = identity.IndexIn(live, theirs[i]), our_place = identity.IndexIn(live, ours[j]);
      theirs_first = our_place < live.size() && their_place < our_place;
    }
    out.push_back(std::move(theirs_first ? theirs[i++] : ours[j++]));
  }
  return out;
}

// One kind of elements in both lists: values or objects, no lists.
absl::Status CheckElements(const Array& live, const Array& patch) {
  const Value* first = nullptr;
  for (const Array* list : {&live, &patch}) {
    for (const Value& element : *list) {
      if (first == nullptr) first = &element;
      if (first->is_array()) return PatchRejected();
      if (first->kind() != element.kind()) {
        return api::RawError(StrCat("list element types are not identical: [", apply::PrintGo(Value(live)), " ",
                                    apply::PrintGo(Value(patch)), "]"));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status MergeMap(const Schema* schema, Value patch, Value* target);

// Elements of the patch by their key: deletes, replaces all, merges or appends.
absl::StatusOr<Array> MergeObjects(const Schema& list, Array patch, Array live) {
  const Identity identity{list.patch_merge_key};
  if (identity.merge_key.empty()) return api::RawError("cannot merge lists without merge key");
  Array elements;
  bool replace = false;
  for (Value& element : patch) {
    const Value* directive = element.Find(kPatch);
    if (directive == nullptr) {
      elements.push_back(std::move(element));
    } else if (directive->StringOr() == "delete") {
      if (element.Find(identity.merge_key) == nullptr) return MissingKey(element, identity.merge_key);
      const Value id = *element.Find(identity.merge_key);
      std::erase_if(live, [&](const Value& e) {
        const Value* other = e.Find(identity.merge_key);
        return other != nullptr && *other == id;
      });
    } else if (directive->StringOr() == "replace") {
      replace = true;
    } else if (directive->StringOr() == "merge") {
      return api::RawError("merging lists cannot yet be specified in the patch");
    } else {
      return UnknownDirective(*directive, element);
    }
  }
  if (replace) {
    RETURN_IF_ERROR(identity.Check(elements));
    return elements;
  }
  RETURN_IF_ERROR(identity.Check(elements));
  const Array order = elements;
  Array merged = live;
  for (Value& element : elements) {
    if (const size_t at = identity.IndexIn(merged, element); at < merged.size()) {
      RETURN_IF_ERROR(MergeMap(list.items.get(), std::move(element), &merged[at]));
    } else {
      merged.push_back(std::move(element));  // as it is, whatever it holds
    }
  }
  return Arrange(identity, std::move(merged), order, live);
}

absl::StatusOr<Array> MergeValues(Array patch, const Array& live) {
  static const std::string* const no_key = new std::string;
  const Identity identity{*no_key};
  Array merged;
  for (const Array* list : {&live, static_cast<const Array*>(&patch)}) {
    for (const Value& value : *list) {
      if (!identity.In(merged, value)) merged.push_back(value);
    }
  }
  return Arrange(identity, std::move(merged), patch, live);
}

absl::StatusOr<Array> MergeList(const Schema* list, Array patch, const Array& live) {
  if (StrategyOf(list) == ListStrategy::kReplace) return patch;
  if (patch.empty() && live.empty()) return patch;
  RETURN_IF_ERROR(CheckElements(live, patch));
  const bool objects = (live.empty() ? patch : live)[0].is_object();
  return objects ? MergeObjects(*list, std::move(patch), live) : MergeValues(std::move(patch), live);
}

absl::Status RetainKeys(const Value& keep, const json::Object& patch, json::Object* target) {
  const absl::Status malformed = api::BadRequest("invalid patch format of retainKeys");
  if (!keep.is_array()) return malformed;
  const auto kept = [&](std::string_view key) {
    return std::any_of(keep.array().begin(), keep.array().end(), [&](const Value& k) { return k.StringOr() == key; });
  };
  for (const auto& [key, value] : patch) {
    if (value.is_null() || key.starts_with(kDeleteFromPrimitive) || key.starts_with(kSetOrder)) continue;
    if (key != kRetainKeys && !kept(key)) return malformed;
  }
  std::erase_if(target->members(), [&](const auto& member) { return !kept(member.first); });
  return absl::OkStatus();
}

// The patch's elements, less those that only direct, come in `order` one after the other.
absl::Status CheckOrder(const Identity& identity, const Array& patch, const Array& order) {
  if (patch.empty() || order.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(identity.Check(order));
  size_t at = 0;
  for (const Value& element : patch) {
    if (IsDirective(element)) continue;
    if (identity.Of(element) == nullptr) return MissingKey(element, identity.merge_key);
    while (at < order.size() && !(*identity.Of(order[at]) == *identity.Of(element))) ++at;
    if (at++ == order.size()) {
      return api::RawError(StrCat("The order in patch list:\n", apply::PrintGo(Value(patch)),
                                  "\n doesn't match $setElementOrder list:\n", apply::PrintGo(Value(order)), "\n"));
    }
  }
  return absl::OkStatus();
}

// A list that comes with its order: merged and arranged here; both leave the patch.
absl::Status MergeOrdered(const Schema* schema, const std::string& name, const Value& order, json::Object* patch,
                          json::Object* target) {
  static const std::string* const no_key = new std::string;
  if (!order.is_array()) return ExpectedList(order);
  const Value *live = target->Find(name), *sent = patch->Find(name);
  for (const Value* list : {live, sent}) {
    if (list != nullptr && !list->is_array()) return ExpectedList(*list);
  }
  if (live == nullptr && sent == nullptr) return absl::OkStatus();
  const Schema* list = ChildSchema(schema, name);
  const Identity identity{list == nullptr ? *no_key : list->patch_merge_key};
  const Array before = live == nullptr ? Array() : live->array();
  Array merged = before;
  if (sent != nullptr) {
    RETURN_IF_ERROR(CheckOrder(identity, sent->array(), order.array()));
    Value taken = *sent;
    if (live == nullptr) {
      Strip(Nulls::kStay, &taken);
      merged = std::move(taken.array());
    } else {
      ASSIGN_OR_RETURN(merged, MergeList(list, std::move(taken.array()), before));
    }
    patch->Erase(name);
  }
  if (before.empty() && merged.empty()) return api::RawError("no elements in any of the given slices");
  ASSIGN_OR_RETURN(Array arranged, Arrange(identity, std::move(merged), order.array(), before));
  target->Set(name, Value(std::move(arranged)));
  return absl::OkStatus();
}

void DeleteValues(const Array& gone, Value* list) {
  std::erase_if(list->array(), [&](const Value& e) { return std::find(gone.begin(), gone.end(), e) != gone.end(); });
}

absl::Status MergeMember(const Schema* child, Value patch, Value* into) {
  if (patch.is_object() && into->is_object()) return MergeMap(child, std::move(patch), into);
  if (patch.is_array() && into->is_array()) {
    ASSIGN_OR_RETURN(Array merged, MergeList(child, std::move(patch.array()), into->array()));
    *into = Value(std::move(merged));
    return absl::OkStatus();
  }
  Strip(Nulls::kGo, &patch);
  *into = std::move(patch);
  return absl::OkStatus();
}

absl::Status MergeMap(const Schema* schema, Value patch, Value* target) {
  if (const Value* directive = patch.Find(kPatch); directive != nullptr) {
    const std::string what(directive->StringOr());
    if (what != "replace" && what != "delete") return UnknownDirective(*directive, patch);
    patch.object().Erase(kPatch);
    *target = what == "replace" ? std::move(patch) : Value::MakeObject();
    return absl::OkStatus();
  }
  json::Object &members = patch.object(), &into = target->object();
  if (const Value* keep = members.Find(kRetainKeys); keep != nullptr) {
    RETURN_IF_ERROR(RetainKeys(*keep, members, &into));
    members.Erase(kRetainKeys);
  }
  std::vector<std::pair<std::string, Value>> orders;
  for (auto& [key, value] : members) {
    if (key.starts_with(kSetOrder)) orders.emplace_back(key, std::move(value));
  }
  for (auto& [key, order] : orders) {
    members.Erase(key);
    RETURN_IF_ERROR(MergeOrdered(schema, key.substr(kSetOrder.size()), order, &members, &into));
  }
  for (auto& [key, value] : members) {
    const bool deletes = key.starts_with(kDeleteFromPrimitive);
    const std::string_view name = deletes ? std::string_view(key).substr(kDeleteFromPrimitive.size()) : key;
    if (value.is_null()) {
      into.Erase(name);
      continue;
    }
    Value* child = into.Find(name);
    if (deletes) {
      if (child != nullptr && child->is_array() && value.is_array()) DeleteValues(value.array(), child);
    } else if (child != nullptr) {
      RETURN_IF_ERROR(MergeMember(ChildSchema(schema, name), std::move(value), child));
    } else if (!IsDirective(value)) {
      Strip(Nulls::kGo, &value);
      into.Append(std::string(name), std::move(value));
    }
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
