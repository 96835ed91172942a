// FieldSet: a set of field paths of an object, the currency of metadata.managedFields (FieldsV1) and server-side apply.
//
// A path is a chain of elements: a member (`f:name`), a list item by its keys (`k:{"type":"Ready"}`), a set item by its value (`v:"x"`) or by
// index (`i:0`). Kept as a tree with sorted children. Behaviour as published for structured-merge-diff.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/schema/schema.h"

namespace atoll::schema {

class FieldSet {
 public:
  // The fields that an object has: leaves, atomic values, and for granular maps, lists items and objects in lists their own entry (`.`), as
  // Kubernetes records for the manager of an Update. `schema` null: everything granular, lists atomic.
  static FieldSet Of(const Schema* schema, const json::Value& value);
  static absl::StatusOr<FieldSet> FromFieldsV1(const json::Value& fields);
  json::Value ToFieldsV1() const;

  FieldSet Union(const FieldSet& other) const;
  FieldSet Difference(const FieldSet& other) const;
  FieldSet Intersection(const FieldSet& other) const;
  bool empty() const { return !member_ && children_.empty(); }
  friend bool operator==(const FieldSet&, const FieldSet&) = default;
  // Removes a path of members (metadata.name, ...) and all below it.
  void RemoveMembers(std::initializer_list<std::string_view> path);

  // Fields that `before` and `after` both have but with different values, plus those only one has: what an Update changed.
  struct Changes;
  static Changes Compare(const Schema* schema, const json::Value& before, const json::Value& after);

 private:
  bool member_ = false;                        // this path itself is in the set (printed as "." beside children)
  std::map<std::string, FieldSet> children_;   // by serialized path element
};

struct FieldSet::Changes {
  FieldSet added, modified, removed;
};

}  // namespace atoll::schema
