// StoredObject: one object as it lies in the store, which is (nearly) as it is sent.
//
// Stored value:   byte   format (2)
//                 varint items_offset   JSON offset after `"kind":..,"apiVersion":..,`: where a typed list's item
//                                       continues after `{`
//                 varint version_offset JSON offset at which `"resourceVersion":"N",` is spliced in, inside metadata
//                 varint labels_offset  JSON offset of the value of metadata.labels; 0: there are none
//                 bytes  JSON           compact, without metadata.resourceVersion, with the kcp.io/cluster annotation
// Format 1 has no labels_offset; it is still read. Format 3, of custom resources, has 8 bytes before the JSON: the
// definition's shape, which tells whether the object must be pruned and defaulted anew when it is read.
// A GET or LIST in the storage version copies these bytes and parses nothing.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/path/path.h"
#include "common/store/types.h"
#include "shard/registry/definition.h"

namespace atoll::storage {

struct ResourceKey {
  api::GroupResource resource;
  std::string identity;  // of the APIExport for bound resources of users; "" otherwise
  LogicalClusterId cluster;
  std::string ns, name;
};

// Key order: resource, identity, cluster, namespace, name (design.md section 3). Cluster-scoped objects have an empty
// namespace component.
std::string EncodeKey(const ResourceKey& key);
absl::StatusOr<ResourceKey> DecodeKey(std::string_view key);
// Scopes (store/types.h): all clusters of a resource; one cluster; one namespace; one object.
std::string ResourceScope(const api::GroupResource& resource, std::string_view identity = "");
std::string ClusterScopeKey(const api::GroupResource& resource, std::string_view identity,
                            const LogicalClusterId& cluster);
std::string NamespaceScope(const api::GroupResource& resource, std::string_view identity,
                           const LogicalClusterId& cluster, std::string_view ns);

// Serializes for storing: fixes kind, apiVersion and member order (typed: Kubernetes' struct order of metadata; custom:
// sorted), sets the kcp.io/cluster annotation (not when `cluster` is empty), drops resourceVersion, records the
// offsets. REQUIRES: object is an object.
std::string EncodeObject(const registry::ResourceDefinition& definition, const LogicalClusterId& cluster,
                         json::Value object);

// The bytes to store for `object`: EncodeObject, after definition.to_stored where the stored shape is another one.
std::string EncodeForStore(const registry::ResourceDefinition& definition, const LogicalClusterId& cluster,
                           json::Value object);

// Whether the stored bytes `value` are what `definition` would have stored, but for the version. True for what has no
// shape.
bool HasShapeOf(const registry::ResourceDefinition& definition, std::string_view value);

class StoredObject {
 public:
  StoredObject() = default;
  StoredObject(std::string value, store::Revision modified) : value_(std::move(value)), modified_(modified) {}

  // The object as `definition` serves it. Stored in another version of the resource: apiVersion is rewritten; nothing
  // else differs (conversion strategy None). Stored as another shape (definition.from_stored): converted, which parses
  // and prints.
  static StoredObject InVersion(const registry::ResourceDefinition& definition, std::string value,
                                store::Revision modified);

  store::Revision modified() const { return modified_; }
  const std::string& value() const { return value_; }
  // The JSON with resourceVersion spliced in (left out while modified() is 0: a dry run's create). `list_item` leaves
  // out kind and apiVersion.
  void AppendJson(std::string* out, bool list_item = false) const;
  std::string Json() const;
  // The JSON without resourceVersion, as it is stored (for selectors: see json_scan.h). Empty for a default object.
  std::string_view RawJson() const { return RawJsonOf(value_); }
  static std::string_view RawJsonOf(std::string_view value);
  // The text of metadata.labels in the stored bytes `value`; "" when there are none.
  static std::string_view RawLabelsOf(std::string_view value);
  // Parsed, with resourceVersion. DataLoss when the bytes are no stored object.
  absl::StatusOr<json::Value> Decode() const;

 private:
  std::string value_;
  store::Revision modified_;
};

}  // namespace atoll::storage
