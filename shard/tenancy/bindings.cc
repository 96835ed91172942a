#include "shard/tenancy/bindings.h"

#include <algorithm>
#include <map>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::tenancy {
namespace {

// The value of a claim label whose binding is claimed by its own export (spec/apis.md 10.2): the same for every
// binding.
constexpr std::string_view kReflexiveClaim = "LstvmbbzVDDOn90ZbhzSQO5U3DMCf88h1pZ";

}  // namespace

std::vector<DefaultBinding> DefaultBindingsOf(const std::vector<TypePtr>& expanded) {
  std::vector<DefaultBinding> out;
  for (const TypePtr& type : expanded) {
    const json::Value* bindings = type->spec.Find("defaultAPIBindings");
    if (bindings == nullptr || !bindings->is_array()) continue;
    for (const json::Value& b : bindings->array()) {
      DefaultBinding binding{std::string(b.StringAt({"path"})), std::string(b.StringAt({"export"}))};
      if (binding.path.empty()) binding.path = type->path;
      if (std::find(out.begin(), out.end(), binding) == out.end()) out.push_back(std::move(binding));
    }
  }
  return out;
}

json::Value NewBoundBinding(std::string_view name, std::string_view cluster_path, const ExportInfo& of_root,
                            absl::Time now) {
  const std::string hash = Base62Sha224(StrCat("root:", of_root.name));
  json::Value binding = json::Value::MakeObject();
  binding.Ensure({"metadata", "name"}) = name;
  api::SetAnnotation(&binding, api::kPathAnnotation, cluster_path);
  api::SetLabel(&binding, StrCat("claimed.internal.apis.kcp.io/", hash), kReflexiveClaim);
  api::SetLabel(&binding, "internal.apis.kcp.io/export", hash);
  api::AddFinalizer(&binding, "apis.kcp.io/apibinding-finalizer");
  binding.Ensure({"spec", "reference", "export", "name"}) = of_root.name;
  binding.Ensure({"spec", "reference", "export", "path"}) = RootCluster().name();

  binding.Ensure({"status", "apiExportClusterName"}) = RootCluster().name();
  json::Array bound;
  for (const ExportInfo::Resource& r : of_root.resources) {
    json::Value entry = json::Value::MakeObject();
    entry.Ensure({"group"}) = r.group;
    entry.Ensure({"resource"}) = r.name;
    entry.Ensure({"schema", "UID"}) = r.schema_uid;
    entry.Ensure({"schema", "identityHash"}) = of_root.identity_hash;
    entry.Ensure({"schema", "name"}) = r.schema;
    entry.Ensure({"storageVersions"}) = json::Array{json::Value("v1alpha1")};
    bound.push_back(std::move(entry));
  }
  std::sort(bound.begin(), bound.end(), [](const json::Value& a, const json::Value& b) {
    return a.StringAt({"resource"}) < b.StringAt({"resource"});
  });
  binding.Ensure({"status", "boundResources"}) = std::move(bound);
  for (const char* type : {"Ready", "APIExportValid", "BindingUpToDate", "InitialBindingCompleted",
                           "PermissionClaimsApplied", "PermissionClaimsValid"}) {
    api::SetCondition(&binding, type, true, now);
  }
  binding.Ensure({"status", "phase"}) = "Bound";
  return binding;
}

std::string ResourceBindings(const std::vector<std::pair<std::string, ExportInfo>>& bindings) {
  std::map<std::string, std::string> by_resource;
  for (const auto& [name, info] : bindings) {
    for (const ExportInfo::Resource& r : info.resources) by_resource[StrCat(r.name, ".", r.group)] = name;
  }
  json::Value out = json::Value::MakeObject();
  for (const auto& [resource, name] : by_resource) out.Ensure({resource, "n"}) = name;
  return json::Write(out);
}

}  // namespace atoll::tenancy
