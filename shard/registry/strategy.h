// Strategy: what one resource does beside the generic create, update and delete. Stateless, thread-safe, synchronous;
// what must look at other objects is admission (shard/admission). Every default is "nothing special".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/api/errors.h"
#include "common/auth/user.h"
#include "common/json/value.h"

namespace atoll::apply {
class FieldSet;
}

namespace atoll::registry {

struct ResourceDefinition;

struct StrategyContext {
  const auth::User& user;
  std::string_view cluster;
  std::string_view ns;
  std::string_view subresource;        // "" for the main resource
  std::vector<std::string>* warnings;  // for Warning headers; never null
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  // Defaults beyond the schema's, on every decoded object.
  virtual void Default(json::Value* object) const {}
  // Drops what a client may not set (status), normalizes. The object has its name; called again with another one when a
  // generated name was taken.
  virtual void PrepareForCreate(const StrategyContext& ctx, json::Value* object) const {}
  virtual api::FieldErrors ValidateCreate(const StrategyContext& ctx, const json::Value& object) const { return {}; }
  // Carries over what an update may not change: status on the main resource, everything but status on "status".
  virtual void PrepareForUpdate(const StrategyContext& ctx, json::Value* object, const json::Value& old) const {}
  virtual api::FieldErrors ValidateUpdate(const StrategyContext& ctx, const json::Value& object,
                                          const json::Value& old) const {
    return {};
  }
  // Rule of metadata.name; the default is an RFC 1123 subdomain. Texts as in spec/api-machinery.md 2.1.
  virtual std::vector<std::string> ValidateName(std::string_view name, bool prefix) const;
  // True when a write of `object` over `old` must bump metadata.generation. The default compares everything but
  // metadata and status.
  virtual bool BumpsGeneration(const json::Value& object, const json::Value& old) const;
  // The fields that a write through `subresource` ("": the object itself) does not reach, with all below them; nobody
  // owns them by such a write. Null: it reaches all. The default goes by the status subresource. Static data.
  virtual const apply::FieldSet* ResetFields(const ResourceDefinition& definition, std::string_view subresource) const;
  // Called on an object that a deletion marks instead of removing it (a namespace becomes Terminating).
  virtual void PrepareForDelete(json::Value* object) const {}
  // True while something beside metadata.finalizers keeps a deleted object (spec.finalizers of a namespace).
  virtual bool HoldsDeletion(const json::Value& object) const { return false; }
  // True when a first deletion only marks the object, even if nothing holds it: of namespaces and
  // of custom resource definitions, whose deletion differs in more small ways (spec/api-machinery.md 10.1, 7.7).
  virtual bool IsMarkedFirst() const { return false; }
  // Reviews and tokens are answered without storing; see Connectors in endpoints.
};

}  // namespace atoll::registry
