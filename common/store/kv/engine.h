// Ordered bytes under the store. Thin on purpose: each engine (rocksdb/, memory/) passes conformance/, nothing else is
// asked of it. Adding one: a folder here and a row in engines.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
}

namespace atoll::store::kv {

// Separate ordered keyspaces of one database; one batch may span them.
enum class Space : uint8_t { kObjects = 0, kLog = 1, kIndex = 2, kMeta = 3 };
inline constexpr int kSpaces = 4;

struct Write {
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
  Kind kind = Kind::kPut;
  Space space = Space::kObjects;
  std::string key;    // kDeleteRange: begin
  std::string value;  // kDeleteRange: end, not empty
};

// A consistent read view. Thread-safe; may outlive its engine.
class View {
 public:
  virtual ~View() = default;
  virtual absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key) const = 0;
  // As Get, but Unavailable instead of reading the disk.
  virtual absl::StatusOr<std::optional<std::string>> GetCached(Space space, std::string_view key) const {
    return Get(space, key);
  }
  // Visits [begin, end) in order until `visit` returns false. An empty `end` means to the last key.
  virtual absl::Status Scan(Space space, std::string_view begin, std::string_view end,
                            const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Atomically applies `writes`; with `sync` it is durable on return. Errors: ResourceExhausted (no space; the engine
  // still serves and recovers when space returns), Internal (I/O error: the caller must not go on writing).
  virtual absl::Status Apply(const std::vector<Write>& writes, bool sync) = 0;
  virtual absl::StatusOr<std::optional<std::string>> Get(Space space, std::string_view key) const = 0;
  // As Get, but Unavailable instead of reading the disk.
  virtual absl::StatusOr<std::optional<std::string>> GetCached(Space space, std::string_view key) const {
    return Get(space, key);
  }
  virtual std::shared_ptr<const View> NewView() const = 0;
  // Whether the last Apply found no space and there is still none. Any thread; does not block.
  virtual bool full() const { return false; }
  // A consistent copy in a new directory `to` (backups). Errors: Unimplemented for engines without files.
  virtual absl::Status Checkpoint(const std::string& to) = 0;
  virtual void Compact(Space space, std::string_view begin, std::string_view end) = 0;
  virtual uint64_t ApproximateBytes(Space space) const = 0;
};

struct EngineOptions {
  std::string directory;  // "" for the memory engine
  size_t block_cache_bytes = 16u << 20;
  size_t write_buffer_bytes = 8u << 20;  // of all spaces together
  rocksdb::Env* env = nullptr;  // files of the rocksdb engine; null: the machine's. Outlives the engine and its views.
};

// `name`: "rocksdb" or "memory". Errors: InvalidArgument (unknown), FailedPrecondition (directory in use by another
// process, or written by a newer version; the message says which), PermissionDenied, Internal.
absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(std::string_view name, const EngineOptions& options);

}  // namespace atoll::store::kv
