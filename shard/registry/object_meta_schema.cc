#include "shard/registry/object_meta_schema.h"

#include <memory>
#include <string>

namespace atoll::registry {

namespace {

using schema::ListType;
using schema::Schema;
using schema::SchemaPtr;
using schema::Type;

SchemaPtr Leaf(Type type) {
  auto s = std::make_shared<Schema>();
  s->type = type;
  return s;
}

SchemaPtr MapOfStrings() {
  auto s = std::make_shared<Schema>();
  s->type = Type::kObject;
  s->additional_properties = Leaf(Type::kString);
  return s;
}

SchemaPtr Build() {
  const SchemaPtr string = Leaf(Type::kString), integer = Leaf(Type::kInteger), boolean = Leaf(Type::kBoolean);
  auto owner = std::make_shared<Schema>();
  owner->type = Type::kObject;
  owner->atomic_map = true;
  owner->properties = {{"apiVersion", string}, {"kind", string},        {"name", string},
                       {"uid", string},        {"controller", boolean}, {"blockOwnerDeletion", boolean}};
  auto owners = std::make_shared<Schema>();
  owners->type = Type::kArray;
  owners->items = owner;
  owners->list_type = ListType::kMap;
  owners->list_map_keys = {"uid"};
  owners->patch_strategy = "merge";
  owners->patch_merge_key = "uid";
  auto finalizers = std::make_shared<Schema>();
  finalizers->type = Type::kArray;
  finalizers->items = string;
  finalizers->list_type = ListType::kSet;
  finalizers->patch_strategy = "merge";
  auto managed = std::make_shared<Schema>();
  managed->type = Type::kArray;
  managed->items = Leaf(Type::kAny);
  auto meta = std::make_shared<Schema>();
  meta->type = Type::kObject;
  meta->properties = {{"name", string},
                      {"generateName", string},
                      {"namespace", string},
                      {"selfLink", string},
                      {"uid", string},
                      {"resourceVersion", string},
                      {"generation", integer},
                      {"creationTimestamp", string},
                      {"deletionTimestamp", string},
                      {"deletionGracePeriodSeconds", integer},
                      {"labels", MapOfStrings()},
                      {"annotations", MapOfStrings()},
                      {"ownerReferences", owners},
                      {"finalizers", finalizers},
                      {"managedFields", managed}};
  return meta;
}

}  // namespace

const SchemaPtr& ObjectMetaSchema() {
  static const SchemaPtr* const schema = new SchemaPtr(Build());
  return *schema;
}

SchemaPtr TrackedSchema(const ResourceDefinition& definition) {
  const Schema* own = definition.schema.get();
  if (own != nullptr && definition.flavor == Flavor::kTyped) {
    const Schema* metadata = own->Property("metadata");
    if (metadata != nullptr && !metadata->properties.empty()) return definition.schema;
  }
  static const SchemaPtr* const text = new SchemaPtr(Leaf(Type::kString));
  auto tracked = std::make_shared<Schema>();
  tracked->type = Type::kObject;
  tracked->properties = {{"apiVersion", *text}, {"kind", *text}, {"metadata", ObjectMetaSchema()}};
  // A custom resource without a schema may hold anything.
  tracked->preserve_unknown = own == nullptr || (own->properties.empty() && own->additional_properties == nullptr);
  if (own != nullptr) {
    tracked->preserve_unknown |= own->preserve_unknown;
    tracked->additional_properties = own->additional_properties;
    for (const auto& property : own->properties) {
      if (property.first != "metadata" && property.first != "apiVersion" && property.first != "kind")
        tracked->properties.push_back(property);
    }
  }
  return tracked;
}

}  // namespace atoll::registry
