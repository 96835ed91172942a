#include "shard/controllers/event_expiry/sweep.h"

#include <algorithm>

#include "common/api/object.h"

namespace atoll::controllers {

absl::Time LastWritten(const json::Value& object) {
  absl::Time last = api::ParseTime(object.StringAt({"metadata", "creationTimestamp"})).value_or(absl::UnixEpoch());
  const json::Value* managers = object.At({"metadata", "managedFields"});
  if (managers == nullptr || !managers->is_array()) return last;
  for (const json::Value& manager : managers->array()) {
    if (auto at = api::ParseTime(manager.StringAt({"time"}))) last = std::max(last, *at);
  }
  return last;
}

absl::Duration NextSweep(absl::Time oldest_entry, absl::Duration ttl, absl::Time now) {
  return std::clamp(oldest_entry + ttl - now + absl::Seconds(1), absl::Seconds(1), absl::Minutes(1));
}

}  // namespace atoll::controllers
