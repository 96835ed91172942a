// Writes an object's JSON in the member order that Kubernetes prints.
#pragma once

#include <string>

#include "common/json/value.h"
#include "shard/registry/definition.h"

namespace atoll::storage {

struct WrittenObject {
  std::string json;
  size_t items_offset = 0;  // see stored_object.h
  size_t version_offset = 0;
  size_t labels_offset = 0;
};

// `object` without metadata.resourceVersion; kind and apiVersion are the definition's. Empty metadata maps, lists and
// strings are left out, as Kubernetes leaves them out for compiled-in and custom resources alike.
WrittenObject WriteObject(const registry::ResourceDefinition& definition, const json::Value& object);

}  // namespace atoll::storage
