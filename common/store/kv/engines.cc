// The engines by name. A new one: its folder, its header here, its row.
#include <string>

#include "common/base/strings.h"
#include "common/store/kv/engine.h"
#include "common/store/kv/memory/memory_engine.h"
#include "common/store/kv/rocksdb/rocksdb_engine.h"

namespace atoll::store::kv {
namespace {

struct EngineRow {
  std::string_view name;
  absl::StatusOr<std::unique_ptr<Engine>> (*open)(const EngineOptions& options);
};

const EngineRow kEngines[] = {
    {"rocksdb", &OpenRocksdbEngine},
    {"memory", &OpenMemoryEngine},
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(std::string_view name, const EngineOptions& options) {
  for (const EngineRow& row : kEngines) {
    if (row.name == name) return row.open(options);
  }
  return absl::InvalidArgumentError(StrCat("unknown storage engine \"", name, "\""));
}

}  // namespace atoll::store::kv
