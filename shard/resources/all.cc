#include "shard/resources/all.h"

namespace atoll::resources {
namespace {

using Row = DefinitionPtr (*)();

const Row kRows[] = {
    &ConfigMapResource,
    &SecretResource,
    &NamespaceResource,
    &ServiceAccountResource,
    &EventResource,
    &ResourceQuotaResource,
    &TokenReviewResource,
    &SelfSubjectReviewResource,
    &SubjectAccessReviewResource,
    &LocalSubjectAccessReviewResource,
    &SelfSubjectAccessReviewResource,
    &SelfSubjectRulesReviewResource,
    &CertificateSigningRequestResource,
    &LeaseResource,
    &RoleResource,
    &RoleBindingResource,
    &ClusterRoleResource,
    &ClusterRoleBindingResource,
    &MutatingWebhookConfigurationResource,
    &ValidatingWebhookConfigurationResource,
    &ValidatingAdmissionPolicyResource,
    &ValidatingAdmissionPolicyBindingResource,
    &MutatingAdmissionPolicyResource,
    &MutatingAdmissionPolicyBindingResource,
    &EventsEventResource,
    &CustomResourceDefinitionResource,
    &LogicalClusterResource,
    &ShardResource,
    &ApiExportV1alpha2Resource,
    &ApiBindingV1alpha2Resource,
    &ApiExportV1alpha1Resource,
    &ApiBindingV1alpha1Resource,
    &ApiResourceSchemaResource,
    &ApiConversionResource,
    &ApiExportEndpointSliceResource,
    &ClusterCachedResourceResource,
    &ClusterCachedResourceEndpointSliceResource,
    &WorkspaceResource,
    &WorkspaceTypeResource,
    &WorkspaceAuthenticationConfigurationResource,
    &PartitionResource,
    &PartitionSetResource,
};

}  // namespace

std::vector<DefinitionPtr> BuiltinResources() {
  static const std::vector<DefinitionPtr>& all = *[] {
    auto* built = new std::vector<DefinitionPtr>();
    for (Row row : kRows) built->push_back(row());
    return built;
  }();
  return all;
}

}  // namespace atoll::resources
