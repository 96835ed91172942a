// View: what a virtual workspace lets its callers see and change of a resource. Immutable, shared by the requests that
// it concerns; thread-safe.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "common/api/selectors.h"
#include "common/json/value.h"
#include "common/path/path.h"

namespace atoll::registry {

struct View {
  LogicalClusterId decided_in;  // whose RBAC says who may have this view: watches ask again when it changes
  // Objects that do not match are not there: left out of lists, DELETED from watches, 404 by name.
  api::LabelSelector selector;
  bool only_deleting = false;  // nor are objects without a deletionTimestamp
  // Judges an update or patch before it is stored. Errors answer the client.
  std::function<absl::Status(const json::Value& old_object, const json::Value& object)> judge;
};

}  // namespace atoll::registry
