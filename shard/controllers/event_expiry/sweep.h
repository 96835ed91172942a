// What a sweep does with one entry of the expiry index. Pure.
#pragma once

#include "absl/time/time.h"
#include "common/json/value.h"

namespace atoll::controllers {

// When the server last wrote the object, by the times it stamped on it: its creation, and what its field managers did.
absl::Time LastWritten(const json::Value& object);

// When to sweep again: the oldest entry's time to go, within bounds that keep sweeps of a busy shard together and a
// clock that was set back harmless.
absl::Duration NextSweep(absl::Time oldest_entry, absl::Duration ttl, absl::Time now);

}  // namespace atoll::controllers
