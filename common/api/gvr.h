// Group, version, resource, kind.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace atoll::api {

struct GroupResource {
  std::string group;  // "" is the core group
  std::string resource;
  // `configmaps`, `workspaces.tenancy.kcp.io`: what error texts print.
  std::string ToString() const { return group.empty() ? resource : resource + "." + group; }
  friend auto operator<=>(const GroupResource&, const GroupResource&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const GroupResource& x) {
    return H::combine(std::move(h), x.group, x.resource);
  }
};

struct GroupVersionResource {
  std::string group, version, resource;
  GroupResource gr() const { return {group, resource}; }
  friend auto operator<=>(const GroupVersionResource&, const GroupVersionResource&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const GroupVersionResource& x) {
    return H::combine(std::move(h), x.group, x.version, x.resource);
  }
};
using Gvr = GroupVersionResource;

struct GroupVersionKind {
  std::string group, version, kind;
  // `v1`, `rbac.authorization.k8s.io/v1`.
  std::string ApiVersion() const { return group.empty() ? version : group + "/" + version; }
  // `Kind`, `Kind.group`: what Invalid errors print.
  std::string GroupKind() const { return group.empty() ? kind : kind + "." + group; }
  friend auto operator<=>(const GroupVersionKind&, const GroupVersionKind&) = default;
};
using Gvk = GroupVersionKind;

}  // namespace atoll::api
