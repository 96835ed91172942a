// What ownership needs to know of objects, and what applying does to them; each a walk over value and type together
// (structured-merge-diff's published behaviour, KEP-555). Pure functions; recursion is as deep as the JSON, which the
// parser bounds.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/apply/field_set.h"
#include "common/apply/type_view.h"
#include "common/json/value.h"

namespace atoll::apply {

enum class Duplicates : uint8_t { kRefused, kAllowed };

// Whether `value` is one of `type`: fields that are declared, kinds of values, items with their keys, no item twice
// (objects that are stored already may have them). Errors: InvalidArgument; one line
// (`.spec.ports[port=80].name: expected string, got ...`), or several below `errors:`.
absl::Status Validate(const TypeView& type, const json::Value& value, Duplicates duplicates);

// The fields of an applied configuration: leaves, atomic and empty values, entries of maps and items of lists. Items
// that are there twice are owned as a whole.
FieldSet Collect(const TypeView& type, const json::Value& value);

// What differs between two objects, leaf by leaf; a map, list or object that only one has is in the set itself.
struct Comparison {
  FieldSet added, modified, removed;
  bool same() const { return added.empty() && modified.empty() && removed.empty(); }
};
Comparison Compare(const TypeView& type, const json::Value& before, const json::Value& after);

// Merges `config` into `live`: its leaves win, maps are united, items of lists by their keys. Merged lists have the
// configuration's order; items that only `live` has stay where they are among the others.
// REQUIRES: Validate says ok for both, and no duplicates in `config`.
void MergeInto(const TypeView& type, const json::Value& config, json::Value* live);

// Removes the paths of `fields` with all below them. A map or list that loses its last entry stays, empty.
void Remove(const TypeView& type, const FieldSet& fields, json::Value* value);

// `fields` with each declared field that has something below it in the set itself.
FieldSet WithNamedFields(const TypeView& type, const FieldSet& fields);

// `fields` as they are after a type became atomic: what lay below an atomic value is that value now.
FieldSet Reconcile(const TypeView& type, FieldSet fields);

}  // namespace atoll::apply
