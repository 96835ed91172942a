#include "shard/storage/object_writer.h"

#include <algorithm>
#include <array>

#include "absl/container/inlined_vector.h"
#include "common/json/write.h"
#include "common/schema/schema.h"

namespace atoll::storage {

namespace {

using json::Object;
using json::Value;
using Members = absl::InlinedVector<const Object::Member*, 24>;

// The order of Kubernetes' ObjectMeta. The resourceVersion is spliced in when the object is read (it is known only to
// the sequencer).
constexpr std::string_view kVersionMember = "resourceVersion";
constexpr std::array<std::string_view, 14> kMetaOrder = {
    "name",         "generateName", "namespace",         "selfLink",          "uid",
    kVersionMember, "generation",   "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
    "labels",       "annotations",  "ownerReferences",   "finalizers"};  // then managedFields, then what is unknown
constexpr std::array<std::string_view, 6> kOwnerOrder = {"apiVersion", "kind",       "name",
                                                         "uid",        "controller", "blockOwnerDeletion"};
constexpr std::array<std::string_view, 7> kManagedOrder = {"manager",    "operation", "apiVersion", "time",
                                                           "fieldsType", "fieldsV1",  "subresource"};

template <size_t N>
size_t Rank(const std::array<std::string_view, N>& order, std::string_view key) {
  return static_cast<size_t>(std::find(order.begin(), order.end(), key) - order.begin());
}

Members Collect(const Object& object) {
  Members members;
  members.reserve(object.size());
  for (const auto& m : object) members.push_back(&m);
  return members;
}

void SortByKey(Members* members) {
  const auto less = [](const Object::Member* a, const Object::Member* b) { return a->first < b->first; };
  if (!std::is_sorted(members->begin(), members->end(), less)) std::sort(members->begin(), members->end(), less);
}

template <class RankFn>
void SortByRank(Members* members, RankFn rank) {
  std::stable_sort(members->begin(), members->end(),
                   [&](const auto* a, const auto* b) { return rank(a->first) < rank(b->first); });
}

void AppendKey(std::string* out, std::string_view key) {
  json::AppendQuoted(out, key);
  out->push_back(':');
}

// Everything sorted by key, at every level.
void AppendSorted(std::string* out, const Value& value) {
  if (value.is_object()) {
    Members members = Collect(value.object());
    SortByKey(&members);
    out->push_back('{');
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out->push_back(',');
      AppendKey(out, members[i]->first);
      AppendSorted(out, members[i]->second);
    }
    out->push_back('}');
  } else if (value.is_array()) {
    out->push_back('[');
    for (size_t i = 0; i < value.array().size(); ++i) {
      if (i > 0) out->push_back(',');
      AppendSorted(out, value.array()[i]);
    }
    out->push_back(']');
  } else {
    json::AppendTo(out, value);
  }
}

// In the schema's order; maps sorted by key; what the schema does not know as it came.
void AppendBySchema(std::string* out, const schema::Schema* schema, const Value& value) {
  if (schema == nullptr) {
    json::AppendTo(out, value);
  } else if (value.is_object() && !value.object().empty()) {
    Members members = Collect(value.object());
    if (!schema->properties.empty()) {
      const auto& properties = schema->properties;
      SortByRank(&members, [&](std::string_view key) {
        size_t i = 0;
        while (i < properties.size() && properties[i].first != key) ++i;
        return i;
      });
    } else if (schema->additional_properties != nullptr) {
      SortByKey(&members);
    }
    out->push_back('{');
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out->push_back(',');
      AppendKey(out, members[i]->first);
      const schema::Schema* child = schema->Property(members[i]->first);
      AppendBySchema(out, child != nullptr ? child : schema->additional_properties.get(), members[i]->second);
    }
    out->push_back('}');
  } else if (value.is_array() && schema->items != nullptr) {
    out->push_back('[');
    for (size_t i = 0; i < value.array().size(); ++i) {
      if (i > 0) out->push_back(',');
      AppendBySchema(out, schema->items.get(), value.array()[i]);
    }
    out->push_back(']');
  } else {
    json::AppendTo(out, value);
  }
}

template <size_t N>
void AppendListOf(std::string* out, const Value& list, const std::array<std::string_view, N>& order) {
  if (!list.is_array()) return json::AppendTo(out, list);
  out->push_back('[');
  for (size_t i = 0; i < list.array().size(); ++i) {
    if (i > 0) out->push_back(',');
    const Value& item = list.array()[i];
    if (!item.is_object()) {
      json::AppendTo(out, item);
      continue;
    }
    Members members = Collect(item.object());
    SortByRank(&members, [&](std::string_view key) { return Rank(order, key); });
    out->push_back('{');
    for (size_t j = 0; j < members.size(); ++j) {
      if (j > 0) out->push_back(',');
      AppendKey(out, members[j]->first);
      json::AppendTo(out, members[j]->second);
    }
    out->push_back('}');
  }
  out->push_back(']');
}

bool IsEmpty(const Value& value) {
  if (value.is_null()) return true;
  if (value.is_string()) return value.string().empty();
  if (value.is_array()) return value.array().empty();
  return value.is_object() && value.object().empty();
}

// Appends the metadata and records where the resourceVersion goes and where the labels are.
void AppendMetadata(WrittenObject* written, const Value* metadata, bool sorted) {
  std::string* const out = &written->json;
  out->push_back('{');
  Members members;
  if (metadata != nullptr && metadata->is_object()) {
    for (const auto& m : metadata->object()) {
      if (m.first != kVersionMember && !IsEmpty(m.second)) members.push_back(&m);
    }
  }
  const auto rank = [](std::string_view key) {
    if (key == "managedFields") return kMetaOrder.size();
    const size_t r = Rank(kMetaOrder, key);
    return r < kMetaOrder.size() ? r : r + 1;
  };
  if (sorted) {
    SortByKey(&members);
  } else {
    SortByRank(&members, rank);
  }
  for (size_t i = 0; i < members.size(); ++i) {
    const auto& [key, value] = *members[i];
    if (i > 0) out->push_back(',');
    if (written->version_offset == 0 && (sorted ? key > kVersionMember : rank(key) > rank(kVersionMember)))
      written->version_offset = out->size();
    AppendKey(out, key);
    if (key == "labels") written->labels_offset = out->size();
    if (sorted || key == "labels" || key == "annotations") {
      AppendSorted(out, value);
    } else if (key == "ownerReferences") {
      AppendListOf(out, value, kOwnerOrder);
    } else if (key == "managedFields") {
      AppendListOf(out, value, kManagedOrder);
    } else {
      json::AppendTo(out, value);
    }
  }
  if (written->version_offset == 0) written->version_offset = out->size();
  out->push_back('}');
}

}  // namespace

WrittenObject WriteObject(const registry::ResourceDefinition& definition, const Value& object) {
  WrittenObject w;
  w.json.reserve(1024);
  const bool sorted = definition.flavor == registry::Flavor::kCustom;
  const Value kind(definition.kind), api_version(definition.gvk().ApiVersion());
  const Value metadata_missing = Value::MakeObject();
  Members members;
  for (const auto& m : object.object()) {
    if (m.first != "kind" && m.first != "apiVersion" && m.first != "metadata") members.push_back(&m);
  }
  const Value* metadata = object.Find("metadata");
  w.json.push_back('{');
  if (sorted) {
    const Object::Member kind_member{"kind", kind}, version_member{"apiVersion", api_version},
        metadata_member{"metadata", nullptr};
    members.push_back(&kind_member);
    members.push_back(&version_member);
    members.push_back(&metadata_member);
    SortByKey(&members);
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) w.json.push_back(',');
      AppendKey(&w.json, members[i]->first);
      if (members[i] == &metadata_member) {
        AppendMetadata(&w, metadata, true);
      } else {
        AppendSorted(&w.json, members[i]->second);
      }
    }
    w.items_offset = 1;
  } else {
    AppendKey(&w.json, "kind");
    json::AppendTo(&w.json, kind);
    w.json.push_back(',');
    AppendKey(&w.json, "apiVersion");
    json::AppendTo(&w.json, api_version);
    w.json.push_back(',');
    w.items_offset = w.json.size();
    AppendKey(&w.json, "metadata");
    AppendMetadata(&w, metadata, false);
    const schema::Schema* schema = definition.schema.get();
    if (schema != nullptr) {
      const auto& properties = schema->properties;
      SortByRank(&members, [&](std::string_view key) {
        size_t i = 0;
        while (i < properties.size() && properties[i].first != key) ++i;
        return i;
      });
    }
    for (const auto* m : members) {
      w.json.push_back(',');
      AppendKey(&w.json, m->first);
      AppendBySchema(&w.json, schema == nullptr ? nullptr : schema->Property(m->first), m->second);
    }
  }
  w.json.push_back('}');
  return w;
}

}  // namespace atoll::storage
