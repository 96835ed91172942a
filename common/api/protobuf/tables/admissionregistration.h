// Messages of admissionregistration.k8s.io/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kServiceReferenceFields[] = {
    {1, "namespace", kString, kSingle},
    {2, "name", kString, kSingle},
    {3, "path", kString, kSingle},
    {4, "port", kInt32, kSingle},
};
inline constexpr Message kServiceReference{"ServiceReference", kServiceReferenceFields};

inline constexpr Field kWebhookClientConfigFields[] = {
    {1, "service", kMessage, kSingle, &kServiceReference},
    {2, "caBundle", kBytes, kOmitEmpty},
    {3, "url", kString, kSingle},
};
inline constexpr Message kWebhookClientConfig{"WebhookClientConfig", kWebhookClientConfigFields};

inline constexpr Field kRuleFields[] = {
    {1, "apiGroups", kString, kRepeated},
    {2, "apiVersions", kString, kRepeated},
    {3, "resources", kString, kRepeated},
    {4, "scope", kString, kSingle},
};
inline constexpr Message kRule{"Rule", kRuleFields};

inline constexpr Field kRuleWithOperationsFields[] = {
    {1, "operations", kString, kRepeated},
    {2, "", kInline, kSingle, &kRule},
};
inline constexpr Message kRuleWithOperations{"RuleWithOperations", kRuleWithOperationsFields};

inline constexpr Field kMatchConditionFields[] = {
    {1, "name", kString, kSingle},
    {2, "expression", kString, kSingle},
};
inline constexpr Message kMatchCondition{"MatchCondition", kMatchConditionFields};

inline constexpr Field kMutatingWebhookFields[] = {
    {1, "name", kString, kSingle},
    {2, "clientConfig", kMessage, kSingle, &kWebhookClientConfig},
    {3, "rules", kMessage, kRepeated, &kRuleWithOperations},
    {4, "failurePolicy", kString, kSingle},
    {5, "namespaceSelector", kMessage, kSingle, &kLabelSelector},
    {6, "sideEffects", kString, kSingle},
    {7, "timeoutSeconds", kInt32, kSingle},
    {8, "admissionReviewVersions", kString, kRepeated},
    {9, "matchPolicy", kString, kSingle},
    {10, "reinvocationPolicy", kString, kSingle},
    {11, "objectSelector", kMessage, kSingle, &kLabelSelector},
    {12, "matchConditions", kMessage, kRepeated, &kMatchCondition},
};
inline constexpr Message kMutatingWebhook{"MutatingWebhook", kMutatingWebhookFields};

inline constexpr Field kMutatingWebhookConfigurationFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "webhooks", kMessage, kRepeated, &kMutatingWebhook},
};
inline constexpr Message kMutatingWebhookConfiguration{"MutatingWebhookConfiguration",
                                                       kMutatingWebhookConfigurationFields};

inline constexpr Field kValidatingWebhookFields[] = {
    {1, "name", kString, kSingle},
    {2, "clientConfig", kMessage, kSingle, &kWebhookClientConfig},
    {3, "rules", kMessage, kRepeated, &kRuleWithOperations},
    {4, "failurePolicy", kString, kSingle},
    {5, "namespaceSelector", kMessage, kSingle, &kLabelSelector},
    {6, "sideEffects", kString, kSingle},
    {7, "timeoutSeconds", kInt32, kSingle},
    {8, "admissionReviewVersions", kString, kRepeated},
    {9, "matchPolicy", kString, kSingle},
    {10, "objectSelector", kMessage, kSingle, &kLabelSelector},
    {11, "matchConditions", kMessage, kRepeated, &kMatchCondition},
};
inline constexpr Message kValidatingWebhook{"ValidatingWebhook", kValidatingWebhookFields};

inline constexpr Field kValidatingWebhookConfigurationFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "webhooks", kMessage, kRepeated, &kValidatingWebhook},
};
inline constexpr Message kValidatingWebhookConfiguration{"ValidatingWebhookConfiguration",
                                                         kValidatingWebhookConfigurationFields};

inline constexpr Field kParamKindFields[] = {
    {1, "apiVersion", kString, kOmitEmpty},
    {2, "kind", kString, kOmitEmpty},
};
inline constexpr Message kParamKind{"ParamKind", kParamKindFields};

inline constexpr Field kNamedRuleWithOperationsFields[] = {
    {1, "resourceNames", kString, kRepeated},
    {2, "", kInline, kSingle, &kRuleWithOperations},
};
inline constexpr Message kNamedRuleWithOperations{"NamedRuleWithOperations", kNamedRuleWithOperationsFields};

inline constexpr Field kMatchResourcesFields[] = {
    {1, "namespaceSelector", kMessage, kSingle, &kLabelSelector},
    {2, "objectSelector", kMessage, kSingle, &kLabelSelector},
    {3, "resourceRules", kMessage, kRepeated, &kNamedRuleWithOperations},
    {4, "excludeResourceRules", kMessage, kRepeated, &kNamedRuleWithOperations},
    {7, "matchPolicy", kString, kSingle},
};
inline constexpr Message kMatchResources{"MatchResources", kMatchResourcesFields};

inline constexpr Field kValidationFields[] = {
    {1, "expression", kString, kSingle},
    {2, "message", kString, kOmitEmpty},
    {3, "reason", kString, kSingle},
    {4, "messageExpression", kString, kOmitEmpty},
};
inline constexpr Message kValidation{"Validation", kValidationFields};

inline constexpr Field kAuditAnnotationFields[] = {
    {1, "key", kString, kSingle},
    {2, "valueExpression", kString, kSingle},
};
inline constexpr Message kAuditAnnotation{"AuditAnnotation", kAuditAnnotationFields};

inline constexpr Field kVariableFields[] = {
    {1, "name", kString, kSingle},
    {2, "expression", kString, kSingle},
};
inline constexpr Message kVariable{"Variable", kVariableFields};

inline constexpr Field kValidatingAdmissionPolicySpecFields[] = {
    {1, "paramKind", kMessage, kSingle, &kParamKind},
    {2, "matchConstraints", kMessage, kSingle, &kMatchResources},
    {3, "validations", kMessage, kRepeated, &kValidation},
    {4, "failurePolicy", kString, kSingle},
    {5, "auditAnnotations", kMessage, kRepeated, &kAuditAnnotation},
    {6, "matchConditions", kMessage, kRepeated, &kMatchCondition},
    {7, "variables", kMessage, kRepeated, &kVariable},
};
inline constexpr Message kValidatingAdmissionPolicySpec{"ValidatingAdmissionPolicySpec",
                                                        kValidatingAdmissionPolicySpecFields};

inline constexpr Field kExpressionWarningFields[] = {
    {2, "fieldRef", kString, kSingle},
    {3, "warning", kString, kSingle},
};
inline constexpr Message kExpressionWarning{"ExpressionWarning", kExpressionWarningFields};

inline constexpr Field kTypeCheckingFields[] = {
    {1, "expressionWarnings", kMessage, kRepeated, &kExpressionWarning},
};
inline constexpr Message kTypeChecking{"TypeChecking", kTypeCheckingFields};

inline constexpr Field kValidatingAdmissionPolicyStatusFields[] = {
    {1, "observedGeneration", kInt64, kOmitEmpty},
    {2, "typeChecking", kMessage, kSingle, &kTypeChecking},
    {3, "conditions", kMessage, kRepeated, &kCondition},
};
inline constexpr Message kValidatingAdmissionPolicyStatus{"ValidatingAdmissionPolicyStatus",
                                                          kValidatingAdmissionPolicyStatusFields};

inline constexpr Field kValidatingAdmissionPolicyFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kValidatingAdmissionPolicySpec},
    {3, "status", kMessage, kSingle, &kValidatingAdmissionPolicyStatus},
};
inline constexpr Message kValidatingAdmissionPolicy{"ValidatingAdmissionPolicy", kValidatingAdmissionPolicyFields};

inline constexpr Field kParamRefFields[] = {
    {1, "name", kString, kOmitEmpty},
    {2, "namespace", kString, kOmitEmpty},
    {3, "selector", kMessage, kSingle, &kLabelSelector},
    {4, "parameterNotFoundAction", kString, kSingle},
};
inline constexpr Message kParamRef{"ParamRef", kParamRefFields};

inline constexpr Field kValidatingAdmissionPolicyBindingSpecFields[] = {
    {1, "policyName", kString, kOmitEmpty},
    {2, "paramRef", kMessage, kSingle, &kParamRef},
    {3, "matchResources", kMessage, kSingle, &kMatchResources},
    {4, "validationActions", kString, kRepeated},
};
inline constexpr Message kValidatingAdmissionPolicyBindingSpec{"ValidatingAdmissionPolicyBindingSpec",
                                                               kValidatingAdmissionPolicyBindingSpecFields};

inline constexpr Field kValidatingAdmissionPolicyBindingFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kValidatingAdmissionPolicyBindingSpec},
};
inline constexpr Message kValidatingAdmissionPolicyBinding{"ValidatingAdmissionPolicyBinding",
                                                           kValidatingAdmissionPolicyBindingFields};

inline constexpr Field kApplyConfigurationFields[] = {
    {1, "expression", kString, kOmitEmpty},
};
inline constexpr Message kApplyConfiguration{"ApplyConfiguration", kApplyConfigurationFields};

inline constexpr Field kJSONPatchFields[] = {
    {1, "expression", kString, kOmitEmpty},
};
inline constexpr Message kJSONPatch{"JSONPatch", kJSONPatchFields};

inline constexpr Field kMutationFields[] = {
    {2, "patchType", kString, kSingle},
    {3, "applyConfiguration", kMessage, kSingle, &kApplyConfiguration},
    {4, "jsonPatch", kMessage, kSingle, &kJSONPatch},
};
inline constexpr Message kMutation{"Mutation", kMutationFields};

inline constexpr Field kMutatingAdmissionPolicySpecFields[] = {
    {1, "paramKind", kMessage, kSingle, &kParamKind},
    {2, "matchConstraints", kMessage, kSingle, &kMatchResources},
    {3, "variables", kMessage, kRepeated, &kVariable},
    {4, "mutations", kMessage, kRepeated, &kMutation},
    {5, "failurePolicy", kString, kSingle},
    {6, "matchConditions", kMessage, kRepeated, &kMatchCondition},
    {7, "reinvocationPolicy", kString, kOmitEmpty},
};
inline constexpr Message kMutatingAdmissionPolicySpec{"MutatingAdmissionPolicySpec",
                                                      kMutatingAdmissionPolicySpecFields};

inline constexpr Field kMutatingAdmissionPolicyFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kMutatingAdmissionPolicySpec},
};
inline constexpr Message kMutatingAdmissionPolicy{"MutatingAdmissionPolicy", kMutatingAdmissionPolicyFields};

inline constexpr Field kMutatingAdmissionPolicyBindingSpecFields[] = {
    {1, "policyName", kString, kOmitEmpty},
    {2, "paramRef", kMessage, kSingle, &kParamRef},
    {3, "matchResources", kMessage, kSingle, &kMatchResources},
};
inline constexpr Message kMutatingAdmissionPolicyBindingSpec{"MutatingAdmissionPolicyBindingSpec",
                                                             kMutatingAdmissionPolicyBindingSpecFields};

inline constexpr Field kMutatingAdmissionPolicyBindingFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kMutatingAdmissionPolicyBindingSpec},
};
inline constexpr Message kMutatingAdmissionPolicyBinding{"MutatingAdmissionPolicyBinding",
                                                         kMutatingAdmissionPolicyBindingFields};

}  // namespace atoll::api::protobuf::tables
