#include "shard/tenancy/new_cluster.h"

#include <algorithm>

#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/tenancy/bindings.h"
#include "shard/tenancy/lifecycle.h"

namespace atoll::tenancy {
namespace {

const api::Gvr kNamespaces{"", "v1", "namespaces"};
const api::Gvr kServiceAccounts{"", "v1", "serviceaccounts"};
const api::Gvr kConfigMaps{"", "v1", "configmaps"};
const api::Gvr kClusterRoleBindings{"rbac.authorization.k8s.io", "v1", "clusterrolebindings"};
const api::Gvr kApiBindings{"apis.kcp.io", "v1alpha2", "apibindings"};
const api::Gvr kLogicalClusters{"core.kcp.io", "v1alpha1", "logicalclusters"};

// The type whose initializer is ours: it makes the namespaces.
constexpr std::string_view kUniversalInitializer = "root:universal";

bool IsSystemInitializer(std::string_view initializer) {
  return initializer == kUniversalInitializer || initializer == kApiBindingsInitializer;
}

json::Array Strings(const std::vector<std::string>& in) {
  json::Array out;
  for (const std::string& s : in) out.emplace_back(s);
  return out;
}

std::vector<std::string> IdsWith(const std::vector<TypePtr>& expanded, std::string_view member) {
  std::vector<std::string> out;
  for (const TypePtr& type : expanded) {
    if (type->spec.BoolAt({member})) out.push_back(type->Id());
  }
  return out;
}

// Who may administer the new cluster: its creator, else the owner that a privileged creator named; "" for nobody.
std::string Creator(const json::Value& logical_cluster) {
  std::string name(logical_cluster.StringAt({"spec", "createdBy", "username"}));
  if (!name.empty()) return name;
  auto owner = json::Parse(api::Annotation(logical_cluster, kOwnerAnnotation));
  return owner.ok() ? std::string(owner->StringAt({"username"})) : "";
}

void SetNewStatus(std::string url, const std::vector<std::string>& initializers,
                  const std::vector<std::string>& terminators, absl::Time now, json::Value* logical_cluster) {
  logical_cluster->Ensure({"status", "URL"}) = std::move(url);
  if (initializers.empty()) {
    api::SetCondition(logical_cluster, "WorkspaceInitialized", true, now);
    SetPhase(logical_cluster, "Ready");
  } else {
    std::string names;
    for (const std::string& i : initializers) StrAppend(&names, names.empty() ? "" : " ", i);
    api::SetCondition(logical_cluster, "WorkspaceInitialized", false, now, "InitializerExists", "Info",
                      StrCat("Initializers still exist: [", names, "]"));
    logical_cluster->Ensure({"status", "initializers"}) = Strings(initializers);
    SetPhase(logical_cluster, "Initializing");
  }
  if (!terminators.empty()) logical_cluster->Ensure({"status", "terminators"}) = Strings(terminators);
}

// The resource bindings are applied, as by kcp's binding controller, so that appliers of other names meet its conflict.
void RecordResourceBindings(absl::Time now, json::Value* logical_cluster) {
  json::Object entry;
  entry.Append("manager", "apibinding-reconciler-locks");
  entry.Append("operation", "Apply");
  entry.Append("apiVersion", "core.kcp.io/v1alpha1");
  entry.Append("time", api::FormatTime(now));
  entry.Append("fieldsType", "FieldsV1");
  json::Value fields = json::Value::MakeObject();
  fields.Ensure({"f:metadata", "f:annotations", StrCat("f:", kResourceBindingsAnnotation)}) = json::Value::MakeObject();
  fields.Ensure({"f:spec"}) = json::Value::MakeObject();
  entry.Append("fieldsV1", std::move(fields));
  json::Value& managed = logical_cluster->Ensure({"metadata", "managedFields"});
  if (!managed.is_array()) managed = json::Value::MakeArray();
  managed.array().insert(managed.array().begin(), json::Value(std::move(entry)));  // appliers lead
}

}  // namespace

std::vector<std::string> InitializersOf(const std::vector<TypePtr>& expanded) {
  std::vector<std::string> out = IdsWith(expanded, "initializer");
  if (!DefaultBindingsOf(expanded).empty()) out.emplace_back(kApiBindingsInitializer);
  return out;
}

std::vector<std::string> TerminatorsOf(const std::vector<TypePtr>& expanded) { return IdsWith(expanded, "terminator"); }

void SetPhase(json::Value* object, std::string_view phase) {
  object->Ensure({"status", "phase"}) = phase;
  api::SetLabel(object, kPhaseLabel, phase);
}

void TrimOwner(json::Value* object) {
  const std::string_view text = api::Annotation(*object, kOwnerAnnotation);
  if (text.empty()) return;
  auto owner = json::Parse(text);
  if (!owner.ok() || !owner->is_object()) {
    api::RemoveAnnotation(object, kOwnerAnnotation);
    return;
  }
  json::Value trimmed = json::Value::MakeObject();
  trimmed.Ensure({"username"}) = owner->StringAt({"username"});
  api::SetAnnotation(object, kOwnerAnnotation, json::Write(trimmed));
}

json::Value NewNamespace(std::string_view name, bool create_only) {
  json::Value ns = json::Value::MakeObject();
  ns.Ensure({"metadata", "name"}) = name;
  if (create_only) api::SetAnnotation(&ns, "bootstrap.kcp.io/create-only", "true");
  api::SetLabel(&ns, "kubernetes.io/metadata.name", name);
  ns.Ensure({"spec", "finalizers"}) = json::Array{json::Value("kubernetes")};
  ns.Ensure({"status", "phase"}) = "Active";
  return ns;
}

json::Value RootCaConfigMap(std::string_view root_ca_pem) {
  json::Value cm = json::Value::MakeObject();
  cm.Ensure({"metadata", "name"}) = "kube-root-ca.crt";
  api::SetAnnotation(
      &cm, "kubernetes.io/description",
      "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
      "internal service IP or "
      "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.");
  cm.Ensure({"data", "ca.crt"}) = root_ca_pem;
  return cm;
}

json::Value WorkspaceAdminBinding(std::string_view user) {
  json::Value crb = json::Value::MakeObject();
  crb.Ensure({"metadata", "name"}) = "workspace-admin";
  api::SetAnnotation(&crb, "internal.kcp.io/replicate", "apis.kcp.io,tenancy.kcp.io");
  crb.Ensure({"subjects"}) = json::Array();
  json::Value subject = json::Value::MakeObject();
  subject.Ensure({"kind"}) = "User";
  subject.Ensure({"apiGroup"}) = "rbac.authorization.k8s.io";
  subject.Ensure({"name"}) = user;
  crb.Find("subjects")->array().push_back(std::move(subject));
  crb.Ensure({"roleRef", "apiGroup"}) = "rbac.authorization.k8s.io";
  crb.Ensure({"roleRef", "kind"}) = "ClusterRole";
  crb.Ensure({"roleRef", "name"}) = "cluster-admin";
  return crb;
}

void AddNamespaceContent(ObjectBatch* batch, const LogicalClusterId& cluster, std::string_view ns,
                         std::string_view root_ca_pem) {
  json::Value account = json::Value::MakeObject();
  account.Ensure({"metadata", "name"}) = "default";
  batch->Add(kServiceAccounts, cluster, ns, std::move(account));
  batch->Add(kConfigMaps, cluster, ns, RootCaConfigMap(root_ca_pem));
}

absl::StatusOr<store::Transaction> NewClusterContent(const LogicalClusterId& cluster, json::Value logical_cluster,
                                                     const Catalog& catalog, const NewClusterOptions& options,
                                                     ObjectBatch batch, absl::Time now) {
  const std::string type_name(api::Annotation(logical_cluster, kTypeAnnotation));
  const size_t colon = type_name.rfind(':');
  if (colon == std::string::npos)
    return absl::InvalidArgumentError(StrCat("annotation ", kTypeAnnotation, " must be in the form of cluster:name"));
  TypePtr type =
      catalog.FindType(std::string_view(type_name).substr(0, colon), std::string_view(type_name).substr(colon + 1));
  if (type == nullptr)
    return absl::FailedPreconditionError(StrCat("workspace type ", type_name, " is not known on this shard yet"));
  ASSIGN_OR_RETURN(std::vector<TypePtr> expanded, catalog.Expand(type));

  std::string path(api::Annotation(logical_cluster, api::kPathAnnotation));
  if (path.empty()) path = cluster.name();

  std::vector<std::pair<std::string, ExportInfo>> bindings;
  for (const DefaultBinding& b : DefaultBindingsOf(expanded)) {
    std::optional<ExportInfo> info = b.path == RootCluster().name() ? catalog.FindExport(b.export_name) : std::nullopt;
    if (!info.has_value() || info->identity_hash.empty()) {
      return absl::FailedPreconditionError(
          StrCat("APIExport ", b.path, ":", b.export_name, " is not known on this shard yet"));
    }
    std::string name = DefaultBindingName(cluster.name(), b.path, b.export_name);
    batch.Add(kApiBindings, cluster, "", NewBoundBinding(name, path, *info, now));
    bindings.emplace_back(std::move(name), *std::move(info));
  }

  const bool universal =
      std::any_of(expanded.begin(), expanded.end(), [](const TypePtr& t) { return t->Id() == kUniversalInitializer; });
  if (universal) {
    for (std::string_view ns : {"default", "kube-system"}) {
      batch.Add(kNamespaces, cluster, "", NewNamespace(ns, /*create_only=*/true));
      AddNamespaceContent(&batch, cluster, ns, options.root_ca_pem);
    }
  }
  if (std::string creator = Creator(logical_cluster); !creator.empty()) {
    batch.Add(kClusterRoleBindings, cluster, "", WorkspaceAdminBinding(creator));
  }

  logical_cluster.Ensure({"metadata", "name"}) = "cluster";
  api::SetAnnotation(&logical_cluster, kShardAnnotation, options.shard_name);
  logical_cluster.Ensure({"spec", "directlyDeletable"}) = logical_cluster.BoolAt({"spec", "directlyDeletable"});
  std::vector<std::string> remaining = InitializersOf(expanded);
  std::erase_if(remaining, IsSystemInitializer);
  api::SetLabel(&logical_cluster, kPhaseLabel, remaining.empty() ? "Ready" : "Initializing");
  if (remaining.empty()) TrimOwner(&logical_cluster);
  const std::vector<std::string> terminators = TerminatorsOf(expanded);
  if (!remaining.empty() || !terminators.empty()) {
    // Labels and finalizer follow from the status, and are recorded before it.
    logical_cluster.Ensure({"status", kInitialization.list}) = Strings(remaining);
    logical_cluster.Ensure({"status", kTermination.list}) = Strings(terminators);
    SetLifecycleMetadata(&logical_cluster);
    logical_cluster.object().Erase("status");
  }
  batch.Record(kLogicalClusters, "", nullptr, &logical_cluster);

  json::Value without_status = logical_cluster;
  without_status.Ensure({"status"}) = json::Value::MakeObject();
  SetNewStatus(StrCat(options.external_url, "/clusters/", cluster.name()), remaining, terminators, now,
               &logical_cluster);
  batch.Record(kLogicalClusters, "status", &without_status, &logical_cluster);

  if (!bindings.empty()) {
    api::SetAnnotation(&logical_cluster, kResourceBindingsAnnotation, ResourceBindings(bindings));
    RecordResourceBindings(now, &logical_cluster);
  }
  json::Value& finalizers = logical_cluster.Ensure({"metadata", "finalizers"});
  if (!finalizers.is_array()) finalizers = json::Value::MakeArray();
  finalizers.array().insert(finalizers.array().begin(), json::Value(kDeletionFinalizer));
  batch.Add(kLogicalClusters, cluster, "", std::move(logical_cluster));
  return batch.Take();
}

}  // namespace atoll::tenancy
