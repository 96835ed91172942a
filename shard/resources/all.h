// Every resource that is built in, one row each. Adding one: a folder with definition.cc and schema.json, a line here
// and a row in all.cc.
#pragma once

#include <vector>

#include "shard/resources/build.h"

namespace atoll::resources {

// In discovery's order of groups (spec/api-machinery.md 1.7); of two versions of a resource the preferred one comes
// first. Built once, shared.
std::vector<DefinitionPtr> BuiltinResources();

// The rows.
DefinitionPtr ConfigMapResource();
DefinitionPtr SecretResource();
DefinitionPtr NamespaceResource();
DefinitionPtr ServiceAccountResource();
DefinitionPtr EventResource();
DefinitionPtr ResourceQuotaResource();
DefinitionPtr TokenReviewResource();
DefinitionPtr SelfSubjectReviewResource();
DefinitionPtr SubjectAccessReviewResource();
DefinitionPtr LocalSubjectAccessReviewResource();
DefinitionPtr SelfSubjectAccessReviewResource();
DefinitionPtr SelfSubjectRulesReviewResource();
DefinitionPtr CertificateSigningRequestResource();
DefinitionPtr LeaseResource();
DefinitionPtr RoleResource();
DefinitionPtr RoleBindingResource();
DefinitionPtr ClusterRoleResource();
DefinitionPtr ClusterRoleBindingResource();
DefinitionPtr MutatingWebhookConfigurationResource();
DefinitionPtr ValidatingWebhookConfigurationResource();
DefinitionPtr ValidatingAdmissionPolicyResource();
DefinitionPtr ValidatingAdmissionPolicyBindingResource();
DefinitionPtr MutatingAdmissionPolicyResource();
DefinitionPtr MutatingAdmissionPolicyBindingResource();
DefinitionPtr EventsEventResource();
DefinitionPtr CustomResourceDefinitionResource();
DefinitionPtr LogicalClusterResource();
DefinitionPtr ShardResource();
DefinitionPtr ApiExportV1alpha2Resource();
DefinitionPtr ApiBindingV1alpha2Resource();
DefinitionPtr ApiExportV1alpha1Resource();
DefinitionPtr ApiBindingV1alpha1Resource();
DefinitionPtr ApiResourceSchemaResource();
DefinitionPtr ApiConversionResource();
DefinitionPtr ApiExportEndpointSliceResource();
DefinitionPtr ClusterCachedResourceResource();
DefinitionPtr ClusterCachedResourceEndpointSliceResource();
DefinitionPtr WorkspaceResource();
DefinitionPtr WorkspaceTypeResource();
DefinitionPtr WorkspaceAuthenticationConfigurationResource();
DefinitionPtr PartitionResource();
DefinitionPtr PartitionSetResource();

}  // namespace atoll::resources
