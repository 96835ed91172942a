// What the connectors of this folder share.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "shard/authorization/reviews/reviews.h"

namespace atoll::authorization::reviews {

// {"kind":…,"apiVersion":…}, ready for metadata, spec and status.
json::Object NewReview(std::string_view kind, std::string_view api_version);
// metadata.managedFields of a review: nobody reads it, but the reference writes it. `spec` is as the client sent it.
json::Value ManagedFields(std::string_view api_version, const json::Value& spec, const std::string& manager,
                          absl::Time now, std::string_view subresource = "");
std::vector<std::string> Strings(const json::Value* list);
json::Value StringArray(const std::vector<std::string>& strings);

std::unique_ptr<registry::Connector> NewAccessReview(const ReviewOptions& options,
                                                     std::string kind);  // the three access reviews
std::unique_ptr<registry::Connector> NewSelfSubjectRulesReview(const ReviewOptions& options);
std::unique_ptr<registry::Connector> NewSelfSubjectReview(const ReviewOptions& options);
std::unique_ptr<registry::Connector> NewTokenReview(const ReviewOptions& options);
std::unique_ptr<registry::Connector> NewTokenRequest(const ReviewOptions& options);

}  // namespace atoll::authorization::reviews
