// Schema: one node of a structural schema, for compiled-in types and custom resources alike. Immutable, shared by every
// workspace that has the same one; recursion (JSONSchemaProps) is by shared node. Thread-safe.
//
// Nodes below a root live as long as that root: a pointer taken out of `properties` or `items` does not keep anything
// alive by itself (references between definitions do not own, so that recursion is no leak). Built by
// common/schema/load.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/errors.h"
#include "common/json/value.h"

namespace re2 {
class RE2;
}

namespace atoll::schema {

class Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

enum class Type : uint8_t { kAny, kObject, kArray, kString, kInteger, kNumber, kBoolean };
// How a value of a compiled-in type is written that decodes itself (metav1.Time, metav1.MicroTime, resource.Quantity).
enum class Notation : uint8_t { kPlain, kTime, kMicroTime, kQuantity };
enum class ListType : uint8_t { kAtomic, kSet, kMap };

// Plain data; built once by the loader, then const.
class Schema {
 public:
  Type type = Type::kAny;
  bool nullable = false, int_or_string = false, preserve_unknown = false, embedded_resource = false;
  std::string format, description;
  std::string
      name;  // OpenAPI definition name when this node is one (`io.k8s.api.core.v1.ConfigMap`): referenced, not inlined
  std::vector<std::pair<std::string, SchemaPtr>> properties;  // in the wire's member order
  std::vector<std::string> required;
  SchemaPtr additional_properties;  // values of a map
  SchemaPtr items;
  std::optional<json::Value> default_value;
  std::vector<json::Value> enum_values;
  std::string pattern;
  std::shared_ptr<const re2::RE2> compiled_pattern;  // set when `pattern` is
  std::optional<int64_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::vector<SchemaPtr> all_of, any_of, one_of;
  SchemaPtr not_of;
  std::vector<json::Value> validations;  // x-kubernetes-validations, as written: published, evaluated elsewhere
  ListType list_type = ListType::kAtomic;
  std::vector<std::string> list_map_keys;
  bool atomic_map = false;
  std::string patch_strategy, patch_merge_key;  // strategic merge patch
  std::vector<api::Gvk> group_version_kinds;    // x-kubernetes-group-version-kind
  // Of compiled-in types only; not published.
  Notation notation = Notation::kPlain;
  const Schema* copy_of = nullptr;  // a named definition that a member refers to in words of its own
  bool compiled_in = false;         // a kind: what it always has is there before anybody writes it
  bool opaque = false;              // holds anything, undescribed: RawExtension, FieldsV1
  // An opaque node whose values may be objects of a named definition, beside something else (a bool, an array).
  const Schema* object_form = nullptr;
  bool keep_empty =
      false;  // an empty value that was set is kept (a pointer in Go): `automountServiceAccountToken: false`

  // Of the order in which `properties` are looked up by name; empty while they are few. Set by the loader.
  std::vector<uint32_t> by_name;
  // Whether there is a default at this node or below it, so that others need not be looked through. Set by the loader.
  bool has_defaults = false;
  bool has_embedded = false;  // the same for embedded resources
  bool authored = false;      // by who defined a custom resource, not by us

  const Schema* Property(std::string_view name) const;
  // What describes `value`, an instance of this node.
  const Schema& For(const json::Value& value) const {
    return object_form != nullptr && value.is_object() ? *object_form : *this;
  }
};

// Unknown members of `value`, as Kubernetes names them (`spec.a[0].b`), in document order.
std::vector<std::string> UnknownFields(const Schema& schema, const json::Value& value);
// Removes them. The root keeps apiVersion, kind and metadata.
void Prune(const Schema& schema, json::Value* value);
// Fills defaults from the schema (of objects that are there, or that have a default themselves).
void ApplyDefaults(const Schema& schema, json::Value* value);
// Removes members that are null where null is not allowed and no default would replace it.
void DropNulls(const Schema& schema, json::Value* value);
// An object of a compiled-in type as Kubernetes would write it after reading it: members in their order, map keys
// sorted, times, quantities and bytes in their canonical notation, unknown members and empty optional ones dropped,
// those that are always written filled in (`"spec":{}`,
// `"rules":null`). Implies Prune and ApplyDefaults. The canonical form of `{}` is what a new object is compared with
// for managedFields.
void Canonicalize(const Schema& schema, json::Value* value);
// The first wrong type in a compiled-in type, with Go's words:
// `json: cannot unmarshal number into Go struct field ConfigMap.data of type string`. `kind` names the struct.
absl::Status CheckTypes(const Schema& schema, const json::Value& value, std::string_view kind);
// All violations of a custom resource's schema, with the texts of spec/api-machinery.md section 7. ObjectMeta is not
// looked into.
api::FieldErrors Validate(const Schema& schema, const json::Value& value);
// The same for an update of `old`: what is wrong with a value that did not change is tolerated, and so are repeated
// items once `old` had any.
api::FieldErrors ValidateUpdate(const Schema& schema, const json::Value& value, const json::Value& old);

}  // namespace atoll::schema
