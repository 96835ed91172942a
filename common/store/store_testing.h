// Helpers of the store's tests: a temporary directory, short ways to write transactions, a store on either engine that
// can be reopened.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "common/base/check.h"
#include "common/loop/sim/sim_loop.h"
#include "common/store/kv/engine.h"
#include "common/store/store.h"

namespace atoll::store::testing {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "atoll-store-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// "a/b" -> "a\0b\0".
inline std::string Key(std::string_view path) {
  std::string key;
  while (true) {
    const size_t slash = path.find('/');
    AppendComponent(&key, path.substr(0, slash));
    if (slash == std::string_view::npos) return key;
    path.remove_prefix(slash + 1);
  }
}

inline Op Put(std::string_view path, std::string value, Precondition precondition = {}) {
  return {.kind = Op::Kind::kPut, .key = Key(path), .value = std::move(value), .precondition = precondition};
}
inline Op Delete(std::string_view path, Precondition precondition = {}) {
  return {.kind = Op::Kind::kDelete, .key = Key(path), .precondition = precondition};
}
inline Op Check(std::string_view path, Precondition precondition) {
  return {.kind = Op::Kind::kCheck, .key = Key(path), .precondition = precondition};
}
template <class... Ops>
Transaction Txn(Ops... ops) {
  Transaction txn;
  (txn.ops.push_back(std::move(ops)), ...);
  return txn;
}

// Blocks until the sequencer has answered.
inline absl::StatusOr<Revision> Commit(Store& store, Transaction txn) {
  absl::Notification done;
  absl::StatusOr<Revision> result = absl::UnknownError("");
  store.CommitThen(std::move(txn), [&](absl::StatusOr<Revision> r) {
    result = std::move(r);
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}
template <class... Ops>
absl::StatusOr<Revision> Commit(Store& store, Op op, Ops... ops) {
  return Commit(store, Txn(std::move(op), std::move(ops)...));
}

// Runs `task` on `loop`, waiting for other threads where it does, without letting virtual time pass.
template <class T>
T Await(SimLoop& loop, Task<T> task) {
  std::optional<T> result;
  struct Run {
    static Task<void> To(Task<T> task, std::optional<T>* result) { result->emplace(co_await std::move(task)); }
  };
  loop.Spawn(Run::To(std::move(task), &result));
  loop.RunWithThreads([&] { return result.has_value(); });
  return *std::move(result);
}

// The newest entry, read without a loop.
inline std::optional<Entry> Read(Store& store, std::string_view path) {
  auto entry = store.Snapshot()->Get(Key(path));
  CHECK_OK(entry);
  return *entry;
}

// A directory (rocksdb) or an engine kept across reopening (memory), and the store on it.
class StoreFixture {
 public:
  explicit StoreFixture(std::string engine, StoreOptions options = {}) : engine_(std::move(engine)), options_(options) {
    Open();
  }

  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }
  BlockingPool& pool() { return pool_; }

  void Close() { store_.reset(); }
  void Open() {
    auto opened = Store::Open(OpenEngine(), options_, &pool_);
    CHECK_OK(opened);
    store_ = *std::move(opened);
  }
  void Reopen() {
    Close();
    Open();
  }

 private:
  // The memory engine has no files: what a reopened store finds is the same engine.
  class Borrowed final : public kv::Engine {
   public:
    explicit Borrowed(kv::Engine& engine) : engine_(engine) {}
    absl::Status Apply(const std::vector<kv::Write>& writes, bool sync) override { return engine_.Apply(writes, sync); }
    absl::StatusOr<std::optional<std::string>> Get(kv::Space space, std::string_view key) const override {
      return engine_.Get(space, key);
    }
    std::shared_ptr<const kv::View> NewView() const override { return engine_.NewView(); }
    absl::Status Checkpoint(const std::string& to) override { return engine_.Checkpoint(to); }
    void Compact(kv::Space space, std::string_view begin, std::string_view end) override {
      engine_.Compact(space, begin, end);
    }
    uint64_t ApproximateBytes(kv::Space space) const override { return engine_.ApproximateBytes(space); }

   private:
    kv::Engine& engine_;
  };

  std::unique_ptr<kv::Engine> OpenEngine() {
    if (engine_ == "memory" && memory_ != nullptr) return std::make_unique<Borrowed>(*memory_);
    auto engine = kv::OpenEngine(engine_, {.directory = directory_.path()});
    CHECK_OK(engine);
    if (engine_ != "memory") return *std::move(engine);
    memory_ = *std::move(engine);
    return std::make_unique<Borrowed>(*memory_);
  }

  const std::string engine_;
  const StoreOptions options_;
  const TempDir directory_;
  BlockingPool pool_{{}};
  std::unique_ptr<kv::Engine> memory_;
  std::unique_ptr<Store> store_;
};

}  // namespace atoll::store::testing
