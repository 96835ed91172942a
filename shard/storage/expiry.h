// Where objects that expire are found: an index by the second of each write, in the store's index keyspace and in the
// write's own transaction. An object written again is there again; its older entries are stale, which whoever sweeps
// sees by the object. Pure.
//
//   "expiry" NUL  seconds since 1970, 12 digits  NUL  key of the object
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace atoll::storage {

std::string ExpiryKey(absl::Time written, std::string_view object_key);

struct ExpiryEntry {
  absl::Time written;
  std::string_view object_key;  // into the index key
};
// Errors: DataLoss.
absl::StatusOr<ExpiryEntry> DecodeExpiryKey(std::string_view index_key);

// All entries lie in [ExpiryScope(), store::ScopeEnd(ExpiryScope())), in the order of their seconds.
std::string ExpiryScope();

}  // namespace atoll::storage
