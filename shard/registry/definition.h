// ResourceDefinition: everything the server knows of one resource in one version. Discovery, OpenAPI, storage, watch,
// tables and validation follow from it. Immutable after construction, shared by all workspaces that serve the resource.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/gvr.h"
#include "common/json/value.h"

namespace atoll::schema {
class Schema;
}

namespace atoll::registry {

class Strategy;

enum class Scope : uint8_t { kCluster, kNamespaced };

// How objects of the resource are written on the wire. Kubernetes' compiled-in types and custom resources differ in
// small ways (spec/api-machinery.md 1.3, 3.2): kTyped lists have items without kind and apiVersion, accept objects
// without them, and allow strategic merge patch; kCustom objects are printed with sorted keys and pruned by schema.
enum class Flavor : uint8_t { kTyped, kCustom };

struct Column {
  std::string name;
  std::string type = "string";  // string, integer, number, boolean, date
  std::string format;           // "name" for the first one
  std::string description;
  int priority = 0;
  std::string json_path;  // `.spec.type.name`; empty when `cell` computes it
  std::function<json::Value(const json::Value& object)> cell;
  // The value is an RFC 3339 time, printed as the time since then (`5m`; `<unknown>` when there is none). Set for Age,
  // whatever its type.
  bool age = false;
};

// Where an object keeps what its scale subresource shows; each a path of members.
struct ScalePaths {
  struct Place {
    std::string text;  // `.spec.replicas`, as the definition says it
    std::vector<std::string> path;
  };
  Place spec_replicas, status_replicas, selector;  // selector: empty when there is none
};

struct Subresource {
  std::string name;                              // "status", "finalize", "token", "approval"
  std::vector<std::string> verbs;                // sorted
  api::Gvk kind;                                 // of its body, when it is not the resource's own
  std::shared_ptr<const schema::Schema> schema;  // of that body; null: not checked
};

struct ResourceDefinition {
  api::Gvr gvr;
  std::string kind, list_kind, singular;
  std::vector<std::string> short_names, categories;
  Scope scope = Scope::kNamespaced;
  Flavor flavor = Flavor::kTyped;
  std::vector<std::string> verbs;  // in discovery's order
  std::vector<Subresource> subresources;
  std::shared_ptr<const schema::Schema> schema;
  std::vector<Column> columns;  // after Name, Age included where it is shown; the table printer adds only Name (first)
  std::vector<std::string>
      selectable_fields;                     // beside metadata.name and metadata.namespace: "type", "status.phase", ...
  std::shared_ptr<const Strategy> strategy;  // never null
  bool create_on_update = false;             // PUT of a missing object creates it
  bool unconditional_update = true;          // an update without resourceVersion is allowed
  bool returns_deleted_object = false;       // DELETE answers the object instead of a Status
  bool storable = true;                      // false: create-only reviews, answered and forgotten
  bool has_generation = false;               // metadata.generation is kept
  bool expires = false;                      // objects vanish a time after their last write (storage/expiry.h)
  bool qualified_finalizers = false;         // finalizers must be standard ones or name a domain
  // The resource is served only where an APIBinding binds it (tenancy.kcp.io, topology.kcp.io, shards.core.kcp.io): the
  // export in root whose binding brings it. Empty: served in every logical cluster.
  std::string bound_by_export;
  std::string storage_version_hash;  // discovery's; empty: not printed
  bool terminating = false;  // being taken away: nothing new is created; objects change, so that finalizers can go
  std::shared_ptr<const ScalePaths> scale;  // of the subresource "scale"; null when there is none
  // Of the schema by which objects are pruned and defaulted when they are stored, and when what was stored by another
  // one is read. 0: reads give what was stored.
  uint64_t shape = 0;
  // Objects of several schemas at once, of one resource in all clusters: only their metadata is given.
  bool metadata_only = false;
  std::string deprecation_warning;  // sent as a Warning with every answer; empty: the version is not deprecated
  // The resource whose objects are stored for this one, when it is not itself (events.k8s.io events are core events).
  api::GroupResource stored_as;
  // Between an object in this version and as it is stored, in place (kind and apiVersion included). Null: the same
  // shape.
  std::function<void(json::Value* object)> to_stored, from_stored;

  api::Gvk gvk() const { return {gvr.group, gvr.version, kind}; }
  // As errors about its content name it: what is stored as another type is judged as that one.
  api::Gvk judged_gvk() const { return {stored_as.resource.empty() ? gvr.group : stored_as.group, gvr.version, kind}; }
  api::GroupResource gr() const { return gvr.gr(); }
  bool namespaced() const { return scope == Scope::kNamespaced; }
  const Subresource* FindSubresource(std::string_view name) const {
    for (const auto& s : subresources) {
      if (s.name == name) return &s;
    }
    return nullptr;
  }
};

}  // namespace atoll::registry
