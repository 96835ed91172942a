// events.k8s.io events are stored as core events; the two call the same things by other names.
#pragma once

#include "common/json/value.h"

namespace atoll::resources {

void EventToCore(json::Value* object);
void EventFromCore(json::Value* object);

}  // namespace atoll::resources
