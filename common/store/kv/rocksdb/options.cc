#include "common/store/kv/rocksdb/options.h"

#include <algorithm>
#include <string>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

namespace atoll::store::kv {
namespace {

constexpr int kBackgroundJobs = 2;
constexpr int kOpenFilesMax = 256;

// RocksDB's own recovery from a full disk looks for space every few seconds. The engine does better: it looks before
// each write.
class NoAutomaticRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }
};

rocksdb::CompressionType FirstSupported(std::initializer_list<rocksdb::CompressionType> wanted) {
  const auto supported = rocksdb::GetSupportedCompressions();
  for (const auto type : wanted) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 4 << 10;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;  // CRC-32C is slow in portable builds
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Index and filter blocks count against the cache, so that the bound above is a bound.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return table;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const EngineOptions& options, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(cache)));
  family.write_buffer_size = options.write_buffer_bytes;  // db_write_buffer_size flushes earlier
  family.arena_block_size = 64 << 10;
  family.max_write_buffer_number = 3;
  family.memtable_prefix_bloom_size_ratio = 0.02;
  family.memtable_whole_key_filtering = true;  // most writes are creates: their precondition reads a key that is absent
  family.compression = FirstSupported({rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});
  family.bottommost_compression = FirstSupported({rocksdb::kZSTD, rocksdb::kLZ4Compression});
  family.target_file_size_base = 16 << 20;
  family.max_bytes_for_level_base = 64 << 20;
  family.level_compaction_dynamic_level_bytes = true;
  return family;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(const EngineOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  if (options.env != nullptr) db.env = options.env;
  db.db_write_buffer_size = options.write_buffer_bytes;
  db.max_background_jobs = kBackgroundJobs;
  db.max_open_files = kOpenFilesMax;
  db.max_total_wal_size = 64u << 20;
  // A torn tail is what a crash leaves. Damage before it means lost acknowledged writes: refuse to open.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // One writer, so no queueing between writers is needed.
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  db.avoid_unnecessary_blocking_io = true;
  db.avoid_flush_during_shutdown = true;  // the write-ahead log has it
  db.listeners.push_back(std::make_shared<NoAutomaticRecovery>());
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.max_log_file_size = 1 << 20;
  db.keep_log_file_num = 3;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> ColumnFamilies(const EngineOptions& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes, 2);
  const auto family = FamilyOptions(options, cache);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : {rocksdb::kDefaultColumnFamilyName.c_str(), "objects", "log", "index", "meta"}) {
    families.emplace_back(name, family);
  }
  return families;
}

}  // namespace atoll::store::kv
