// metadata.managedFields as a list of managers, each with the fields it owns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/apply/field_set.h"
#include "common/json/value.h"

namespace atoll::apply {

enum class Operation : uint8_t { kApply, kUpdate };

struct Manager {
  std::string name;
  Operation operation = Operation::kUpdate;
  std::string api_version, subresource;
  std::string time;  // RFC 3339; empty: not known
  FieldSet fields;

  // What tells managers apart: an applier is the same in all versions.
  bool Is(std::string_view other_name, Operation op, std::string_view version, std::string_view sub) const {
    return name == other_name && operation == op && subresource == sub &&
           (op == Operation::kApply || api_version == version);
  }
  // As conflicts name it: `"kubectl" with subresource "status" using v1`.
  std::string Printed() const;
};
using Managers = std::vector<Manager>;

// Update entries beyond this many are merged, the oldest first, into one of `ancient-changes` a version.
inline constexpr size_t kUpdateManagersMax = 10;

// Of an absent or empty list: none. Of two entries of one manager the last counts. Errors: InvalidArgument when any
// entry is malformed.
absl::StatusOr<Managers> ParseManagers(const json::Value* managed_fields);
// Sorted as Kubernetes lists them: appliers first, then by time, name, version, subresource. REQUIRES: not empty.
json::Value PrintManagers(Managers managers);
void CapUpdateManagers(Managers* managers);

}  // namespace atoll::apply
