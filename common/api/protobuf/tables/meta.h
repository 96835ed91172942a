// Messages of meta.k8s.io/v1: what every group uses, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/message.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kPreconditionsFields[] = {
    {1, "uid", kString, kSingle},
    {2, "resourceVersion", kString, kSingle},
};
inline constexpr Message kPreconditions{"Preconditions", kPreconditionsFields};

inline constexpr Field kDeleteOptionsFields[] = {
    {1, "gracePeriodSeconds", kInt64, kSingle}, {2, "preconditions", kMessage, kSingle, &kPreconditions},
    {3, "orphanDependents", kBool, kSingle},    {4, "propagationPolicy", kString, kSingle},
    {5, "dryRun", kString, kRepeated},          {6, "ignoreStoreReadErrorWithClusterBreakingPotential", kBool, kSingle},
};
inline constexpr Message kDeleteOptions{"DeleteOptions", kDeleteOptionsFields};

inline constexpr Field kShardInfoFields[] = {
    {1, "selector", kString, kSingle},
};
inline constexpr Message kShardInfo{"ShardInfo", kShardInfoFields};

inline constexpr Field kListMetaFields[] = {
    {1, "selfLink", kString, kOmitEmpty},
    {2, "resourceVersion", kString, kOmitEmpty},
    {3, "continue", kString, kOmitEmpty},
    {4, "remainingItemCount", kInt64, kSingle},
    {5, "shardInfo", kMessage, kSingle, &kShardInfo},
};
inline constexpr Message kListMeta{"ListMeta", kListMetaFields};

inline constexpr Field kStatusCauseFields[] = {
    {1, "reason", kString, kOmitEmpty},
    {2, "message", kString, kOmitEmpty},
    {3, "field", kString, kOmitEmpty},
};
inline constexpr Message kStatusCause{"StatusCause", kStatusCauseFields};

inline constexpr Field kStatusDetailsFields[] = {
    {1, "name", kString, kOmitEmpty},
    {2, "group", kString, kOmitEmpty},
    {3, "kind", kString, kOmitEmpty},
    {4, "causes", kMessage, kRepeated, &kStatusCause},
    {5, "retryAfterSeconds", kInt32, kOmitEmpty},
    {6, "uid", kString, kOmitEmpty},
};
inline constexpr Message kStatusDetails{"StatusDetails", kStatusDetailsFields};

inline constexpr Field kStatusFields[] = {
    {1, "metadata", kMessage, kSingle, &kListMeta},
    {2, "status", kString, kOmitEmpty},
    {3, "message", kString, kOmitEmpty},
    {4, "reason", kString, kOmitEmpty},
    {5, "details", kMessage, kSingle, &kStatusDetails},
    {6, "code", kInt32, kOmitEmpty},
};
inline constexpr Message kStatus{"Status", kStatusFields};

inline constexpr Field kOwnerReferenceFields[] = {
    {1, "kind", kString, kSingle},       {3, "name", kString, kSingle},     {4, "uid", kString, kSingle},
    {5, "apiVersion", kString, kSingle}, {6, "controller", kBool, kSingle}, {7, "blockOwnerDeletion", kBool, kSingle},
};
inline constexpr Message kOwnerReference{"OwnerReference", kOwnerReferenceFields};

inline constexpr Field kManagedFieldsEntryFields[] = {
    {1, "manager", kString, kOmitEmpty},     {2, "operation", kString, kOmitEmpty},
    {3, "apiVersion", kString, kOmitEmpty},  {4, "time", kTime, kSingle},
    {6, "fieldsType", kString, kOmitEmpty},  {7, "fieldsV1", kRawJson, kSingle},
    {8, "subresource", kString, kOmitEmpty},
};
inline constexpr Message kManagedFieldsEntry{"ManagedFieldsEntry", kManagedFieldsEntryFields};

inline constexpr Field kObjectMetaFields[] = {
    {1, "name", kString, kOmitEmpty},
    {2, "generateName", kString, kOmitEmpty},
    {3, "namespace", kString, kOmitEmpty},
    {4, "selfLink", kString, kOmitEmpty},
    {5, "uid", kString, kOmitEmpty},
    {6, "resourceVersion", kString, kOmitEmpty},
    {7, "generation", kInt64, kOmitEmpty},
    {8, "creationTimestamp", kTime, kOmitEmpty},
    {9, "deletionTimestamp", kTime, kSingle},
    {10, "deletionGracePeriodSeconds", kInt64, kSingle},
    {11, "labels", kString, kMap},
    {12, "annotations", kString, kMap},
    {13, "ownerReferences", kMessage, kRepeated, &kOwnerReference},
    {14, "finalizers", kString, kRepeated},
    {17, "managedFields", kMessage, kRepeated, &kManagedFieldsEntry},
};
inline constexpr Message kObjectMeta{"ObjectMeta", kObjectMetaFields};

inline constexpr Field kPartialObjectMetadataFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
};
inline constexpr Message kPartialObjectMetadata{"PartialObjectMetadata", kPartialObjectMetadataFields};

inline constexpr Field kFieldSelectorRequirementFields[] = {
    {1, "key", kString, kSingle},
    {2, "operator", kString, kSingle},
    {3, "values", kString, kRepeated},
};
inline constexpr Message kFieldSelectorRequirement{"FieldSelectorRequirement", kFieldSelectorRequirementFields};

inline constexpr Field kLabelSelectorRequirementFields[] = {
    {1, "key", kString, kSingle},
    {2, "operator", kString, kSingle},
    {3, "values", kString, kRepeated},
};
inline constexpr Message kLabelSelectorRequirement{"LabelSelectorRequirement", kLabelSelectorRequirementFields};

inline constexpr Field kLabelSelectorFields[] = {
    {1, "matchLabels", kString, kMap},
    {2, "matchExpressions", kMessage, kRepeated, &kLabelSelectorRequirement},
};
inline constexpr Message kLabelSelector{"LabelSelector", kLabelSelectorFields};

inline constexpr Field kConditionFields[] = {
    {1, "type", kString, kSingle},
    {2, "status", kString, kSingle},
    {3, "observedGeneration", kInt64, kOmitEmpty},
    {4, "lastTransitionTime", kTime, kSingle},
    {5, "reason", kString, kSingle},
    {6, "message", kString, kSingle},
};
inline constexpr Message kCondition{"Condition", kConditionFields};

}  // namespace atoll::api::protobuf::tables
