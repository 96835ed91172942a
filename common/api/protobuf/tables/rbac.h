// Messages of rbac.authorization.k8s.io/v1, as their wire contract numbers them.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kPolicyRuleFields[] = {
    {1, "verbs", kString, kRepeated},           {2, "apiGroups", kString, kRepeated},
    {3, "resources", kString, kRepeated},       {4, "resourceNames", kString, kRepeated},
    {5, "nonResourceURLs", kString, kRepeated},
};
inline constexpr Message kPolicyRule{"PolicyRule", kPolicyRuleFields};

inline constexpr Field kRoleFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "rules", kMessage, kRepeated, &kPolicyRule},
};
inline constexpr Message kRole{"Role", kRoleFields};

inline constexpr Field kSubjectFields[] = {
    {1, "kind", kString, kSingle},
    {2, "apiGroup", kString, kOmitEmpty},
    {3, "name", kString, kSingle},
    {4, "namespace", kString, kOmitEmpty},
};
inline constexpr Message kSubject{"Subject", kSubjectFields};

inline constexpr Field kRoleRefFields[] = {
    {1, "apiGroup", kString, kSingle},
    {2, "kind", kString, kSingle},
    {3, "name", kString, kSingle},
};
inline constexpr Message kRoleRef{"RoleRef", kRoleRefFields};

inline constexpr Field kRoleBindingFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "subjects", kMessage, kRepeated, &kSubject},
    {3, "roleRef", kMessage, kSingle, &kRoleRef},
};
inline constexpr Message kRoleBinding{"RoleBinding", kRoleBindingFields};

inline constexpr Field kAggregationRuleFields[] = {
    {1, "clusterRoleSelectors", kMessage, kRepeated, &kLabelSelector},
};
inline constexpr Message kAggregationRule{"AggregationRule", kAggregationRuleFields};

inline constexpr Field kClusterRoleFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "rules", kMessage, kRepeated, &kPolicyRule},
    {3, "aggregationRule", kMessage, kSingle, &kAggregationRule},
};
inline constexpr Message kClusterRole{"ClusterRole", kClusterRoleFields};

inline constexpr Field kClusterRoleBindingFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "subjects", kMessage, kRepeated, &kSubject},
    {3, "roleRef", kMessage, kSingle, &kRoleRef},
};
inline constexpr Message kClusterRoleBinding{"ClusterRoleBinding", kClusterRoleBindingFields};

}  // namespace atoll::api::protobuf::tables
