// FieldSet: a set of field paths of an object, the currency of metadata.managedFields (FieldsV1) and server-side apply.
//
// A path is a chain of elements: a member (`f:name`), a list item by its keys (`k:{"type":"Ready"}`), a set item by its
// value (`v:"x"`) or by index (`i:0`). Kept as a tree with sorted children. Behaviour as published for
// structured-merge-diff.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/schema/schema.h"

namespace atoll::schema {

class FieldSet {
 public:
  // The fields that the creator of an object owns: leaves, atomic values, and granular maps, lists and objects
  // themselves (printed as `.`), less what an object of a compiled-in type always has. `schema` null: maps granular,
  // lists atomic.
  static FieldSet Of(const Schema* schema, const json::Value& value);
  // The fields of an applied configuration: leaves, atomic and empty values, entries of maps and items of lists.
  static FieldSet OfApplied(const Schema* schema, const json::Value& value);
  static absl::StatusOr<FieldSet> FromFieldsV1(const json::Value& fields);
  json::Value ToFieldsV1() const;

  FieldSet Union(const FieldSet& other) const;
  FieldSet Difference(const FieldSet& other) const;
  FieldSet Intersection(const FieldSet& other) const;
  bool empty() const { return !member_ && children_.empty(); }
  friend bool operator==(const FieldSet&, const FieldSet&) = default;
  // This path itself is in the set.
  bool member() const { return member_; }
  // What is below, by serialized path element (`f:spec`, `k:{"name":"a"}`, `v:"x"`, `i:0`).
  const std::map<std::string, FieldSet>& children() const { return children_; }
  // Adds this path itself; the child for a path element, made when absent.
  void Insert() { member_ = true; }
  FieldSet& Child(std::string_view element);
  bool Has(std::initializer_list<std::string_view> elements) const;
  // Removes a path of members (metadata.name, ...) and all below it.
  void RemoveMembers(std::initializer_list<std::string_view> path);

  // Fields that `before` and `after` both have but with different values, plus those only one has: what an Update
  // changed, and so owns. A map, list or object that only one has is in the set itself (printed as `.`).
  struct Changes;
  static Changes Compare(const Schema* schema, const json::Value& before, const json::Value& after);

 private:
  bool member_ = false;                       // this path itself is in the set (printed as "." beside children)
  std::map<std::string, FieldSet> children_;  // by serialized path element
};

struct FieldSet::Changes {
  FieldSet added, modified, removed;
};

}  // namespace atoll::schema
