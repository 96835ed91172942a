#include "shard/bootstrap/bootstrap.h"

#include <openssl/sha.h>

#include <future>

#include "absl/strings/escaping.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/log/log.h"
#include "shard/authorization/bootstrap/bootstrap.h"
#include "shard/bootstrap/types.h"
#include "shard/storage/stored_object.h"
#include "shard/tenancy/bindings.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::bootstrap {
namespace {

const api::Gvr kNamespaces{"", "v1", "namespaces"};
const api::Gvr kSecrets{"", "v1", "secrets"};
const api::Gvr kLogicalClusters{"core.kcp.io", "v1alpha1", "logicalclusters"};
const api::Gvr kShards{"core.kcp.io", "v1alpha1", "shards"};
const api::Gvr kWorkspaceTypes{"tenancy.kcp.io", "v1alpha1", "workspacetypes"};
const api::Gvr kApiExports{"apis.kcp.io", "v1alpha2", "apiexports"};
const api::Gvr kApiBindings{"apis.kcp.io", "v1alpha2", "apibindings"};
const api::Gvr kApiResourceSchemas{"apis.kcp.io", "v1alpha1", "apiresourceschemas"};
constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

// Waits for the sequencer; there is no loop yet.
absl::StatusOr<store::Revision> CommitAndWait(store::Store& store, store::Transaction txn) {
  std::promise<absl::StatusOr<store::Revision>> done;
  store.CommitThen(std::move(txn), [&done](absl::StatusOr<store::Revision> r) { done.set_value(std::move(r)); });
  return done.get_future().get();
}

class Bootstrapper {
 public:
  explicit Bootstrapper(const Options& o) : o_(o), now_(o.clock->Now()) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Once(SystemAdminCluster(), [this](ObjectBatch* b) { SystemAdmin(b); }));
    if (o_.shard_name == "root") {
      RETURN_IF_ERROR(Once(RootCluster(), [this](ObjectBatch* b) { Root(b); }));
      RETURN_IF_ERROR(PutShard());
    }
    return Once(SystemShardCluster(), [this](ObjectBatch* b) { SystemShard(b); });
  }

 private:
  using ObjectBatch = tenancy::ObjectBatch;

  registry::DefinitionPtr Definition(const api::Gvr& gvr) const {
    for (const auto& d : o_.definitions) {
      if (d->gvr == gvr) return d;
    }
    return nullptr;
  }

  // Commits what `fill` adds, unless the cluster's namespace `default` shows that it was done before.
  template <class Fill>
  absl::Status Once(const LogicalClusterId& cluster, Fill fill) {
    const std::string marker = storage::EncodeKey({kNamespaces.gr(), "", cluster, "", "default"});
    ASSIGN_OR_RETURN(std::optional<store::Entry> existing, o_.store->Snapshot()->Get(marker));
    if (existing.has_value()) return absl::OkStatus();
    ObjectBatch batch([this](const api::Gvr& gvr) { return Definition(gvr); }, *o_.clock, *o_.random);
    fill(&batch);
    return CommitAndWait(*o_.store, batch.Take()).status();
  }

  void Namespace(ObjectBatch* batch, const LogicalClusterId& cluster, std::string_view name, bool create_only) {
    batch->Add(kNamespaces, cluster, "", tenancy::NewNamespace(name, create_only));
    tenancy::AddNamespaceContent(batch, cluster, name, o_.root_ca_pem);
  }

  void Rbac(ObjectBatch* batch, const LogicalClusterId& cluster, std::vector<json::Value> objects) {
    for (json::Value& object : objects) {
      const std::string kind(object.StringAt({"kind"}));
      const std::string ns(api::Namespace(object));
      const char* resource = kind == "ClusterRole"          ? "clusterroles"
                             : kind == "ClusterRoleBinding" ? "clusterrolebindings"
                             : kind == "Role"               ? "roles"
                                                            : "rolebindings";
      batch->Add({std::string(kRbacGroup), "v1", resource}, cluster, ns, std::move(object));
    }
  }

  void SystemAdmin(ObjectBatch* batch) {
    for (std::string_view ns : {"default", "kube-public", "kube-system"})
      Namespace(batch, SystemAdminCluster(), ns, false);
    Rbac(batch, SystemAdminCluster(), authorization::SystemAdminObjects());
  }

  void SystemShard(ObjectBatch* batch) {
    Namespace(batch, SystemShardCluster(), "default", false);
    json::Value lc = json::Value::MakeObject();
    lc.Ensure({"metadata", "name"}) = "cluster";
    api::SetAnnotation(&lc, tenancy::kShardAnnotation, o_.shard_name);
    api::AddFinalizer(&lc, tenancy::kDeletionFinalizer);
    lc.Ensure({"spec", "directlyDeletable"}) = false;
    lc.Ensure({"status", "URL"}) = StrCat(o_.external_url, "/clusters/", SystemShardCluster().name());
    api::SetCondition(&lc, "WorkspaceInitialized", true, now_);
    tenancy::SetPhase(&lc, "Ready");
    batch->Add(kLogicalClusters, SystemShardCluster(), "", std::move(lc));
  }

  // One export of root with its identity: a random secret whose hash names it to everybody else.
  tenancy::ExportInfo Export(ObjectBatch* batch, const ExportRow& row) {
    tenancy::ExportInfo info;
    info.name = row.name;
    unsigned char raw[32];
    o_.random->Fill(raw, sizeof(raw));
    const std::string key = absl::BytesToHexString({reinterpret_cast<char*>(raw), sizeof(raw)});
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
    info.identity_hash = absl::BytesToHexString({reinterpret_cast<char*>(digest), sizeof(digest)});

    json::Value secret = json::Value::MakeObject();
    secret.Ensure({"metadata", "name"}) = row.name;
    secret.Ensure({"data", "key"}) = absl::Base64Escape(key);
    secret.Ensure({"type"}) = "Opaque";
    batch->Add(kSecrets, RootCluster(), "kcp-system", std::move(secret));

    json::Value object = json::Value::MakeObject();
    object.Ensure({"metadata", "name"}) = row.name;
    api::SetAnnotation(&object, api::kPathAnnotation, RootCluster().name());
    object.Ensure({"spec", "identity", "secretRef", "name"}) = row.name;
    object.Ensure({"spec", "identity", "secretRef", "namespace"}) = "kcp-system";
    if (row.local_maximal_permission_policy)
      object.Ensure({"spec", "maximalPermissionPolicy", "local"}) = json::Value::MakeObject();
    json::Array resources;
    for (const char* resource : row.resources) {
      json::Value r = json::Value::MakeObject();
      r.Ensure({"group"}) = row.group;
      r.Ensure({"name"}) = resource;
      r.Ensure({"schema"}) = SchemaName(resource, row.group);
      r.Ensure({"storage", "crd"}) = json::Value::MakeObject();
      resources.push_back(std::move(r));
      info.resources.push_back(
          {row.group, resource, SchemaName(resource, row.group), Schema(batch, resource, row.group)});
    }
    object.Ensure({"spec", "resources"}) = std::move(resources);
    api::SetCondition(&object, "IdentityValid", true, now_);
    object.Ensure({"status", "identityHash"}) = info.identity_hash;
    batch->Add(kApiExports, RootCluster(), "", std::move(object));
    return info;
  }

  // The APIResourceSchema of a compiled-in resource. Returns its uid.
  std::string Schema(ObjectBatch* batch, std::string_view resource, std::string_view group) {
    json::Value object = json::Value::MakeObject();
    object.Ensure({"metadata", "name"}) = SchemaName(resource, group);
    object.Ensure({"spec", "group"}) = group;
    registry::DefinitionPtr d = Definition({std::string(group), "v1alpha1", std::string(resource)});
    if (d != nullptr) {
      json::Array categories;
      for (const std::string& c : d->categories) categories.emplace_back(c);
      if (!categories.empty()) object.Ensure({"spec", "names", "categories"}) = std::move(categories);
      object.Ensure({"spec", "names", "kind"}) = d->kind;
      object.Ensure({"spec", "names", "listKind"}) = d->list_kind;
      object.Ensure({"spec", "names", "singular"}) = d->singular;
      json::Array short_names;
      for (const std::string& s : d->short_names) short_names.emplace_back(s);
      if (!short_names.empty()) object.Ensure({"spec", "names", "shortNames"}) = std::move(short_names);
      object.Ensure({"spec", "scope"}) = d->namespaced() ? "Namespaced" : "Cluster";
    }
    object.Ensure({"spec", "names", "plural"}) = resource;
    json::Value version = json::Value::MakeObject();
    version.Ensure({"name"}) = "v1alpha1";
    // The compiled-in schema is what serves; it is published by OpenAPI, and open here.
    version.Ensure({"schema", "type"}) = "object";
    version.Ensure({"schema", "x-kubernetes-preserve-unknown-fields"}) = true;
    version.Ensure({"served"}) = true;
    version.Ensure({"storage"}) = true;
    version.Ensure({"subresources"}) = json::Value::MakeObject();
    object.Ensure({"spec", "versions"}) = json::Array{std::move(version)};
    return batch->Add(kApiResourceSchemas, RootCluster(), "", std::move(object));
  }

  void Root(ObjectBatch* batch) {
    Namespace(batch, RootCluster(), "default", true);
    Namespace(batch, RootCluster(), "kcp-system", false);
    Rbac(batch, RootCluster(), authorization::RootObjects(o_.home_creator_groups));
    std::vector<std::pair<std::string, tenancy::ExportInfo>> bindings;
    for (const ExportRow& row : Exports()) {
      tenancy::ExportInfo info = Export(batch, row);
      batch->Add(kApiBindings, RootCluster(), "",
                 tenancy::NewBoundBinding(info.name, RootCluster().name(), info, now_));
      bindings.emplace_back(info.name, std::move(info));
    }
    for (json::Value& type : WorkspaceTypes(o_.workspace_types, {o_.virtual_workspace_url}, api::FormatTime(now_))) {
      batch->Add(kWorkspaceTypes, RootCluster(), "", std::move(type));
    }
    json::Value lc = json::Value::MakeObject();
    lc.Ensure({"metadata", "name"}) = "cluster";
    api::SetAnnotation(&lc, tenancy::kShardAnnotation, o_.shard_name);
    api::SetAnnotation(&lc, tenancy::kOwnerAnnotation, R"({"username":"system:kcp-bootstrapper"})");
    api::SetAnnotation(&lc, tenancy::kResourceBindingsAnnotation, tenancy::ResourceBindings(bindings));
    api::SetAnnotation(&lc, "internal.kcp.io/replicate", "apis.kcp.io,tenancy.kcp.io");
    api::SetAnnotation(&lc, tenancy::kTypeAnnotation, "root:root");
    api::AddFinalizer(&lc, tenancy::kDeletionFinalizer);
    lc.Ensure({"spec", "directlyDeletable"}) = false;
    lc.Ensure({"status", "URL"}) = StrCat(o_.external_url, "/clusters/", RootCluster().name());
    api::SetCondition(&lc, "APIBindingsReconciled", true, now_);
    api::SetCondition(&lc, "WorkspaceInitialized", true, now_);
    tenancy::SetPhase(&lc, "Ready");
    batch->Add(kLogicalClusters, RootCluster(), "", std::move(lc));
  }

  // Creates the Shard object or brings its URLs up to date; labels and annotations of administrators stay.
  absl::Status PutShard() {
    const std::string key = storage::EncodeKey({kShards.gr(), "", RootCluster(), "", o_.shard_name});
    ASSIGN_OR_RETURN(std::optional<store::Entry> existing, o_.store->Snapshot()->Get(key));
    json::Value wanted = ShardObject(o_);
    if (!existing.has_value()) {
      ObjectBatch batch([this](const api::Gvr& gvr) { return Definition(gvr); }, *o_.clock, *o_.random);
      batch.Add(kShards, RootCluster(), "", std::move(wanted));
      return CommitAndWait(*o_.store, batch.Take()).status();
    }
    ASSIGN_OR_RETURN(json::Value now, storage::StoredObject(existing->value, existing->modified).Decode());
    if (*now.Find("spec") == *wanted.Find("spec") &&
        api::Annotation(now, tenancy::kRpcAddressAnnotation) == o_.rpc_address)
      return absl::OkStatus();
    now.Ensure({"spec"}) = *wanted.Find("spec");
    api::SetAnnotation(&now, tenancy::kRpcAddressAnnotation, o_.rpc_address);
    store::Op op;
    op.key = key;
    op.value = storage::EncodeObject(*Definition(kShards), RootCluster(), std::move(now));
    op.precondition = store::Precondition::At(existing->modified);
    store::Transaction txn;
    txn.ops.push_back(std::move(op));
    return CommitAndWait(*o_.store, std::move(txn)).status();
  }

  const Options& o_;
  const absl::Time now_;
};

}  // namespace

json::Value ShardObject(const Options& options) {
  json::Value shard = json::Value::MakeObject();
  shard.Ensure({"metadata", "name"}) = options.shard_name;
  api::SetLabel(&shard, "name", options.shard_name);
  if (!options.region.empty()) api::SetLabel(&shard, "region", options.region);
  if (!options.rpc_address.empty()) api::SetAnnotation(&shard, tenancy::kRpcAddressAnnotation, options.rpc_address);
  shard.Ensure({"spec", "baseURL"}) = options.base_url;
  shard.Ensure({"spec", "externalURL"}) = options.external_url;
  shard.Ensure({"spec", "virtualWorkspaceURL"}) = options.virtual_workspace_url;
  return shard;
}

absl::Status Run(const Options& options) { return Bootstrapper(options).Run(); }

}  // namespace atoll::bootstrap
