#include "shard/resources/events/event/strategy.h"

#include "shard/resources/core/event_rules.h"
#include "shard/resources/events/event/conversion.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr std::string_view kController = "reportingController";

Value Core(const Value& event) {
  Value core = event;
  EventToCore(&core);
  return core;
}

}  // namespace

api::FieldErrors EventsEventStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  const Value event = Core(object);
  api::FieldErrors errors;
  CheckEvent(event, kController, &errors);
  CheckNewEvent(event, &errors);
  return errors;
}

api::FieldErrors EventsEventStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                     const Value& old) const {
  const Value event = Core(object);
  api::FieldErrors errors;
  CheckEvent(event, kController, &errors);
  CheckChangedEvent(event, Core(old), &errors);
  return errors;
}

}  // namespace atoll::resources
