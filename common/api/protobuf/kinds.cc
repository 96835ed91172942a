// The table of kinds that have messages. A new one: its rows in tables/, one line here.
#include "common/api/protobuf/codec.h"
#include "common/api/protobuf/tables/admissionregistration.h"
#include "common/api/protobuf/tables/authentication.h"
#include "common/api/protobuf/tables/authorization.h"
#include "common/api/protobuf/tables/certificates.h"
#include "common/api/protobuf/tables/coordination.h"
#include "common/api/protobuf/tables/core.h"
#include "common/api/protobuf/tables/discovery.h"
#include "common/api/protobuf/tables/events.h"
#include "common/api/protobuf/tables/meta.h"
#include "common/api/protobuf/tables/rbac.h"

namespace atoll::api::protobuf {
namespace {

struct Row {
  std::string_view group, version, kind;
  const Message* message;
};

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kAuthentication = "authentication.k8s.io";
constexpr std::string_view kAuthorization = "authorization.k8s.io";
constexpr std::string_view kAdmission = "admissionregistration.k8s.io";

constexpr Row kRows[] = {
    {"", "v1", "ConfigMap", &tables::kConfigMap},
    {"", "v1", "Secret", &tables::kSecret},
    {"", "v1", "Namespace", &tables::kNamespace},
    {"", "v1", "ServiceAccount", &tables::kServiceAccount},
    {"", "v1", "Event", &tables::kEvent},
    {"", "v1", "ResourceQuota", &tables::kResourceQuota},
    {"", "v1", "Status", &tables::kStatus},
    {"meta.k8s.io", "v1", "PartialObjectMetadata", &tables::kPartialObjectMetadata},
    {"meta.k8s.io", "v1beta1", "PartialObjectMetadata", &tables::kPartialObjectMetadata},
    {"", "", "APIVersions", &tables::kApiVersions},
    {"", "v1", "APIGroupList", &tables::kApiGroupList},
    {"", "v1", "APIGroup", &tables::kApiGroup},
    {"", "", "APIResourceList", &tables::kApiResourceList},  // of the core group, which says no version of its own
    {"", "v1", "APIResourceList", &tables::kApiResourceList},
    {"apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList", &tables::kGroupDiscoveryList},
    {"coordination.k8s.io", "v1", "Lease", &tables::kLease},
    {"events.k8s.io", "v1", "Event", &tables::kEventsEvent},
    {kRbac, "v1", "Role", &tables::kRole},
    {kRbac, "v1", "RoleBinding", &tables::kRoleBinding},
    {kRbac, "v1", "ClusterRole", &tables::kClusterRole},
    {kRbac, "v1", "ClusterRoleBinding", &tables::kClusterRoleBinding},
    {kAuthentication, "v1", "TokenReview", &tables::kTokenReview},
    {kAuthentication, "v1", "TokenRequest", &tables::kTokenRequest},
    {kAuthentication, "v1", "SelfSubjectReview", &tables::kSelfSubjectReview},
    {kAuthorization, "v1", "SubjectAccessReview", &tables::kSubjectAccessReview},
    {kAuthorization, "v1", "LocalSubjectAccessReview", &tables::kLocalSubjectAccessReview},
    {kAuthorization, "v1", "SelfSubjectAccessReview", &tables::kSelfSubjectAccessReview},
    {kAuthorization, "v1", "SelfSubjectRulesReview", &tables::kSelfSubjectRulesReview},
    {"certificates.k8s.io", "v1", "CertificateSigningRequest", &tables::kCertificateSigningRequest},
    {kAdmission, "v1", "MutatingWebhookConfiguration", &tables::kMutatingWebhookConfiguration},
    {kAdmission, "v1", "ValidatingWebhookConfiguration", &tables::kValidatingWebhookConfiguration},
    {kAdmission, "v1", "ValidatingAdmissionPolicy", &tables::kValidatingAdmissionPolicy},
    {kAdmission, "v1", "ValidatingAdmissionPolicyBinding", &tables::kValidatingAdmissionPolicyBinding},
    {kAdmission, "v1", "MutatingAdmissionPolicy", &tables::kMutatingAdmissionPolicy},
    {kAdmission, "v1", "MutatingAdmissionPolicyBinding", &tables::kMutatingAdmissionPolicyBinding},
};

}  // namespace

const Message* FindMessage(const Gvk& gvk) {
  for (const Row& row : kRows) {
    if (row.kind == gvk.kind && row.group == gvk.group && row.version == gvk.version) return row.message;
  }
  return nullptr;
}

const Message& DeleteOptionsMessage() { return tables::kDeleteOptions; }

}  // namespace atoll::api::protobuf
