// When a quota is counted again. Pure.
#pragma once

#include "absl/time/time.h"

namespace atoll::controllers {

enum class Counted { kUnchanged, kChanged, kLostRace };

// Soon after a change: a write that began before the quota was known may have ended since. Else now and then, as the
// reference does, for what is removed beside the registry.
inline absl::Duration RecountAfter(Counted counted) {
  switch (counted) {
    case Counted::kChanged:
      return absl::Seconds(5);
    case Counted::kLostRace:
      return absl::Seconds(1);
    case Counted::kUnchanged:
      break;
  }
  return absl::Minutes(5);
}

}  // namespace atoll::controllers
