// Selection: the label and field selectors of a list, watch or deletecollection, over stored objects
// (spec/api-machinery.md 3.8). Immutable, thread-safe. Looks only at the members that a selector names; an empty one
// looks at nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/api/selectors.h"
#include "shard/registry/definition.h"
#include "shard/registry/view.h"

namespace atoll::registry {

class Selection {
 public:
  // What `view` hides is never selected. Errors: BadRequest, also for a field that `definition` cannot select by.
  static absl::StatusOr<Selection> Parse(std::string_view labels, std::string_view fields,
                                         const ResourceDefinition& definition,
                                         std::shared_ptr<const View> view = nullptr);
  // Whether the object that is stored as `value` under `key` and served by `definition` is selected. Copies and
  // converts nothing but for a field selector on a kind whose stored shape is another one.
  bool Matches(const ResourceDefinition& definition, std::string_view key, std::string_view value) const;
  bool empty() const { return view_ == nullptr && labels_.matches_everything() && fields_.matches_everything(); }
  const api::FieldSelector& fields() const { return fields_; }

 private:
  bool MatchesFields(const ResourceDefinition& definition, std::string_view key, std::string_view value) const;

  api::LabelSelector labels_;
  api::FieldSelector fields_;
  std::shared_ptr<const View> view_;
};

// Whether the object that is stored as `value` is there in the view.
bool Shows(const View& view, std::string_view value);

// The value of a selectable field as selectors compare it: strings bare, numbers and bools as JSON, "" when missing.
std::string SelectableValue(std::string_view stored_json, std::string_view field);

}  // namespace atoll::registry
