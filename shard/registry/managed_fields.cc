#include "shard/registry/managed_fields.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "common/api/object.h"
#include "common/schema/field_set.h"
#include "common/schema/schema.h"
#include "shard/registry/object_meta_schema.h"

namespace atoll::registry {

namespace {

using json::Value;
using schema::FieldSet;

constexpr size_t kUpdateEntriesMax = 10;
constexpr std::string_view kAncientManager = "ancient-changes";
// Owned by nobody.
constexpr std::string_view kUntrackedMeta[] = {"name",       "namespace",     "creationTimestamp",
                                               "selfLink",   "uid",           "clusterName",
                                               "generation", "managedFields", "resourceVersion"};

struct Entry {
  std::string manager, operation, api_version, time, subresource;
  FieldSet fields;

  bool IsUpdate() const { return operation == "Update"; }
  auto Order() const { return std::tie(operation, time, manager, api_version, subresource); }
};

// Nullopt when any entry is malformed.
std::optional<std::vector<Entry>> ParseEntries(const Value* managed) {
  std::vector<Entry> entries;
  if (managed == nullptr || !managed->is_array()) return entries;
  for (const Value& v : managed->array()) {
    Entry e;
    e.manager = std::string(v.StringAt({"manager"}));
    e.operation = std::string(v.StringAt({"operation"}));
    e.api_version = std::string(v.StringAt({"apiVersion"}));
    e.time = std::string(v.StringAt({"time"}));
    e.subresource = std::string(v.StringAt({"subresource"}));
    if (e.operation != "Apply" && e.operation != "Update") return std::nullopt;
    if (const Value* fields = v.Find("fieldsV1"); fields != nullptr && !fields->is_null()) {
      auto set = FieldSet::FromFieldsV1(*fields);
      if (!set.ok()) return std::nullopt;
      e.fields = *std::move(set);
    }
    entries.push_back(std::move(e));
  }
  return entries;
}

Value PrintEntries(const std::vector<Entry>& entries) {
  json::Array out;
  out.reserve(entries.size());
  for (const Entry& e : entries) {
    json::Object o;
    o.Append("manager", e.manager);
    o.Append("operation", e.operation);
    o.Append("apiVersion", e.api_version);
    if (!e.time.empty()) o.Append("time", e.time);
    o.Append("fieldsType", "FieldsV1");
    o.Append("fieldsV1", e.fields.ToFieldsV1());
    if (!e.subresource.empty()) o.Append("subresource", e.subresource);
    out.push_back(Value(std::move(o)));
  }
  return Value(std::move(out));
}

bool IsReset(const Value* managed) {
  if (managed == nullptr || !managed->is_array()) return false;
  const auto& list = managed->array();
  return list.empty() || (list.size() == 1 && list[0].is_object() && list[0].object().empty());
}

// Takes what the write may not own from `set`: system fields always, and what the strategy resets for this subresource.
void RemoveUntracked(const ResourceDefinition& definition, const FieldManager& manager, const Value& live,
                     const Value& object, FieldSet* set) {
  set->RemoveMembers({"apiVersion"});
  set->RemoveMembers({"kind"});
  for (std::string_view member : kUntrackedMeta) set->RemoveMembers({"metadata", member});
  if (definition.FindSubresource("status") == nullptr) return;
  if (manager.subresource.empty()) {
    set->RemoveMembers({"status"});
  } else if (manager.subresource == "status") {
    for (const Value* o : {&live, &object}) {
      for (const auto& [key, value] : o->object()) {
        if (key == "status" || (key == "metadata" && definition.flavor == Flavor::kTyped)) continue;
        set->RemoveMembers({key});
      }
    }
  }
}

// Merges the oldest Update entries of a version until at most kUpdateEntriesMax are left.
void Cap(std::vector<Entry>* entries) {
  size_t updates =
      static_cast<size_t>(std::count_if(entries->begin(), entries->end(), [](const Entry& e) { return e.IsUpdate(); }));
  std::map<std::string, size_t> buckets;  // apiVersion -> the entry that takes the others in
  for (size_t i = 0; i < entries->size() && updates > kUpdateEntriesMax;) {
    Entry& e = (*entries)[i];
    if (!e.IsUpdate()) {
      ++i;
      continue;
    }
    const auto [bucket, first] = buckets.try_emplace(e.api_version, i);
    if (first) {
      ++i;
      continue;
    }
    Entry& into = (*entries)[bucket->second];
    into.manager = std::string(kAncientManager);
    into.subresource.clear();
    into.fields = into.fields.Union(e.fields);
    into.time = e.time;
    entries->erase(entries->begin() + static_cast<std::ptrdiff_t>(i));
    --updates;
  }
}

void Sort(std::vector<Entry>* entries) {
  std::stable_sort(entries->begin(), entries->end(),
                   [](const Entry& a, const Entry& b) { return a.Order() < b.Order(); });
}

Value TakeManaged(Value* object) {
  Value taken;
  if (Value* managed = object->At({"metadata", "managedFields"}); managed != nullptr) {
    taken = std::move(*managed);
    object->Remove({"metadata", "managedFields"});
  }
  return taken;
}

}  // namespace

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
  const Value* live_managed = live == nullptr ? nullptr : live->At({"metadata", "managedFields"});
  Value sent = TakeManaged(object);
  std::vector<Entry> entries;
  if (!IsReset(&sent)) {
    std::optional<std::vector<Entry>> parsed;
    if (manager.subresource.empty()) parsed = ParseEntries(&sent);
    if (!parsed.has_value() || parsed->empty()) parsed = ParseEntries(live_managed);
    if (parsed.has_value()) entries = *std::move(parsed);
  }
  if (live != nullptr && entries.empty()) return;  // not tracked

  const schema::SchemaPtr schema = TrackedSchema(definition);
  // A new object of a compiled-in type is compared with an empty one as Kubernetes writes it: what is always there is
  // nobody's.
  Value nothing = Value::MakeObject();
  if (live == nullptr && definition.flavor == Flavor::kTyped && definition.schema != nullptr)
    schema::Canonicalize(*definition.schema, &nothing);
  nothing.Ensure({"metadata"});  // the metadata itself belongs to nobody
  const Value& before = live == nullptr ? nothing : *live;
  FieldSet::Changes changes = FieldSet::Compare(schema.get(), before, *object);
  FieldSet changed = changes.added.Union(changes.modified);
  const FieldSet removed = std::move(changes.removed);
  RemoveUntracked(definition, manager, before, *object, &changed);
  for (Entry& e : entries) {
    if (!changed.empty()) e.fields = e.fields.Difference(changed);
    if (!removed.empty()) e.fields = e.fields.Difference(removed);
  }
  if (!changed.empty()) {
    const std::string api_version = definition.gvk().ApiVersion();
    const auto own = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) {
      return e.IsUpdate() && e.manager == manager.name && e.api_version == api_version &&
             e.subresource == manager.subresource;
    });
    const std::string now = api::FormatTime(manager.now);
    if (own != entries.end()) {
      own->fields = own->fields.Union(changed);
      own->time = now;
    } else {
      Entry e;
      e.manager = std::string(manager.name);
      e.operation = "Update";
      e.api_version = api_version;
      e.time = now;
      e.subresource = std::string(manager.subresource);
      e.fields = std::move(changed);
      entries.push_back(std::move(e));
    }
  }
  std::erase_if(entries, [](const Entry& e) { return e.fields.empty(); });
  Sort(&entries);
  Cap(&entries);
  if (!entries.empty()) object->Ensure({"metadata"}).object().Set("managedFields", PrintEntries(entries));
}

}  // namespace atoll::registry
