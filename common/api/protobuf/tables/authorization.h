// Messages of authorization.k8s.io/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kFieldSelectorAttributesFields[] = {
    {1, "rawSelector", kString, kOmitEmpty},
    {2, "requirements", kMessage, kRepeated, &kFieldSelectorRequirement},
};
inline constexpr Message kFieldSelectorAttributes{"FieldSelectorAttributes", kFieldSelectorAttributesFields};

inline constexpr Field kLabelSelectorAttributesFields[] = {
    {1, "rawSelector", kString, kOmitEmpty},
    {2, "requirements", kMessage, kRepeated, &kLabelSelectorRequirement},
};
inline constexpr Message kLabelSelectorAttributes{"LabelSelectorAttributes", kLabelSelectorAttributesFields};

inline constexpr Field kResourceAttributesFields[] = {
    {1, "namespace", kString, kOmitEmpty},
    {2, "verb", kString, kOmitEmpty},
    {3, "group", kString, kOmitEmpty},
    {4, "version", kString, kOmitEmpty},
    {5, "resource", kString, kOmitEmpty},
    {6, "subresource", kString, kOmitEmpty},
    {7, "name", kString, kOmitEmpty},
    {8, "fieldSelector", kMessage, kSingle, &kFieldSelectorAttributes},
    {9, "labelSelector", kMessage, kSingle, &kLabelSelectorAttributes},
};
inline constexpr Message kResourceAttributes{"ResourceAttributes", kResourceAttributesFields};

inline constexpr Field kNonResourceAttributesFields[] = {
    {1, "path", kString, kOmitEmpty},
    {2, "verb", kString, kOmitEmpty},
};
inline constexpr Message kNonResourceAttributes{"NonResourceAttributes", kNonResourceAttributesFields};

inline constexpr Field kSubjectAccessReviewSpecFields[] = {
    {1, "resourceAttributes", kMessage, kSingle, &kResourceAttributes},
    {2, "nonResourceAttributes", kMessage, kSingle, &kNonResourceAttributes},
    {3, "user", kString, kOmitEmpty},
    {4, "groups", kString, kRepeated},
    {5, "extra", kStrings, kMap},
    {6, "uid", kString, kOmitEmpty},
};
inline constexpr Message kSubjectAccessReviewSpec{"SubjectAccessReviewSpec", kSubjectAccessReviewSpecFields};

inline constexpr Field kSubjectAccessReviewStatusFields[] = {
    {1, "allowed", kBool, kSingle},
    {2, "reason", kString, kOmitEmpty},
    {3, "evaluationError", kString, kOmitEmpty},
    {4, "denied", kBool, kOmitEmpty},
};
inline constexpr Message kSubjectAccessReviewStatus{"SubjectAccessReviewStatus", kSubjectAccessReviewStatusFields};

inline constexpr Field kSubjectAccessReviewFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kSubjectAccessReviewSpec},
    {3, "status", kMessage, kSingle, &kSubjectAccessReviewStatus},
};
inline constexpr Message kSubjectAccessReview{"SubjectAccessReview", kSubjectAccessReviewFields};

inline constexpr Field kLocalSubjectAccessReviewFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kSubjectAccessReviewSpec},
    {3, "status", kMessage, kSingle, &kSubjectAccessReviewStatus},
};
inline constexpr Message kLocalSubjectAccessReview{"LocalSubjectAccessReview", kLocalSubjectAccessReviewFields};

inline constexpr Field kSelfSubjectAccessReviewSpecFields[] = {
    {1, "resourceAttributes", kMessage, kSingle, &kResourceAttributes},
    {2, "nonResourceAttributes", kMessage, kSingle, &kNonResourceAttributes},
};
inline constexpr Message kSelfSubjectAccessReviewSpec{"SelfSubjectAccessReviewSpec",
                                                      kSelfSubjectAccessReviewSpecFields};

inline constexpr Field kSelfSubjectAccessReviewFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kSelfSubjectAccessReviewSpec},
    {3, "status", kMessage, kSingle, &kSubjectAccessReviewStatus},
};
inline constexpr Message kSelfSubjectAccessReview{"SelfSubjectAccessReview", kSelfSubjectAccessReviewFields};

inline constexpr Field kSelfSubjectRulesReviewSpecFields[] = {
    {1, "namespace", kString, kOmitEmpty},
};
inline constexpr Message kSelfSubjectRulesReviewSpec{"SelfSubjectRulesReviewSpec", kSelfSubjectRulesReviewSpecFields};

inline constexpr Field kResourceRuleFields[] = {
    {1, "verbs", kString, kRepeated},
    {2, "apiGroups", kString, kRepeated},
    {3, "resources", kString, kRepeated},
    {4, "resourceNames", kString, kRepeated},
};
inline constexpr Message kResourceRule{"ResourceRule", kResourceRuleFields};

inline constexpr Field kNonResourceRuleFields[] = {
    {1, "verbs", kString, kRepeated},
    {2, "nonResourceURLs", kString, kRepeated},
};
inline constexpr Message kNonResourceRule{"NonResourceRule", kNonResourceRuleFields};

inline constexpr Field kSubjectRulesReviewStatusFields[] = {
    {1, "resourceRules", kMessage, kRepeated, &kResourceRule},
    {2, "nonResourceRules", kMessage, kRepeated, &kNonResourceRule},
    {3, "incomplete", kBool, kSingle},
    {4, "evaluationError", kString, kOmitEmpty},
};
inline constexpr Message kSubjectRulesReviewStatus{"SubjectRulesReviewStatus", kSubjectRulesReviewStatusFields};

inline constexpr Field kSelfSubjectRulesReviewFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "spec", kMessage, kSingle, &kSelfSubjectRulesReviewSpec},
    {3, "status", kMessage, kSingle, &kSubjectRulesReviewStatus},
};
inline constexpr Message kSelfSubjectRulesReview{"SelfSubjectRulesReview", kSelfSubjectRulesReviewFields};

}  // namespace atoll::api::protobuf::tables
