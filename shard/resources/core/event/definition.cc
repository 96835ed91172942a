// A report of something that happened. Also served, under other names, as events.k8s.io.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/core/event/strategy.h"
#include "shard/resources/core/event_columns.h"

namespace atoll::resources {

DefinitionPtr EventResource() {
  registry::ResourceDefinition d = Typed({"", "v1", "events"}, "Event", registry::Scope::kNamespaced);
  d.short_names = {"ev"};
  d.columns = EventColumns({.object = "involvedObject",
                            .message = "message",
                            .source = "source",
                            .controller = "reportingComponent",
                            .first_seen = "firstTimestamp",
                            .last_seen = "lastTimestamp",
                            .count = "count"});
  d.selectable_fields = {"involvedObject.kind",
                         "involvedObject.namespace",
                         "involvedObject.name",
                         "involvedObject.uid",
                         "involvedObject.apiVersion",
                         "involvedObject.resourceVersion",
                         "involvedObject.fieldPath",
                         "reason",
                         "reportingComponent",
                         "source",
                         "type"};
  d.create_on_update = true;
  d.expires = true;
  d.qualified_finalizers = false;
  d.strategy = std::make_shared<EventStrategy>();
  d.storage_version_hash = "9dDOQsG8mfE=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
