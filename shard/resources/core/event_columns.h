// The table of events, which both groups print from their own field names.
#pragma once

#include <string_view>
#include <vector>

#include "shard/registry/definition.h"

namespace atoll::resources {

// How a group calls the fields of an event.
struct EventFields {
  std::string_view object, message, source, controller, first_seen, last_seen, count;
};

std::vector<registry::Column> EventColumns(EventFields fields);

}  // namespace atoll::resources
