// RocksDB's options, sized for many small servers on one machine: memory is bounded by the block cache plus the write
// buffers. Only for this folder: includes rocksdb.
#pragma once

#include <vector>

#include "common/store/kv/engine.h"

namespace rocksdb {
struct ColumnFamilyDescriptor;
struct DBOptions;
}  // namespace rocksdb

namespace atoll::store::kv {

rocksdb::DBOptions DatabaseOptions(const EngineOptions& options);

// One descriptor a Space, in its order, after RocksDB's unused "default". They share one block cache.
std::vector<rocksdb::ColumnFamilyDescriptor> ColumnFamilies(const EngineOptions& options);

}  // namespace atoll::store::kv
