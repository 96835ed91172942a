#include "shard/tenancy/catalog.h"

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::tenancy {
namespace {

std::string TypeKey(std::string_view home, std::string_view name) { return StrCat(home, "\n", name); }

bool IsAuthentication(const api::GroupResource& resource) {
  return resource.group == "tenancy.kcp.io" && resource.resource == "workspaceauthenticationconfigurations";
}

ShardInfo ToShard(const json::Value& object) {
  ShardInfo shard;
  shard.name = std::string(api::Name(object));
  shard.base_url = std::string(object.StringAt({"spec", "baseURL"}));
  shard.external_url = std::string(object.StringAt({"spec", "externalURL"}));
  shard.virtual_workspace_url = std::string(object.StringAt({"spec", "virtualWorkspaceURL"}));
  if (shard.external_url.empty()) shard.external_url = shard.base_url;
  if (shard.virtual_workspace_url.empty()) shard.virtual_workspace_url = shard.base_url;
  shard.rpc_address = std::string(api::Annotation(object, kRpcAddressAnnotation));
  shard.unschedulable = api::HasAnnotation(object, kUnschedulableAnnotation);
  if (const json::Value* labels = object.At({"metadata", "labels"}); labels != nullptr && labels->is_object()) {
    for (const auto& [key, value] : labels->object()) shard.labels.emplace_back(key, value.StringOr());
  }
  return shard;
}

ExportInfo ToExport(const json::Value& object) {
  ExportInfo out;
  out.name = std::string(api::Name(object));
  out.identity_hash = std::string(object.StringAt({"status", "identityHash"}));
  if (const json::Value* resources = object.At({"spec", "resources"}); resources != nullptr && resources->is_array()) {
    for (const json::Value& r : resources->array()) {
      out.resources.push_back({std::string(r.StringAt({"group"})), std::string(r.StringAt({"name"})),
                               std::string(r.StringAt({"schema"})), ""});
    }
  }
  return out;
}

}  // namespace

std::string_view ShardInfo::Label(std::string_view key) const {
  for (const auto& [k, v] : labels) {
    if (k == key) return v;
  }
  return {};
}

struct Catalog::Impl {
  mutable absl::Mutex mutex;
  // Each type twice: by its home's path and by its home's cluster id.
  absl::flat_hash_map<std::string, TypePtr> types ABSL_GUARDED_BY(mutex);
  absl::flat_hash_map<std::string, SpecPtr> authentications ABSL_GUARDED_BY(mutex);
  std::map<std::string, ShardInfo, std::less<>> shards ABSL_GUARDED_BY(mutex);
  std::map<std::string, ExportInfo, std::less<>> exports ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string, std::less<>> schema_uids ABSL_GUARDED_BY(mutex);

  void PutType(const LogicalClusterId& cluster, const json::Value& object) ABSL_LOCKS_EXCLUDED(mutex) {
    auto type = std::make_shared<WorkspaceType>();
    type->cluster = cluster;
    type->path = std::string(api::Annotation(object, api::kPathAnnotation));
    if (type->path.empty()) type->path = cluster.name();
    type->name = std::string(api::Name(object));
    if (const json::Value* spec = object.Find("spec")) type->spec = *spec;
    absl::MutexLock lock(&mutex);
    types[TypeKey(cluster.name(), type->name)] = type;
    types[TypeKey(type->path, type->name)] = type;
  }

  void EraseType(const LogicalClusterId& cluster, std::string_view name) ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    auto it = types.find(TypeKey(cluster.name(), name));
    if (it == types.end()) return;
    const std::string by_path = TypeKey(it->second->path, name);
    types.erase(it);
    types.erase(by_path);
  }
};

Catalog::Catalog() : impl_(std::make_unique<Impl>()) {}
Catalog::~Catalog() = default;

void Catalog::Put(const api::GroupResource& resource, const LogicalClusterId& cluster, const json::Value& object) {
  if (resource.group == "tenancy.kcp.io" && resource.resource == "workspacetypes") {
    impl_->PutType(cluster, object);
    return;
  }
  if (IsAuthentication(resource)) {
    static const json::Value none = json::Value::MakeObject();
    const json::Value* spec = object.Find("spec");
    auto made = std::make_shared<const json::Value>(spec == nullptr ? none : *spec);
    absl::MutexLock lock(&impl_->mutex);
    SpecPtr& known = impl_->authentications[TypeKey(cluster.name(), api::Name(object))];
    if (known == nullptr || !(*known == *made)) known = std::move(made);
    return;
  }
  if (cluster != RootCluster()) return;
  std::string name(api::Name(object));
  if (resource.group == "core.kcp.io" && resource.resource == "shards") {
    ShardInfo shard = ToShard(object);
    absl::MutexLock lock(&impl_->mutex);
    impl_->shards[name] = std::move(shard);
  } else if (resource.group == "apis.kcp.io" && resource.resource == "apiexports") {
    ExportInfo info = ToExport(object);
    absl::MutexLock lock(&impl_->mutex);
    impl_->exports[name] = std::move(info);
  } else if (resource.group == "apis.kcp.io" && resource.resource == "apiresourceschemas") {
    absl::MutexLock lock(&impl_->mutex);
    impl_->schema_uids[name] = std::string(api::Uid(object));
  }
}

void Catalog::Erase(const api::GroupResource& resource, const LogicalClusterId& cluster, std::string_view name) {
  if (resource.group == "tenancy.kcp.io" && resource.resource == "workspacetypes") {
    impl_->EraseType(cluster, name);
    return;
  }
  if (IsAuthentication(resource)) {
    absl::MutexLock lock(&impl_->mutex);
    impl_->authentications.erase(TypeKey(cluster.name(), name));
    return;
  }
  if (cluster != RootCluster()) return;
  absl::MutexLock lock(&impl_->mutex);
  auto erase = [name](auto& from) {
    if (auto it = from.find(name); it != from.end()) from.erase(it);
  };
  if (resource.resource == "shards") erase(impl_->shards);
  if (resource.resource == "apiexports") erase(impl_->exports);
  if (resource.resource == "apiresourceschemas") erase(impl_->schema_uids);
}

TypePtr Catalog::FindType(std::string_view path_or_cluster, std::string_view name) const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  auto it = impl_->types.find(TypeKey(path_or_cluster, name));
  return it == impl_->types.end() ? nullptr : it->second;
}

SpecPtr Catalog::FindAuthentication(const LogicalClusterId& cluster, std::string_view name) const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  auto it = impl_->authentications.find(TypeKey(cluster.name(), name));
  return it == impl_->authentications.end() ? nullptr : it->second;
}

TypePtr Catalog::ResolveType(const WorkspacePath& from, std::string_view name) const {
  for (std::optional<WorkspacePath> at = from; at.has_value(); at = at->Parent()) {
    if (TypePtr type = FindType(at->str(), name)) return type;
  }
  return FindType(RootCluster().name(), name);
}

absl::StatusOr<std::vector<TypePtr>> Catalog::Expand(const TypePtr& type) const {
  struct Step {
    TypePtr type;
    size_t next_base = 0;
  };
  std::vector<Step> way = {{type}};  // from `type` to the one that is looked at; no type twice, so it ends
  absl::flat_hash_set<std::string> seen = {type->PathName()};
  std::vector<TypePtr> out;
  while (!way.empty()) {
    const TypePtr at = way.back().type;
    const json::Value* with = at->spec.At({"extend", "with"});
    if (with == nullptr || !with->is_array() || way.back().next_base == with->array().size()) {
      way.pop_back();
      continue;
    }
    const json::Value& base = with->array()[way.back().next_base++];
    const std::string_view path = base.StringAt({"path"}), name = base.StringAt({"name"});
    TypePtr found = path.empty() ? ResolveType(WorkspacePath(at->path), name) : FindType(path, name);
    if (found == nullptr)
      return absl::FailedPreconditionError(StrCat("unable to find inherited workspace type ", name));
    const std::string id = found->PathName();
    const auto again = std::find_if(way.begin(), way.end(), [&](const Step& s) { return s.type->PathName() == id; });
    if (again != way.end()) {
      std::vector<std::string> circle;
      for (auto step = again; step != way.end(); ++step) circle.push_back(step->type->PathName());
      return absl::FailedPreconditionError(
          StrCat("circular dependency detected in workspace type ", id, ": ", StrJoin(circle, " -> ")));
    }
    if (!seen.insert(id).second) continue;
    out.push_back(found);
    way.push_back({std::move(found)});
  }
  out.push_back(type);
  return out;
}

std::vector<ShardInfo> Catalog::Shards() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  std::vector<ShardInfo> out;
  for (const auto& [name, shard] : impl_->shards) out.push_back(shard);
  return out;
}

std::optional<ShardInfo> Catalog::FindShard(std::string_view name) const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  auto it = impl_->shards.find(name);
  if (it == impl_->shards.end()) return std::nullopt;
  return it->second;
}

std::optional<ExportInfo> Catalog::FindExport(std::string_view name) const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  auto it = impl_->exports.find(name);
  if (it == impl_->exports.end()) return std::nullopt;
  ExportInfo out = it->second;
  for (auto& r : out.resources) {
    if (auto uid = impl_->schema_uids.find(r.schema); uid != impl_->schema_uids.end()) r.schema_uid = uid->second;
  }
  return out;
}

}  // namespace atoll::tenancy
