#include "shard/registry/clusters.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/api/object.h"
#include "common/json/parse.h"

namespace atoll::registry {

namespace {

constexpr std::pair<Phase, const char*> kPhases[] = {
    {Phase::kScheduling, "Scheduling"},   {Phase::kInitializing, "Initializing"}, {Phase::kReady, "Ready"},
    {Phase::kUnavailable, "Unavailable"}, {Phase::kInactive, "Inactive"},         {Phase::kTerminating, "Terminating"},
    {Phase::kDeleting, "Deleting"},
};
constexpr std::string_view kInactiveAnnotations[] = {"core.kcp.io/inactive", "internal.kcp.io/inactive"};
constexpr std::string_view kTypeAnnotation = "internal.tenancy.kcp.io/type";
constexpr std::string_view kRequiredGroupsAnnotation = "authorization.kcp.io/required-groups";
constexpr std::string_view kBindingsAnnotation = "internal.apis.kcp.io/resource-bindings";

// The annotation maps `<resource>.<group>` to the binding that brings it, `{"n": <binding>}`, or to a local CRD, `{"c":
// true}` (spec/apis.md 5.5). It names no exports; those of root that are compiled in are called as their group
// (`tenancy.kcp.io`) or as their one resource (`shards.core.kcp.io`), so both are candidates, and the resolver picks
// those it knows. Malformed text counts as nothing bound: such a cluster serves less, never more.
std::vector<std::string> BoundExports(std::string_view annotation) {
  std::vector<std::string> exports;
  if (annotation.empty()) return exports;
  const auto parsed = json::Parse(annotation);
  if (!parsed.ok() || !parsed->is_object()) return exports;
  for (const auto& [resource, binding] : parsed->object()) {
    if (binding.StringAt({"n"}).empty()) continue;
    exports.push_back(resource);
    if (const size_t dot = resource.find('.'); dot != std::string::npos) exports.push_back(resource.substr(dot + 1));
  }
  std::sort(exports.begin(), exports.end());
  exports.erase(std::unique(exports.begin(), exports.end()), exports.end());
  return exports;
}

}  // namespace

const char* PhaseName(Phase phase) {
  for (const auto& [p, name] : kPhases) {
    if (p == phase) return name;
  }
  return "";
}

Phase ParsePhase(std::string_view text) {
  for (const auto& [p, name] : kPhases) {
    if (text == name) return p;
  }
  return Phase::kScheduling;
}

struct Clusters::Impl {
  mutable absl::Mutex mutex;
  absl::flat_hash_map<LogicalClusterId, std::shared_ptr<const ClusterInfo>> by_id ABSL_GUARDED_BY(mutex);
};

Clusters::Clusters() : impl_(std::make_unique<Impl>()) {}
Clusters::~Clusters() = default;

std::shared_ptr<const ClusterInfo> Clusters::Find(const LogicalClusterId& id) const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  const auto it = impl_->by_id.find(id);
  return it == impl_->by_id.end() ? nullptr : it->second;
}

void Clusters::Put(const LogicalClusterId& id, const json::Value& logical_cluster) {
  auto info = std::make_shared<ClusterInfo>();
  info->phase = ParsePhase(logical_cluster.StringAt({"status", "phase"}));
  info->deleting = api::IsDeleting(logical_cluster);
  for (std::string_view annotation : kInactiveAnnotations)
    info->inactive |= api::Annotation(logical_cluster, annotation) == "true";
  info->path = std::string(api::Annotation(logical_cluster, api::kPathAnnotation));
  if (info->path.empty()) info->path = id.name();
  info->type = std::string(api::Annotation(logical_cluster, kTypeAnnotation));
  info->required_groups = std::string(api::Annotation(logical_cluster, kRequiredGroupsAnnotation));
  info->bound_exports = BoundExports(api::Annotation(logical_cluster, kBindingsAnnotation));
  info->uid = std::string(api::Uid(logical_cluster));
  absl::MutexLock lock(&impl_->mutex);
  impl_->by_id[id] = std::move(info);
}

void Clusters::Erase(const LogicalClusterId& id) {
  absl::MutexLock lock(&impl_->mutex);
  impl_->by_id.erase(id);
}

size_t Clusters::size() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  return impl_->by_id.size();
}

std::vector<std::pair<Phase, size_t>> Clusters::CountByPhase() const {
  std::map<Phase, size_t> counts;
  for (const auto& [phase, name] : kPhases) counts[phase] = 0;
  absl::ReaderMutexLock lock(&impl_->mutex);
  for (const auto& [id, info] : impl_->by_id) ++counts[info->phase];
  return {counts.begin(), counts.end()};
}

std::vector<LogicalClusterId> Clusters::Ids() const {
  std::vector<LogicalClusterId> ids;
  {
    absl::ReaderMutexLock lock(&impl_->mutex);
    ids.reserve(impl_->by_id.size());
    for (const auto& [id, info] : impl_->by_id) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace atoll::registry
