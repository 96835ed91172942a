#include "common/store/format.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::store::format {
namespace {

constexpr uint8_t kKindMask = 0x0f;
constexpr uint8_t kHasPrevious = 0x10;
constexpr size_t kLogKeyBytes = 12;
constexpr size_t kEventHeaderBytes = 1 + 8 + 8 + 4;

absl::Status Damaged(std::string_view what, std::string_view key) {
  return absl::DataLossError(
      StrCat("the store holds a damaged ", what, " at key \"", absl::CHexEscape(ToAbsl(key)), "\""));
}

uint8_t TypeOf(const Event& event) {
  const auto kind = static_cast<uint8_t>(static_cast<uint8_t>(event.kind) + 1);
  return event.previous ? kind | kHasPrevious : kind;
}

}  // namespace

void AppendBigEndian64(std::string* to, uint64_t value) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (56 - 8 * i));
  to->append(bytes, sizeof bytes);
}

void AppendBigEndian32(std::string* to, uint32_t value) {
  char bytes[4];
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(value >> (24 - 8 * i));
  to->append(bytes, sizeof bytes);
}

uint64_t BigEndian64(const char* from) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<uint8_t>(from[i]);
  return value;
}

uint32_t BigEndian32(const char* from) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(from[i]);
  return value;
}

absl::StatusOr<uint64_t> DecodeNumber(std::string_view bytes, std::string_view what) {
  if (bytes.size() != 8) return Damaged("number", what);
  return BigEndian64(bytes.data());
}

std::string EncodeNumber(uint64_t value) {
  std::string bytes;
  AppendBigEndian64(&bytes, value);
  return bytes;
}

std::string EncodeObject(Revision created, Revision modified, std::string_view value) {
  std::string record;
  record.reserve(kObjectHeaderBytes + value.size());
  AppendBigEndian64(&record, created.value);
  AppendBigEndian64(&record, modified.value);
  record.append(value);
  return record;
}

absl::StatusOr<ObjectRecord> DecodeObject(std::string_view key, std::string_view record) {
  if (record.size() < kObjectHeaderBytes) return Damaged("object", key);
  return ObjectRecord{
      {BigEndian64(record.data())}, {BigEndian64(record.data() + 8)}, record.substr(kObjectHeaderBytes)};
}

absl::StatusOr<Entry> TakeEntry(std::string_view key, std::string record) {
  if (record.size() < kObjectHeaderBytes) return Damaged("object", key);
  Entry entry;
  entry.created = {BigEndian64(record.data())};
  entry.modified = {BigEndian64(record.data() + 8)};
  record.erase(0, kObjectHeaderBytes);
  entry.value = std::move(record);
  return entry;
}

std::string LogKey(Revision revision, uint32_t index) {
  std::string key;
  key.reserve(kLogKeyBytes);
  AppendBigEndian64(&key, revision.value);
  AppendBigEndian32(&key, index);
  return key;
}

absl::StatusOr<Revision> LogRevision(std::string_view log_key) {
  if (log_key.size() != kLogKeyBytes) return Damaged("log key", log_key);
  return Revision{BigEndian64(log_key.data())};
}

std::string EncodeEvent(const Event& event) {
  std::string record;
  record.reserve(kEventHeaderBytes + event.key.size() + 4 + event.value.size() +
                 (event.previous ? event.previous->size() : 0));
  record.push_back(static_cast<char>(TypeOf(event)));
  AppendBigEndian64(&record, event.created.value);
  AppendBigEndian64(&record, event.previous_modified.value);
  AppendBigEndian32(&record, static_cast<uint32_t>(event.key.size()));
  record.append(event.key);
  AppendBigEndian32(&record, static_cast<uint32_t>(event.value.size()));
  record.append(event.value);
  if (event.previous) record.append(*event.previous);
  return record;
}

absl::StatusOr<std::string_view> EventKey(std::string_view log_key, std::string_view record) {
  if (record.size() < kEventHeaderBytes) return Damaged("log record", log_key);
  const size_t size = BigEndian32(record.data() + kEventHeaderBytes - 4);
  if (record.size() - kEventHeaderBytes < size + 4) return Damaged("log record", log_key);
  return record.substr(kEventHeaderBytes, size);
}

absl::StatusOr<Event> DecodeEvent(std::string_view log_key, std::string_view record) {
  Event event;
  ASSIGN_OR_RETURN(event.revision, LogRevision(log_key));
  ASSIGN_OR_RETURN(const std::string_view key, EventKey(log_key, record));
  const auto type = static_cast<uint8_t>(record[0]);
  const uint8_t kind = type & kKindMask;
  if ((type & ~(kKindMask | kHasPrevious)) != 0 || kind < 1 || kind > 3)
    return Damaged("log record (unknown type)", log_key);
  event.kind = static_cast<Event::Kind>(kind - 1);
  event.created = {BigEndian64(record.data() + 1)};
  event.previous_modified = {BigEndian64(record.data() + 9)};
  event.key.assign(key);
  record.remove_prefix(kEventHeaderBytes + key.size());
  const size_t value_size = BigEndian32(record.data());
  record.remove_prefix(4);
  if (record.size() < value_size) return Damaged("log record", log_key);
  event.value.assign(record.substr(0, value_size));
  record.remove_prefix(value_size);
  if ((type & kHasPrevious) != 0) {
    event.previous.emplace(record);
  } else if (!record.empty()) {
    return Damaged("log record", log_key);
  }
  return event;
}

}  // namespace atoll::store::format
