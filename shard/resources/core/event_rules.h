// What an event must satisfy, whichever group it comes through. Events of both are judged as core events, as the
// reference does; the groups differ in how strict they are.
#pragma once

#include <string_view>

#include "common/api/errors.h"
#include "common/json/value.h"

namespace atoll::resources {

// What every event must satisfy. `controller_field`: what errors call the reporting controller.
void CheckEvent(const json::Value& core_event, std::string_view controller_field, api::FieldErrors* errors);
// What events.k8s.io asks of a new event beyond that, and of a changed one.
void CheckNewEvent(const json::Value& core_event, api::FieldErrors* errors);
void CheckChangedEvent(const json::Value& core_event, const json::Value& core_old, api::FieldErrors* errors);

}  // namespace atoll::resources
