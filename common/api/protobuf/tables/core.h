// Messages of core/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kConfigMapFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "data", kString, kMap},
    {3, "binaryData", kBytes, kMap},
    {4, "immutable", kBool, kSingle},
};
inline constexpr Message kConfigMap{"ConfigMap", kConfigMapFields};

inline constexpr Field kSecretFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "data", kBytes, kMap},
    {3, "type", kString, kOmitEmpty},
    {4, "stringData", kString, kMap},
    {5, "immutable", kBool, kSingle},
};
inline constexpr Message kSecret{"Secret", kSecretFields};

inline constexpr Field kNamespaceSpecFields[] = {
    {1, "finalizers", kString, kRepeated},
};
inline constexpr Message kNamespaceSpec{"NamespaceSpec", kNamespaceSpecFields};

inline constexpr Field kNamespaceConditionFields[] = {
    {1, "type", kString, kSingle},
    {2, "status", kString, kSingle},
    {4, "lastTransitionTime", kTime, kOmitEmpty},
    {5, "reason", kString, kOmitEmpty},
    {6, "message", kString, kOmitEmpty},
};
inline constexpr Message kNamespaceCondition{"NamespaceCondition", kNamespaceConditionFields};

inline constexpr Field kNamespaceStatusFields[] = {
    {1, "phase", kString, kOmitEmpty},
    {2, "conditions", kMessage, kRepeated, &kNamespaceCondition},
};
inline constexpr Message kNamespaceStatus{"NamespaceStatus", kNamespaceStatusFields};

inline constexpr Field kNamespaceFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kNamespaceSpec},
    {3, "status", kMessage, kSingle, &kNamespaceStatus},
};
inline constexpr Message kNamespace{"Namespace", kNamespaceFields};

inline constexpr Field kObjectReferenceFields[] = {
    {1, "kind", kString, kOmitEmpty},       {2, "namespace", kString, kOmitEmpty},
    {3, "name", kString, kOmitEmpty},       {4, "uid", kString, kOmitEmpty},
    {5, "apiVersion", kString, kOmitEmpty}, {6, "resourceVersion", kString, kOmitEmpty},
    {7, "fieldPath", kString, kOmitEmpty},
};
inline constexpr Message kObjectReference{"ObjectReference", kObjectReferenceFields};

inline constexpr Field kLocalObjectReferenceFields[] = {
    {1, "name", kString, kOmitEmpty},
};
inline constexpr Message kLocalObjectReference{"LocalObjectReference", kLocalObjectReferenceFields};

inline constexpr Field kServiceAccountFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "secrets", kMessage, kRepeated, &kObjectReference},
    {3, "imagePullSecrets", kMessage, kRepeated, &kLocalObjectReference},
    {4, "automountServiceAccountToken", kBool, kSingle},
};
inline constexpr Message kServiceAccount{"ServiceAccount", kServiceAccountFields};

inline constexpr Field kEventSourceFields[] = {
    {1, "component", kString, kOmitEmpty},
    {2, "host", kString, kOmitEmpty},
};
inline constexpr Message kEventSource{"EventSource", kEventSourceFields};

inline constexpr Field kEventSeriesFields[] = {
    {1, "count", kInt32, kOmitEmpty},
    {2, "lastObservedTime", kMicroTime, kOmitEmpty},
};
inline constexpr Message kEventSeries{"EventSeries", kEventSeriesFields};

inline constexpr Field kEventFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "involvedObject", kMessage, kSingle, &kObjectReference},
    {3, "reason", kString, kOmitEmpty},
    {4, "message", kString, kOmitEmpty},
    {5, "source", kMessage, kSingle, &kEventSource},
    {6, "firstTimestamp", kTime, kOmitEmpty},
    {7, "lastTimestamp", kTime, kOmitEmpty},
    {8, "count", kInt32, kOmitEmpty},
    {9, "type", kString, kOmitEmpty},
    {10, "eventTime", kMicroTime, kOmitEmpty},
    {11, "series", kMessage, kSingle, &kEventSeries},
    {12, "action", kString, kOmitEmpty},
    {13, "related", kMessage, kSingle, &kObjectReference},
    {14, "reportingComponent", kString, kSingle},
    {15, "reportingInstance", kString, kSingle},
};
inline constexpr Message kEvent{"Event", kEventFields};

inline constexpr Field kScopedResourceSelectorRequirementFields[] = {
    {1, "scopeName", kString, kSingle},
    {2, "operator", kString, kSingle},
    {3, "values", kString, kRepeated},
};
inline constexpr Message kScopedResourceSelectorRequirement{"ScopedResourceSelectorRequirement",
                                                            kScopedResourceSelectorRequirementFields};

inline constexpr Field kScopeSelectorFields[] = {
    {1, "matchExpressions", kMessage, kRepeated, &kScopedResourceSelectorRequirement},
};
inline constexpr Message kScopeSelector{"ScopeSelector", kScopeSelectorFields};

inline constexpr Field kResourceQuotaSpecFields[] = {
    {1, "hard", kQuantity, kMap},
    {2, "scopes", kString, kRepeated},
    {3, "scopeSelector", kMessage, kSingle, &kScopeSelector},
};
inline constexpr Message kResourceQuotaSpec{"ResourceQuotaSpec", kResourceQuotaSpecFields};

inline constexpr Field kResourceQuotaStatusFields[] = {
    {1, "hard", kQuantity, kMap},
    {2, "used", kQuantity, kMap},
};
inline constexpr Message kResourceQuotaStatus{"ResourceQuotaStatus", kResourceQuotaStatusFields};

inline constexpr Field kResourceQuotaFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kResourceQuotaSpec},
    {3, "status", kMessage, kSingle, &kResourceQuotaStatus},
};
inline constexpr Message kResourceQuota{"ResourceQuota", kResourceQuotaFields};

}  // namespace atoll::api::protobuf::tables
