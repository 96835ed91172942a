// Selection: the label and field selectors of a list, watch or deletecollection, over stored objects
// (spec/api-machinery.md 3.8). Immutable, thread-safe. Looks only at the members that a selector names; an empty one
// looks at nothing.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/api/selectors.h"
#include "shard/registry/definition.h"

namespace atoll::registry {

class Selection {
 public:
  // Errors: BadRequest, also for a field that `definition` cannot select by.
  static absl::StatusOr<Selection> Parse(std::string_view labels, std::string_view fields,
                                         const ResourceDefinition& definition);
  // `stored_json` is StoredObject::RawJson(); `ns` and `name` come from the key.
  bool Matches(std::string_view ns, std::string_view name, std::string_view stored_json) const;
  bool empty() const { return labels_.matches_everything() && fields_.matches_everything(); }
  const api::FieldSelector& fields() const { return fields_; }

 private:
  api::LabelSelector labels_;
  api::FieldSelector fields_;
};

// The value of a selectable field as selectors compare it: strings bare, numbers and bools as JSON, "" when missing.
std::string SelectableValue(std::string_view stored_json, std::string_view field);

}  // namespace atoll::registry
