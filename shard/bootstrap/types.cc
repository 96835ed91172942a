#include "shard/bootstrap/types.h"

#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::bootstrap {
namespace {

struct TypeRow {
  const char* name;
  bool battery;  // only with battery workspace-types
  bool create_only;
  bool initializer;
  bool extends_universal;
  const char* default_child;
  bool no_parents;
  std::vector<const char*> parents, children;
};

const std::vector<TypeRow>& Rows() {
  static const std::vector<TypeRow> rows = {
      {"universal", false, false, true, false, "universal", false, {}, {}},
      {"root", false, true, false, true, "organization", true, {}, {}},
      {"home", false, false, false, true, "universal", true, {}, {}},
      {"organization", true, false, false, true, "universal", false, {"root"}, {"universal"}},
      {"team", true, false, false, true, "universal", false, {"organization", "team"}, {}},
  };
  return rows;
}

json::Value Reference(const char* name) {
  json::Value out = json::Value::MakeObject();
  out.Ensure({"name"}) = name;
  out.Ensure({"path"}) = "root";
  return out;
}

json::Array References(const std::vector<const char*>& names) {
  json::Array out;
  for (const char* name : names) out.push_back(Reference(name));
  return out;
}

json::Value Spec(const TypeRow& row, bool organization_and_team) {
  json::Value spec = json::Value::MakeObject();
  if (row.initializer) {
    json::Array bindings;
    for (const char* name : {"tenancy.kcp.io", "topology.kcp.io"}) {
      json::Value binding = json::Value::MakeObject();
      binding.Ensure({"export"}) = name;
      binding.Ensure({"path"}) = "root";
      bindings.push_back(std::move(binding));
    }
    spec.Ensure({"defaultAPIBindings"}) = std::move(bindings);
  }
  const bool child_exists = organization_and_team || std::string_view(row.default_child) != "organization";
  spec.Ensure({"defaultChildWorkspaceType"}) = Reference(child_exists ? row.default_child : "universal");
  if (row.extends_universal) spec.Ensure({"extend", "with"}) = References({"universal"});
  if (row.initializer) spec.Ensure({"initializer"}) = true;
  if (!row.children.empty()) spec.Ensure({"limitAllowedChildren", "types"}) = References(row.children);
  if (row.no_parents) spec.Ensure({"limitAllowedParents", "none"}) = true;
  if (!row.parents.empty()) spec.Ensure({"limitAllowedParents", "types"}) = References(row.parents);
  return spec;
}

}  // namespace

std::vector<json::Value> WorkspaceTypes(bool organization_and_team,
                                        const std::vector<std::string>& virtual_workspace_urls,
                                        const std::string& now) {
  std::vector<json::Value> out;
  for (const TypeRow& row : Rows()) {
    if (row.battery && !organization_and_team) continue;
    json::Value type = json::Value::MakeObject();
    type.Ensure({"metadata", "name"}) = row.name;
    if (row.battery) api::SetAnnotation(&type, "bootstrap.kcp.io/battery", "workspace-types");
    if (row.create_only) api::SetAnnotation(&type, "bootstrap.kcp.io/create-only", "true");
    api::SetAnnotation(&type, api::kPathAnnotation, "root");
    type.Ensure({"spec"}) = Spec(row, organization_and_team);
    absl::Time at = api::ParseTime(now).value_or(absl::UnixEpoch());
    api::SetCondition(&type, "Ready", true, at);
    api::SetCondition(&type, "VirtualWorkspaceURLsReady", true, at);
    json::Array urls;
    for (const std::string& base : virtual_workspace_urls) {
      for (const char* kind : {"initializing", "terminating"}) {
        json::Value url = json::Value::MakeObject();
        url.Ensure({"type"}) = kind;
        url.Ensure({"url"}) = StrCat(base, "/services/", kind, "workspaces/root:", row.name);
        urls.push_back(std::move(url));
      }
    }
    type.Ensure({"status", "virtualWorkspaces"}) = std::move(urls);
    out.push_back(std::move(type));
  }
  return out;
}

const std::vector<ExportRow>& Exports() {
  static const std::vector<ExportRow> rows = {
      {"cache.kcp.io", "cache.kcp.io", {"clustercachedresourceendpointslices", "clustercachedresources"}, false},
      {"shards.core.kcp.io", "core.kcp.io", {"shards"}, false},
      {"tenancy.kcp.io",
       "tenancy.kcp.io",
       {"workspaceauthenticationconfigurations", "workspaces", "workspacetypes"},
       true},
      {"topology.kcp.io", "topology.kcp.io", {"partitions", "partitionsets"}, false},
  };
  return rows;
}

std::string SchemaName(std::string_view resource, std::string_view group) {
  return StrCat("v261122-a1.", resource, ".", group);
}

}  // namespace atoll::bootstrap
