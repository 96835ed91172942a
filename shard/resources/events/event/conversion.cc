#include "shard/resources/events/event/conversion.h"

#include <string_view>
#include <utility>

#include "shard/resources/schemas.h"

namespace atoll::resources {
namespace {

using json::Value;

struct Pair {
  std::string_view events, core;
};
constexpr Pair kPairs[] = {
    {"regarding", "involvedObject"},
    {"note", "message"},
    {"reportingController", "reportingComponent"},
    {"deprecatedSource", "source"},
    {"deprecatedFirstTimestamp", "firstTimestamp"},
    {"deprecatedLastTimestamp", "lastTimestamp"},
    {"deprecatedCount", "count"},
};

void Rename(std::string_view from, std::string_view to, Value* object) {
  Value* member = object->Find(from);
  if (member == nullptr) return;
  Value moved = std::move(*member);
  object->object().Erase(from);
  object->object().Set(to, std::move(moved));
}

void Become(std::string_view api_version, const api::Gvk& gvk, Value* object) {
  object->object().Set("apiVersion", Value(api_version));
  object->object().Set("kind", Value("Event"));
  schema::Canonicalize(*SchemaOf(gvk), object);
}

}  // namespace

void EventToCore(Value* object) {
  for (const Pair& p : kPairs) Rename(p.events, p.core, object);
  Become("v1", {"", "v1", "Event"}, object);
}

void EventFromCore(Value* object) {
  for (const Pair& p : kPairs) Rename(p.core, p.events, object);
  Become("events.k8s.io/v1", {"events.k8s.io", "v1", "Event"}, object);
}

}  // namespace atoll::resources
