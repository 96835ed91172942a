#include "common/index/workspace_index.h"

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/strings.h"

namespace atoll::index {
namespace {

// Phases and types repeat in every entry: kept once, referred to by a small number.
class Words {
 public:
  uint16_t Id(std::string_view word) {
    if (auto it = ids_.find(ToAbsl(word)); it != ids_.end()) return it->second;
    if (words_.size() == UINT16_MAX) return 0;  // "" stands for whatever is beyond 65,535 different words
    words_.emplace_back(word);
    return ids_[std::string(word)] = static_cast<uint16_t>(words_.size() - 1);
  }
  const std::string& Word(uint16_t id) const { return words_[id]; }

 private:
  std::vector<std::string> words_ = {""};
  absl::flat_hash_map<std::string, uint16_t> ids_ = {{"", 0}};
};

struct StoredWorkspace {
  std::string cluster_or_url;
  uint16_t phase = 0;
  uint16_t shard = 0;
  uint16_t round = 0;  // of the shard, when this was announced
  bool mount = false;
};

struct StoredCluster {
  uint16_t shard = 0;
  uint16_t round = 0;
};

std::string Key(std::string_view parent, std::string_view name) {
  return StrCat(parent, std::string_view("\0", 1), name);
}

}  // namespace

struct WorkspaceIndex::Impl {
  mutable absl::Mutex mutex;
  Words words ABSL_GUARDED_BY(mutex);
  absl::flat_hash_map<std::string, StoredWorkspace> workspaces ABSL_GUARDED_BY(mutex);
  absl::flat_hash_map<std::string, StoredCluster> clusters ABSL_GUARDED_BY(mutex);
  // How often each shard began to announce its state. One that wraps around is equal to itself only after 65,536
  // replacements without an end.
  absl::flat_hash_map<uint16_t, uint16_t> rounds ABSL_GUARDED_BY(mutex);
};

WorkspaceIndex::WorkspaceIndex() : impl_(std::make_unique<Impl>()) {}
WorkspaceIndex::~WorkspaceIndex() = default;

void WorkspaceIndex::PutWorkspace(std::string_view shard, std::string_view parent_cluster, std::string_view name,
                                  WorkspaceEntry entry) {
  absl::MutexLock lock(&impl_->mutex);
  StoredWorkspace& w = impl_->workspaces[Key(parent_cluster, name)];
  w.mount = entry.mount;
  w.cluster_or_url = entry.mount ? std::move(entry.mount_url) : std::move(entry.cluster);
  w.phase = impl_->words.Id(entry.phase);
  w.shard = impl_->words.Id(shard);
  w.round = impl_->rounds[w.shard];
}

void WorkspaceIndex::EraseWorkspace(std::string_view shard, std::string_view parent_cluster, std::string_view name) {
  absl::MutexLock lock(&impl_->mutex);
  auto it = impl_->workspaces.find(Key(parent_cluster, name));
  if (it != impl_->workspaces.end() && impl_->words.Word(it->second.shard) == shard) impl_->workspaces.erase(it);
}

void WorkspaceIndex::PutCluster(std::string_view shard, std::string_view cluster, ClusterEntry entry) {
  absl::MutexLock lock(&impl_->mutex);
  StoredCluster& c = impl_->clusters[std::string(cluster)];
  c.shard = impl_->words.Id(shard);
  c.round = impl_->rounds[c.shard];
}

void WorkspaceIndex::EraseCluster(std::string_view shard, std::string_view cluster) {
  absl::MutexLock lock(&impl_->mutex);
  auto it = impl_->clusters.find(ToAbsl(cluster));
  // A cluster that moved was announced by its new shard before the old one let go of it.
  if (it != impl_->clusters.end() && impl_->words.Word(it->second.shard) == shard) impl_->clusters.erase(it);
}

void WorkspaceIndex::DropShard(std::string_view shard) {
  absl::MutexLock lock(&impl_->mutex);
  const uint16_t id = impl_->words.Id(shard);
  absl::erase_if(impl_->workspaces, [id](const auto& w) { return w.second.shard == id; });
  absl::erase_if(impl_->clusters, [id](const auto& c) { return c.second.shard == id; });
}

void WorkspaceIndex::BeginReplace(std::string_view shard) {
  absl::MutexLock lock(&impl_->mutex);
  ++impl_->rounds[impl_->words.Id(shard)];
}

void WorkspaceIndex::EndReplace(std::string_view shard) {
  absl::MutexLock lock(&impl_->mutex);
  const uint16_t id = impl_->words.Id(shard), round = impl_->rounds[id];
  const auto is_old = [id, round](const auto& entry) {
    return entry.second.shard == id && entry.second.round != round;
  };
  absl::erase_if(impl_->workspaces, is_old);
  absl::erase_if(impl_->clusters, is_old);
}

Resolution WorkspaceIndex::Resolve(const WorkspacePath& path) const {
  Resolution out;
  std::string_view rest = path.str();
  auto next_word = [&rest]() -> std::string_view {
    const size_t colon = rest.find(':');
    std::string_view word = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    return word;
  };
  std::string cluster;
  if (path.IsCluster()) {
    cluster = path.str();
    rest = {};
  } else {
    cluster = std::string(next_word());
    if (cluster == "user" && !rest.empty()) cluster = HomeClusterOf(next_word()).name();
  }
  absl::ReaderMutexLock lock(&impl_->mutex);
  auto known = impl_->clusters.find(ToAbsl(cluster));
  if (known == impl_->clusters.end()) return out;
  while (!rest.empty()) {
    const std::string_view name = next_word();
    auto it = impl_->workspaces.find(Key(cluster, name));
    if (it == impl_->workspaces.end()) return out;
    const StoredWorkspace& w = it->second;
    const std::string& phase = impl_->words.Word(w.phase);
    if (w.cluster_or_url.empty() || (phase == "Scheduling" && !w.mount)) return out;
    if (phase == "Unavailable") {
      out.kind = Resolution::Kind::kUnavailable;
      return out;
    }
    if (w.mount) {
      if (!rest.empty()) return out;
      out.kind = Resolution::Kind::kMount;
      out.mount_url = w.cluster_or_url;
      return out;
    }
    cluster = w.cluster_or_url;
  }
  auto it = impl_->clusters.find(ToAbsl(cluster));
  auto id = LogicalClusterId::Parse(cluster);
  if (!id.ok()) return out;
  out.kind = Resolution::Kind::kFound;
  out.cluster = *std::move(id);
  if (it != impl_->clusters.end()) out.shard = impl_->words.Word(it->second.shard);
  return out;
}

std::string WorkspaceIndex::ShardOf(std::string_view cluster) const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  auto it = impl_->clusters.find(ToAbsl(cluster));
  return it == impl_->clusters.end() ? "" : impl_->words.Word(it->second.shard);
}

std::vector<std::pair<std::string, size_t>> WorkspaceIndex::CountByShard() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  std::vector<size_t> counts;
  for (const auto& [name, c] : impl_->clusters) {
    if (counts.size() <= c.shard) counts.resize(c.shard + 1);
    ++counts[c.shard];
  }
  std::vector<std::pair<std::string, size_t>> out;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) out.emplace_back(impl_->words.Word(static_cast<uint16_t>(i)), counts[i]);
  }
  return out;
}

std::vector<std::pair<std::string, size_t>> WorkspaceIndex::CountByPhase() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  std::vector<size_t> counts;
  for (const auto& [key, w] : impl_->workspaces) {
    if (counts.size() <= w.phase) counts.resize(w.phase + 1);
    ++counts[w.phase];
  }
  std::vector<std::pair<std::string, size_t>> out;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) out.emplace_back(impl_->words.Word(static_cast<uint16_t>(i)), counts[i]);
  }
  return out;
}

size_t WorkspaceIndex::workspaces() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  return impl_->workspaces.size();
}

}  // namespace atoll::index
