// CertificateSigningRequest: who asks is taken from the request, not from the body; the request itself never changes;
// approving, and signing what was approved, are separate doors.
#pragma once

#include "shard/registry/strategy.h"

namespace atoll::resources {

class CertificateSigningRequestStrategy final : public registry::Strategy {
 public:
  void PrepareForCreate(const registry::StrategyContext& ctx, json::Value* object) const override;
  api::FieldErrors ValidateCreate(const registry::StrategyContext& ctx, const json::Value& object) const override;
  void PrepareForUpdate(const registry::StrategyContext& ctx, json::Value* object,
                        const json::Value& old) const override;
  api::FieldErrors ValidateUpdate(const registry::StrategyContext& ctx, const json::Value& object,
                                  const json::Value& old) const override;
  const apply::FieldSet* ResetFields(const registry::ResourceDefinition& definition,
                                     std::string_view subresource) const override;
};

}  // namespace atoll::resources
