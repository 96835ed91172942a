// Backend: where audit events go. Thread-safe: events come from every loop.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/loop/sync.h"

namespace atoll::audit {

// One line of JSON, shared by the back ends.
using Line = std::shared_ptr<const std::string>;

// Told once the event is stored (true) or lost (false); nullopt: nobody waits.
using Stored = std::optional<Completion<bool>>;

class Backend {
 public:
  virtual ~Backend() = default;  // Stores what was taken, within a bound of its own.
  // Never blocks. Beyond the back end's bound the event is lost and counted.
  virtual void Submit(Line line, Stored stored) = 0;
};

}  // namespace atoll::audit
