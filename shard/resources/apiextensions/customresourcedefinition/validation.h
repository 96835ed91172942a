// What a CustomResourceDefinition must be, beside the schema of its own kind (spec/api-machinery.md 7.2). Pure.
//
// Kubernetes judges a form of the object in which what is equal in all versions stands beside them, and errors name
// the fields of that form: `spec.validation.openAPIV3Schema`, not `spec.versions[0].schema.openAPIV3Schema`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/api/errors.h"
#include "common/json/value.h"

namespace atoll::resources {

api::FieldErrors ValidateDefinition(const json::Value& crd);
// `old`: as it is stored. What is tolerated because it was there before is tolerated here.
api::FieldErrors ValidateDefinitionUpdate(const json::Value& crd, const json::Value& old);
// A write of the status alone.
api::FieldErrors ValidateDefinitionStatus(const json::Value& crd);

// Formats that no check is known for, of all versions.
std::vector<std::string> UnknownFormatsOf(const json::Value& crd);

// What the annotation api-approved.kubernetes.io says of a group that Kubernetes keeps for itself, as the condition
// KubernetesAPIApprovalPolicyConformant tells it.
struct Approval {
  std::string_view status, reason;  // reason empty: not a protected group
  std::string message;
};
Approval ApprovalOf(const json::Value& crd);

}  // namespace atoll::resources
