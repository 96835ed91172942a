// The newer face of events; stored as core events.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/core/event_columns.h"
#include "shard/resources/events/event/conversion.h"
#include "shard/resources/events/event/strategy.h"

namespace atoll::resources {

DefinitionPtr EventsEventResource() {
  registry::ResourceDefinition d = Typed({"events.k8s.io", "v1", "events"}, "Event", registry::Scope::kNamespaced);
  d.short_names = {"ev"};
  d.columns = EventColumns({.object = "regarding",
                            .message = "note",
                            .source = "deprecatedSource",
                            .controller = "reportingController",
                            .first_seen = "deprecatedFirstTimestamp",
                            .last_seen = "deprecatedLastTimestamp",
                            .count = "deprecatedCount"});
  d.selectable_fields = {"regarding.kind",       "regarding.namespace",
                         "regarding.name",       "regarding.uid",
                         "regarding.apiVersion", "regarding.resourceVersion",
                         "regarding.fieldPath",  "reason",
                         "reportingController",  "type"};
  d.create_on_update = true;
  d.expires = true;
  d.stored_as = {"", "events"};
  d.to_stored = EventToCore;
  d.from_stored = EventFromCore;
  d.strategy = std::make_shared<EventsEventStrategy>();
  d.storage_version_hash = "9dDOQsG8mfE=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
