#include "common/store/kv/memory/memory_engine.h"

#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/check.h"

namespace atoll::store::kv {
namespace {

struct Version {
  uint64_t sequence = 0;             // of the Apply that wrote it
  std::optional<std::string> value;  // nullopt: deleted
};
using Versions = std::vector<Version>;  // ascending; never empty
using Keyspace = std::map<std::string, Versions, std::less<>>;

// The newest version that a reader at `sequence` sees, or null.
const std::string* Visible(const Versions& versions, uint64_t sequence) {
  for (auto v = versions.rbegin(); v != versions.rend(); ++v) {
    if (v->sequence <= sequence) return v->value ? &*v->value : nullptr;
  }
  return nullptr;
}

// Shared by the engine and its views.
class Database {
 public:
  void Apply(const std::vector<Write>& writes) {
    absl::MutexLock lock(&mutex_);
    ++sequence_;
    for (const Write& write : writes) {
      Keyspace& keys = spaces_[static_cast<size_t>(write.space)];
      switch (write.kind) {
        case Write::Kind::kPut:
          Put(keys, write.key, write.value);
          break;
        case Write::Kind::kDelete:
          if (auto it = keys.find(write.key); it != keys.end()) Delete(keys, it);
          break;
        case Write::Kind::kDeleteRange:
          DCHECK(!write.value.empty());
          for (auto it = keys.lower_bound(write.key); it != keys.end() && it->first < write.value;)
            it = Delete(keys, it);
          break;
      }
    }
  }

  std::optional<std::string> Get(Space space, std::string_view key, uint64_t sequence) const {
    absl::ReaderMutexLock lock(&mutex_);
    const Keyspace& keys = spaces_[static_cast<size_t>(space)];
    const auto it = keys.find(key);
    if (it == keys.end()) return std::nullopt;
    const std::string* value = Visible(it->second, sequence);
    return value == nullptr ? std::nullopt : std::optional(*value);
  }

  // Copies up to `max` visible pairs from `begin` on into `pairs`; false when the range ended.
  bool Chunk(Space space, std::string_view begin, std::string_view end, uint64_t sequence, size_t max,
             std::vector<std::pair<std::string, std::string>>* pairs) const {
    pairs->clear();
    absl::ReaderMutexLock lock(&mutex_);
    const Keyspace& keys = spaces_[static_cast<size_t>(space)];
    for (auto it = keys.lower_bound(begin); it != keys.end() && (end.empty() || it->first < end); ++it) {
      const std::string* value = Visible(it->second, sequence);
      if (value == nullptr) continue;
      pairs->emplace_back(it->first, *value);
      if (pairs->size() == max) return true;
    }
    return false;
  }

  uint64_t Pin() {
    absl::MutexLock lock(&mutex_);
    pinned_.insert(sequence_);
    return sequence_;
  }
  void Unpin(uint64_t sequence) {
    absl::MutexLock lock(&mutex_);
    pinned_.erase(pinned_.find(sequence));
  }

  uint64_t Bytes(Space space) const {
    absl::ReaderMutexLock lock(&mutex_);
    uint64_t bytes = 0;
    for (const auto& [key, versions] : spaces_[static_cast<size_t>(space)]) {
      bytes += key.size() + (versions.back().value ? versions.back().value->size() : 0);
    }
    return bytes;
  }

 private:
  void Put(Keyspace& keys, const std::string& key, const std::string& value) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Versions& versions = keys[key];
    Prune(versions);
    versions.push_back({sequence_, value});
  }

  Keyspace::iterator Delete(Keyspace& keys, Keyspace::iterator it) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Prune(it->second);
    if (it->second.empty()) return keys.erase(it);
    if (it->second.back().value) it->second.push_back({sequence_, std::nullopt});
    return std::next(it);
  }

  // Drops the versions no view can read once a new one (of sequence_) follows.
  void Prune(Versions& versions) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Versions kept;
    for (size_t i = 0; i < versions.size(); ++i) {
      const uint64_t next = i + 1 < versions.size() ? versions[i + 1].sequence : sequence_;
      const auto reader = pinned_.lower_bound(versions[i].sequence);
      if (reader != pinned_.end() && *reader < next) kept.push_back(std::move(versions[i]));
    }
    versions = std::move(kept);
  }

  mutable absl::Mutex mutex_;
  uint64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  std::multiset<uint64_t> pinned_ ABSL_GUARDED_BY(mutex_);
  std::array<Keyspace, kSpaces> spaces_ ABSL_GUARDED_BY(mutex_);
};

class MemoryView final : public View {
 public:
  explicit MemoryView(std::shared_ptr<Database> db) : db_(std::move(db)), sequence_(db_->Pin()) {}
  ~MemoryView() override { db_->Unpin(sequence_); }

  absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key) const override {
    return db_->Get(space, key, sequence_);
  }

  // In chunks, so that `visit` runs without the lock and may read or write itself.
  absl::Status Scan(Space space, std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    constexpr size_t kChunk = 64;
    std::vector<std::pair<std::string, std::string>> pairs;
    std::string from(begin);
    bool more = true;
    while (more) {
      more = db_->Chunk(space, from, end, sequence_, kChunk, &pairs);
      for (const auto& [key, value] : pairs) {
        if (!visit(key, value)) return absl::OkStatus();
      }
      if (more) from = pairs.back().first + '\0';
    }
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<Database> db_;
  const uint64_t sequence_;
};

class MemoryEngine final : public Engine {
 public:
  absl::Status Apply(const std::vector<Write>& writes, bool /*sync*/) override {
    db_->Apply(writes);
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key) const override {
    return db_->Get(space, key, UINT64_MAX);
  }
  std::shared_ptr<const View> NewView() const override { return std::make_shared<MemoryView>(db_); }
  absl::Status Checkpoint(const std::string& /*to*/) override {
    return absl::UnimplementedError("the memory engine has no files to copy");
  }
  void Compact(Space, std::string_view, std::string_view) override {}
  uint64_t ApproximateBytes(Space space) const override { return db_->Bytes(space); }

 private:
  const std::shared_ptr<Database> db_ = std::make_shared<Database>();
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenMemoryEngine(const EngineOptions& /*options*/) {
  return std::make_unique<MemoryEngine>();
}

}  // namespace atoll::store::kv
