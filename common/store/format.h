// The bytes of the store on an engine. Numbers are big-endian, so that keys sort by them.
//
//   objects  key    -> | created 8 | modified 8 | value |
//   log      | revision 8 | index of the event within its transaction 4 |
//                   -> | type 1 | created 8 | previous modified 8 | key size 4 | key | value size 4 | value | previous
//                   value |
//   index    key    -> (empty)
//   meta     "version"             -> decimal format version of what this header draws
//            "id"                  -> UUID of the store
//            "revision"            -> | newest revision 8 |
//            "oldest"              -> | oldest revision the log is complete from 8 |
//            "mark\0" | revision 8 | -> | wall clock, ms 8 | log bytes up to and including that revision 8 |    (see
//            log_marks.h)
//
//   type: 1 created, 2 updated, 3 deleted; plus 0x10 when `previous value` is present. A reader refuses a type it does
//   not know.
//
// Compatibility: a new type of log record, a new layout of objects or a new duty of writers raises the version; a
// binary refuses a newer one, and raises an older one when it opens the store. Versions:
//   1  as drawn
//   2  whoever writes objects keeps the index keyspace as well: version 1 programs would leave it behind. What the
//   index
//      holds, and how an old store gets it, is its owner's business (shard/storage/owner_index.h)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/types.h"

namespace atoll::store::format {

inline constexpr int kVersion = 2;
inline constexpr size_t kObjectHeaderBytes = 16;
inline constexpr std::string_view kMetaVersion = "version";
inline constexpr std::string_view kMetaId = "id";
inline constexpr std::string_view kMetaRevision = "revision";
inline constexpr std::string_view kMetaOldest = "oldest";
inline constexpr std::string_view kMetaMark = std::string_view("mark\0", 5);

void AppendBigEndian64(std::string* to, uint64_t value);
void AppendBigEndian32(std::string* to, uint32_t value);
uint64_t BigEndian64(const char* from);
uint32_t BigEndian32(const char* from);

// An 8-byte number; DataLoss when `bytes` has another size. `what` names it in the error.
absl::StatusOr<uint64_t> DecodeNumber(std::string_view bytes, std::string_view what);
std::string EncodeNumber(uint64_t value);

// Objects.
struct ObjectRecord {
  Revision created;
  Revision modified;
  std::string_view value;
};
std::string EncodeObject(Revision created, Revision modified, std::string_view value);
absl::StatusOr<ObjectRecord> DecodeObject(std::string_view key, std::string_view record);
// Reuses the record's memory for the value.
absl::StatusOr<Entry> TakeEntry(std::string_view key, std::string record);

// Log.
std::string LogKey(Revision revision, uint32_t index);
absl::StatusOr<Revision> LogRevision(std::string_view log_key);
std::string EncodeEvent(const Event& event);
// The key of the changed object, without decoding the rest: for filters. A view into `record`.
absl::StatusOr<std::string_view> EventKey(std::string_view log_key, std::string_view record);
absl::StatusOr<Event> DecodeEvent(std::string_view log_key, std::string_view record);

}  // namespace atoll::store::format
