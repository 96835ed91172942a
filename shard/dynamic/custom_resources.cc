#include "shard/dynamic/custom_resources.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/api/kube_version.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::dynamic {
namespace {

using registry::DefinitionPtr;
using Set = registry::Resolver::Set;
using SetPtr = std::shared_ptr<const Set>;

// What some clusters serve, all the same.
struct Served {
  std::vector<CompiledPtr> compiled;  // by address
  absl::flat_hash_map<api::Gvr, DefinitionPtr> by_gvr;
  mutable absl::Mutex mutex;
  // With what is built in: one combination for each set of bound exports, of which there are few.
  mutable std::map<const Set*, std::pair<SetPtr, SetPtr>> combined ABSL_GUARDED_BY(mutex);
};
using ServedPtr = std::shared_ptr<const Served>;

struct Entry {
  CompiledPtr compiled;
  store::Revision revision;
  bool announced = false;
};

struct Cluster {
  std::vector<Entry> entries;
  ServedPtr served;
};

std::string NameOf(const Compiled& c) {
  return StrCat(c.resource.resource, ".", c.resource.group.empty() ? "core" : c.resource.group);
}

// Interned values by key; what nobody uses any more is dropped when the table has doubled.
template <class T>
class Interned {
 public:
  std::shared_ptr<const T> Find(const std::string& key) const {
    const auto it = by_key_.find(key);
    return it == by_key_.end() ? nullptr : it->second.lock();
  }
  void Insert(std::string key, const std::shared_ptr<const T>& value) {
    if (by_key_.size() >= sweep_at_) {
      absl::erase_if(by_key_, [](const auto& entry) { return entry.second.expired(); });
      sweep_at_ = std::max<size_t>(64, 2 * by_key_.size());
    }
    by_key_[std::move(key)] = value;
  }
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [key, weak] : by_key_) {
      if (auto value = weak.lock()) visit(*value);
    }
  }

 private:
  absl::flat_hash_map<std::string, std::weak_ptr<const T>> by_key_;
  size_t sweep_at_ = 64;
};

std::string KeyOf(const std::vector<CompiledPtr>& compiled) {
  std::string key;
  for (const auto& c : compiled) {
    const auto address = reinterpret_cast<uintptr_t>(c.get());
    key.append(reinterpret_cast<const char*>(&address), sizeof(address));
  }
  return key;
}

SetPtr Combine(const Set& builtin, const Served& served) {
  auto out = std::make_shared<Set>(builtin);
  Set custom;
  for (const auto& c : served.compiled) custom.insert(custom.end(), c->served.begin(), c->served.end());
  std::sort(custom.begin(), custom.end(), [](const DefinitionPtr& a, const DefinitionPtr& b) {
    if (a->gvr.group != b->gvr.group) return a->gvr.group < b->gvr.group;
    if (a->gvr.version != b->gvr.version) return api::VersionGoesFirst(a->gvr.version, b->gvr.version);
    return a->gvr.resource < b->gvr.resource;
  });
  // What is built in wins over a definition of the same name.
  for (auto& d : custom) {
    const bool taken = std::any_of(builtin.begin(), builtin.end(), [&](const auto& b) { return b->gvr == d->gvr; });
    if (!taken) out->push_back(std::move(d));
  }
  return out;
}

}  // namespace

struct CustomResources::Impl {
  OnChange on_change;
  mutable absl::Mutex mutex;
  absl::flat_hash_map<LogicalClusterId, Cluster> clusters ABSL_GUARDED_BY(mutex);
  Interned<Compiled> compiled ABSL_GUARDED_BY(mutex);
  Interned<Served> served ABSL_GUARDED_BY(mutex);

  ServedPtr Intern(std::vector<CompiledPtr> all) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::sort(all.begin(), all.end());
    std::string key = KeyOf(all);
    if (ServedPtr known = served.Find(key)) return known;
    auto made = std::make_shared<Served>();
    for (const auto& c : all) {
      for (const auto& d : c->served) made->by_gvr[d->gvr] = d;
    }
    made->compiled = std::move(all);
    ServedPtr out = std::move(made);
    served.Insert(std::move(key), out);
    return out;
  }
  // The state goes with the last of its references, outside of the lock: `garbage`.
  void Rebuild(const LogicalClusterId& id, Cluster* cluster, std::vector<std::shared_ptr<const void>>* garbage)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    garbage->push_back(cluster->served);
    std::vector<CompiledPtr> all;
    for (const Entry& e : cluster->entries) {
      if (e.compiled != nullptr) all.push_back(e.compiled);
    }
    if (all.empty() && cluster->entries.empty()) {
      clusters.erase(id);
      return;
    }
    cluster->served = all.empty() ? nullptr : Intern(std::move(all));
  }
  ServedPtr ServedBy(const LogicalClusterId& id) const {
    absl::ReaderMutexLock lock(&mutex);
    const auto it = clusters.find(id);
    return it == clusters.end() ? nullptr : it->second.served;
  }
  void Changed(const LogicalClusterId& id, const CompiledPtr& before, const CompiledPtr& after) const {
    if (before != nullptr && before != after && on_change) on_change(id, before->resource);
  }
};

CustomResources::CustomResources() : impl_(std::make_unique<Impl>()) {}
CustomResources::~CustomResources() = default;

void CustomResources::SetOnChange(OnChange on_change) { impl_->on_change = std::move(on_change); }

absl::Status CustomResources::Put(const LogicalClusterId& id, const json::Value& crd, store::Revision revision,
                                  Source source) {
  const std::string name(crd.StringAt({"metadata", "name"}));
  if (!IsServed(crd)) {
    Erase(id, name, revision);
    return absl::OkStatus();
  }
  const std::string content = ContentOf(crd);
  CompiledPtr compiled;
  {
    absl::ReaderMutexLock lock(&impl_->mutex);
    compiled = impl_->compiled.Find(content);
  }
  if (compiled == nullptr) {
    auto made = Compile(crd, content);
    if (!made.ok()) {
      Erase(id, name, revision);
      return made.status();
    }
    compiled = *std::move(made);
  }
  std::vector<std::shared_ptr<const void>> garbage;
  CompiledPtr before;
  {
    absl::MutexLock lock(&impl_->mutex);
    if (CompiledPtr other = impl_->compiled.Find(content)) {
      compiled = std::move(other);  // made by another one meanwhile
    } else {
      impl_->compiled.Insert(content, compiled);
    }
    Cluster& cluster = impl_->clusters[id];
    auto entry = std::find_if(cluster.entries.begin(), cluster.entries.end(),
                              [&](const Entry& e) { return e.compiled->resource == compiled->resource; });
    if (entry == cluster.entries.end()) {
      cluster.entries.push_back({compiled, revision, source == Source::kAnnounced});
    } else {
      // What is announced at a revision is newer than what is stored at it.
      const bool stale =
          entry->revision > revision || (entry->revision == revision && entry->announced && source == Source::kStored);
      if (stale) return absl::OkStatus();
      before = std::exchange(entry->compiled, compiled);
      entry->revision = revision;
      entry->announced = source == Source::kAnnounced;
      if (before == compiled) return absl::OkStatus();
    }
    cluster.entries.shrink_to_fit();
    impl_->Rebuild(id, &cluster, &garbage);
  }
  impl_->Changed(id, before, compiled);
  return absl::OkStatus();
}

void CustomResources::Erase(const LogicalClusterId& id, std::string_view name, store::Revision revision) {
  std::vector<std::shared_ptr<const void>> garbage;
  CompiledPtr before;
  {
    absl::MutexLock lock(&impl_->mutex);
    const auto it = impl_->clusters.find(id);
    if (it == impl_->clusters.end()) return;
    auto& entries = it->second.entries;
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return NameOf(*e.compiled) == name; });
    if (entry == entries.end() || entry->revision > revision || (entry->revision == revision && entry->announced))
      return;
    before = std::move(entry->compiled);
    entries.erase(entry);
    impl_->Rebuild(id, &it->second, &garbage);
  }
  impl_->Changed(id, before, nullptr);
}

void CustomResources::Retain(const LogicalClusterId& id, const std::vector<std::string>& names) {
  std::vector<std::string> gone;
  {
    absl::ReaderMutexLock lock(&impl_->mutex);
    const auto it = impl_->clusters.find(id);
    if (it == impl_->clusters.end()) return;
    for (const Entry& e : it->second.entries) {
      std::string name = NameOf(*e.compiled);
      if (std::find(names.begin(), names.end(), name) == names.end()) gone.push_back(std::move(name));
    }
  }
  for (const std::string& name : gone) Erase(id, name, store::Revision{std::numeric_limits<uint64_t>::max()});
}

std::vector<LogicalClusterId> CustomResources::Clusters() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  std::vector<LogicalClusterId> out;
  out.reserve(impl_->clusters.size());
  for (const auto& [id, cluster] : impl_->clusters) out.push_back(id);
  return out;
}

DefinitionPtr CustomResources::Find(const LogicalClusterId& id, const api::Gvr& gvr) const {
  const ServedPtr served = impl_->ServedBy(id);
  if (served == nullptr) return nullptr;
  const auto it = served->by_gvr.find(gvr);
  return it == served->by_gvr.end() ? nullptr : it->second;
}

DefinitionPtr CustomResources::FindAnywhere(const api::Gvr& gvr) const {
  DefinitionPtr found;
  {
    absl::ReaderMutexLock lock(&impl_->mutex);
    impl_->compiled.ForEach([&](const Compiled& c) {
      for (const auto& d : c.served) {
        if (found == nullptr && d->gvr == gvr) found = d;
      }
    });
  }
  if (found == nullptr) return nullptr;
  auto any = std::make_shared<registry::ResourceDefinition>(*found);
  any->schema = nullptr;
  any->shape = 0;
  any->metadata_only = true;
  any->selectable_fields.clear();
  return any;
}

SetPtr CustomResources::All(const LogicalClusterId& id, SetPtr builtin) const {
  const ServedPtr served = impl_->ServedBy(id);
  if (served == nullptr) return builtin;
  absl::MutexLock lock(&served->mutex);
  auto& [kept, combined] = served->combined[builtin.get()];
  if (combined == nullptr) {
    combined = Combine(*builtin, *served);
    kept = std::move(builtin);  // so that its address stays its own
  }
  return combined;
}

std::vector<DefinitionPtr> CustomResources::Stored(const LogicalClusterId& id) const {
  std::vector<DefinitionPtr> out;
  if (const ServedPtr served = impl_->ServedBy(id)) {
    for (const auto& c : served->compiled) out.push_back(c->stored);
  }
  return out;
}

CustomResources::Stats CustomResources::stats() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  Stats stats{.clusters = impl_->clusters.size()};
  impl_->compiled.ForEach([&](const Compiled&) { ++stats.definitions; });
  return stats;
}

}  // namespace atoll::dynamic
