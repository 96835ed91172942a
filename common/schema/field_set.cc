#include "common/schema/field_set.h"

#include <algorithm>
#include <utility>

#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::schema {
namespace {

using json::Value;

bool Granular(const Schema* s) { return s == nullptr || (!s->atomic_map && !s->opaque); }

// Lists without a schema, or without keys, are one value.
bool Associative(const Schema* s) { return s != nullptr && s->list_type != ListType::kAtomic; }

const Schema* MemberSchema(const Schema* s, std::string_view name, bool* declared) {
  *declared = false;
  if (s == nullptr) return nullptr;
  if (const Schema* p = s->Property(name)) {
    *declared = true;
    return p;
  }
  return s->additional_properties.get();
}

bool Empty(const Value* v) {
  return v == nullptr || v->is_null() || (v->is_object() && v->object().empty()) ||
         (v->is_array() && v->array().empty());
}

std::string FieldElement(std::string_view name) { return StrCat("f:", name); }

// `k:{"name":"a"}` with the keys sorted, `v:"x"`.
std::string ItemElement(const Schema& list, const Value& item) {
  if (list.list_type == ListType::kSet) return StrCat("v:", json::Write(item));
  Value key = Value::MakeObject();
  for (const auto& name : list.list_map_keys) {
    const Value* part = item.Find(name);
    if (part == nullptr && list.items != nullptr) {
      const Schema* p = list.items->Property(name);
      if (p != nullptr && p->default_value.has_value()) part = &*p->default_value;
    }
    key.object().Append(name, part == nullptr ? Value() : *part);
  }
  key.object().SortByKey();
  return StrCat("k:", json::Write(key));
}

void Collect(const Schema* s, const Value& v, FieldSet* out) {
  if (v.is_object() && !v.object().empty() && Granular(s)) {
    for (const auto& [name, child] : v.object()) {
      bool declared = false;
      const Schema* c = MemberSchema(s, name, &declared);
      FieldSet& below = out->Child(FieldElement(name));
      Collect(c, child, &below);
      if (!declared || Empty(&child)) below.Insert();
    }
    return;
  }
  if (v.is_array() && !v.array().empty() && Associative(s)) {
    for (const Value& item : v.array()) {
      FieldSet& below = out->Child(ItemElement(*s, item));
      Collect(s->items.get(), item, &below);
      below.Insert();
    }
    return;
  }
  out->Insert();
}

// What differs at one path and below. Null pointers are absent values.
FieldSet::Changes Diff(const Schema* s, const Value* before, const Value* after);

void Merge(std::string element, FieldSet::Changes below, FieldSet::Changes* into) {
  if (!below.added.empty()) into->added.Child(element) = std::move(below.added);
  if (!below.modified.empty()) into->modified.Child(element) = std::move(below.modified);
  if (!below.removed.empty()) into->removed.Child(element) = std::move(below.removed);
}

void DiffMembers(const Schema* s, const Value* before, const Value* after, FieldSet::Changes* out) {
  bool declared = false;
  if (before != nullptr && before->is_object()) {
    for (const auto& [name, child] : before->object()) {
      const Value* other = after == nullptr ? nullptr : after->Find(name);
      Merge(FieldElement(name), Diff(MemberSchema(s, name, &declared), &child, other), out);
    }
  }
  if (after != nullptr && after->is_object()) {
    for (const auto& [name, child] : after->object()) {
      if (before != nullptr && before->Find(name) != nullptr) continue;
      Merge(FieldElement(name), Diff(MemberSchema(s, name, &declared), nullptr, &child), out);
    }
  }
}

void DiffItems(const Schema& s, const Value* before, const Value* after, FieldSet::Changes* out) {
  std::map<std::string, std::pair<const Value*, const Value*>> items;
  if (before != nullptr && before->is_array()) {
    for (const Value& item : before->array()) items[ItemElement(s, item)].first = &item;
  }
  if (after != nullptr && after->is_array()) {
    for (const Value& item : after->array()) items[ItemElement(s, item)].second = &item;
  }
  for (const auto& [element, pair] : items) Merge(element, Diff(s.items.get(), pair.first, pair.second), out);
}

FieldSet::Changes Diff(const Schema* s, const Value* before, const Value* after) {
  FieldSet::Changes out;
  auto is = [](const Value* v, Value::Kind kind) { return v == nullptr || v->is_null() || v->kind() == kind; };
  bool both_empty = Empty(before) && Empty(after);
  bool objects = is(before, Value::Kind::kObject) && is(after, Value::Kind::kObject) && Granular(s);
  bool lists = is(before, Value::Kind::kArray) && is(after, Value::Kind::kArray) && Associative(s);
  if (!both_empty && objects) {
    DiffMembers(s, before, after, &out);
  } else if (!both_empty && lists) {
    DiffItems(*s, before, after, &out);
  } else if (before != nullptr && after != nullptr && !(*before == *after)) {
    out.modified.Insert();
  }
  if (before == nullptr && after != nullptr) out.added.Insert();
  if (before != nullptr && after == nullptr) out.removed.Insert();
  return out;
}

}  // namespace

FieldSet& FieldSet::Child(std::string_view element) { return children_[std::string(element)]; }

bool FieldSet::Has(std::initializer_list<std::string_view> elements) const {
  const FieldSet* at = this;
  for (std::string_view e : elements) {
    auto it = at->children_.find(std::string(e));
    if (it == at->children_.end()) return false;
    at = &it->second;
  }
  return at->member_;
}

FieldSet FieldSet::Of(const Schema* schema, const Value& value) {
  Value before = Value::MakeObject();
  if (schema != nullptr && schema->compiled_in) Canonicalize(*schema, &before);
  Changes changes = Compare(schema, before, value);
  return changes.added.Union(changes.modified);
}

FieldSet FieldSet::OfApplied(const Schema* schema, const Value& value) {
  FieldSet out;
  if (!Empty(&value)) Collect(schema, value, &out);
  return out;
}

absl::StatusOr<FieldSet> FieldSet::FromFieldsV1(const Value& fields) {
  FieldSet out;
  if (!fields.is_object()) return absl::InvalidArgumentError("fieldsV1 must be an object");
  if (fields.object().empty()) return out;
  for (const auto& [element, below] : fields.object()) {
    if (element == ".") {
      out.member_ = true;
      continue;
    }
    if (element.size() < 2 || element[1] != ':' ||
        std::string_view("fkvi").find(element[0]) == std::string_view::npos) {
      return absl::InvalidArgumentError(StrCat("unrecognized path element ", element));
    }
    if (element[0] == 'k' || element[0] == 'v') {
      if (auto parsed = json::Parse(std::string_view(element).substr(2)); !parsed.ok()) return parsed.status();
    }
    auto child = FromFieldsV1(below);
    if (!child.ok()) return child.status();
    if (below.object().empty()) child->member_ = true;
    out.children_[element] = *std::move(child);
  }
  return out;
}

Value FieldSet::ToFieldsV1() const {
  json::Object out;
  if (member_ && !children_.empty()) out.Append(".", Value::MakeObject());
  for (std::string_view kind : {"f:", "k:", "v:", "i:"}) {
    for (auto it = children_.lower_bound(std::string(kind)); it != children_.end() && it->first.starts_with(kind);
         ++it) {
      out.Append(it->first, it->second.ToFieldsV1());
    }
  }
  return Value(std::move(out));
}

FieldSet FieldSet::Union(const FieldSet& other) const {
  FieldSet out = *this;
  out.member_ = member_ || other.member_;
  for (const auto& [element, below] : other.children_) {
    auto [it, fresh] = out.children_.try_emplace(element, below);
    if (!fresh) it->second = it->second.Union(below);
  }
  return out;
}

FieldSet FieldSet::Difference(const FieldSet& other) const {
  FieldSet out;
  out.member_ = member_ && !other.member_;
  for (const auto& [element, below] : children_) {
    auto it = other.children_.find(element);
    FieldSet rest = it == other.children_.end() ? below : below.Difference(it->second);
    if (!rest.empty()) out.children_.emplace(element, std::move(rest));
  }
  return out;
}

FieldSet FieldSet::Intersection(const FieldSet& other) const {
  FieldSet out;
  out.member_ = member_ && other.member_;
  for (const auto& [element, below] : children_) {
    auto it = other.children_.find(element);
    if (it == other.children_.end()) continue;
    FieldSet both = below.Intersection(it->second);
    if (!both.empty()) out.children_.emplace(element, std::move(both));
  }
  return out;
}

void FieldSet::RemoveMembers(std::initializer_list<std::string_view> path) {
  std::vector<std::pair<FieldSet*, std::string>> way;
  FieldSet* at = this;
  for (std::string_view name : path) {
    std::string element = FieldElement(name);
    auto it = at->children_.find(element);
    if (it == at->children_.end()) return;
    way.emplace_back(at, element);
    at = &it->second;
  }
  for (size_t i = way.size(); i-- > 0;) {
    auto& [parent, element] = way[i];
    auto it = parent->children_.find(element);
    if (i + 1 != way.size() && !it->second.empty()) return;
    parent->children_.erase(it);
  }
}

FieldSet::Changes FieldSet::Compare(const Schema* schema, const Value& before, const Value& after) {
  return Diff(schema, &before, &after);
}

}  // namespace atoll::schema
