// Messages of discovery: the plain lists of meta/v1, and the aggregated one of apidiscovery.k8s.io/v2.
#pragma once

#include "common/api/protobuf/tables/meta.h"

namespace atoll::api::protobuf::tables {

inline constexpr Field kServerAddressFields[] = {
    {1, "clientCIDR", kString, kSingle},
    {2, "serverAddress", kString, kSingle},
};
inline constexpr Message kServerAddress{"ServerAddressByClientCIDR", kServerAddressFields};

inline constexpr Field kApiVersionsFields[] = {
    {1, "versions", kString, kRepeated},
    {2, "serverAddressByClientCIDRs", kMessage, kRepeated, &kServerAddress},
};
inline constexpr Message kApiVersions{"APIVersions", kApiVersionsFields};

inline constexpr Field kGroupVersionFields[] = {
    {1, "groupVersion", kString, kSingle},
    {2, "version", kString, kSingle},
};
inline constexpr Message kGroupVersion{"GroupVersionForDiscovery", kGroupVersionFields};

inline constexpr Field kApiGroupFields[] = {
    {1, "name", kString, kSingle},
    {2, "versions", kMessage, kRepeated, &kGroupVersion},
    {3, "preferredVersion", kMessage, kSingle, &kGroupVersion},
    {4, "serverAddressByClientCIDRs", kMessage, kRepeated, &kServerAddress},
};
inline constexpr Message kApiGroup{"APIGroup", kApiGroupFields};

inline constexpr Field kApiGroupListFields[] = {
    {1, "groups", kMessage, kRepeated, &kApiGroup},
};
inline constexpr Message kApiGroupList{"APIGroupList", kApiGroupListFields};

inline constexpr Field kApiResourceFields[] = {
    {1, "name", kString, kSingle},         {2, "namespaced", kBool, kSingle},
    {3, "kind", kString, kSingle},         {4, "verbs", kStrings, kSingle},
    {5, "shortNames", kString, kRepeated}, {6, "singularName", kString, kSingle},
    {7, "categories", kString, kRepeated}, {8, "group", kString, kOmitEmpty},
    {9, "version", kString, kOmitEmpty},   {10, "storageVersionHash", kString, kOmitEmpty},
};
inline constexpr Message kApiResource{"APIResource", kApiResourceFields};

inline constexpr Field kApiResourceListFields[] = {
    {1, "groupVersion", kString, kSingle},
    {2, "resources", kMessage, kRepeated, &kApiResource},
};
inline constexpr Message kApiResourceList{"APIResourceList", kApiResourceListFields};

inline constexpr Field kGroupVersionKindFields[] = {
    {1, "group", kString, kSingle},
    {2, "version", kString, kSingle},
    {3, "kind", kString, kSingle},
};
inline constexpr Message kGroupVersionKind{"GroupVersionKind", kGroupVersionKindFields};

inline constexpr Field kSubresourceDiscoveryFields[] = {
    {1, "subresource", kString, kSingle},
    {2, "responseKind", kMessage, kSingle, &kGroupVersionKind},
    {3, "acceptedTypes", kMessage, kRepeated, &kGroupVersionKind},
    {4, "verbs", kString, kRepeated},
};
inline constexpr Message kSubresourceDiscovery{"APISubresourceDiscovery", kSubresourceDiscoveryFields};

inline constexpr Field kResourceDiscoveryFields[] = {
    {1, "resource", kString, kSingle},     {2, "responseKind", kMessage, kSingle, &kGroupVersionKind},
    {3, "scope", kString, kSingle},        {4, "singularResource", kString, kSingle},
    {5, "verbs", kString, kRepeated},      {6, "shortNames", kString, kRepeated},
    {7, "categories", kString, kRepeated}, {8, "subresources", kMessage, kRepeated, &kSubresourceDiscovery},
};
inline constexpr Message kResourceDiscovery{"APIResourceDiscovery", kResourceDiscoveryFields};

inline constexpr Field kVersionDiscoveryFields[] = {
    {1, "version", kString, kSingle},
    {2, "resources", kMessage, kRepeated, &kResourceDiscovery},
    {3, "freshness", kString, kSingle},
};
inline constexpr Message kVersionDiscovery{"APIVersionDiscovery", kVersionDiscoveryFields};

inline constexpr Field kGroupDiscoveryFields[] = {
    {1, "metadata", kMessage, kSingle, &kObjectMeta},
    {2, "versions", kMessage, kRepeated, &kVersionDiscovery},
};
inline constexpr Message kGroupDiscovery{"APIGroupDiscovery", kGroupDiscoveryFields};

inline constexpr Field kGroupDiscoveryListFields[] = {
    {1, "metadata", kMessage, kSingle, &kListMeta},
    {2, "items", kMessage, kRepeated, &kGroupDiscovery},
};
inline constexpr Message kGroupDiscoveryList{"APIGroupDiscoveryList", kGroupDiscoveryListFields};

}  // namespace atoll::api::protobuf::tables
