#include "common/store/recovery.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/random.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/store/format.h"

namespace atoll::store {
namespace {

// How much of the log is loaded into the ring: enough for clients that reconnect after a restart, little enough for an
// idle server.
constexpr size_t kRingBytesAtStart = 4u << 20;

// Refuses a newer format, raises an older one.
absl::Status CheckVersion(kv::Engine& engine, std::string_view text) {
  int version = 0;
  if (!absl::SimpleAtoi(ToAbsl(text), &version) || version < 1)
    return absl::DataLossError("the store holds a damaged format version");
  if (version == format::kVersion) return absl::OkStatus();
  if (version < format::kVersion) {
    return engine.Apply(
        {{kv::Write::Kind::kPut, kv::Space::kMeta, std::string(format::kMetaVersion), StrCat(format::kVersion)}}, true);
  }
  return absl::FailedPreconditionError(StrCat("the store has format version ", version,
                                              ", written by a newer program; this one reads up to ", format::kVersion));
}

absl::StatusOr<std::string> CreateMeta(kv::Engine& engine) {
  std::string id = SystemRandom().Uuid();
  RETURN_IF_ERROR(engine.Apply(
      {{kv::Write::Kind::kPut, kv::Space::kMeta, std::string(format::kMetaVersion), StrCat(format::kVersion)},
       {kv::Write::Kind::kPut, kv::Space::kMeta, std::string(format::kMetaId), id}},
      true));
  return id;
}

absl::StatusOr<std::string> CheckMeta(kv::Engine& engine) {
  ASSIGN_OR_RETURN(const auto version, engine.Get(kv::Space::kMeta, format::kMetaVersion));
  if (!version) return CreateMeta(engine);
  RETURN_IF_ERROR(CheckVersion(engine, *version));
  ASSIGN_OR_RETURN(auto id, engine.Get(kv::Space::kMeta, format::kMetaId));
  if (!id) return absl::DataLossError("the store has lost its id");
  return *std::move(id);
}

absl::StatusOr<uint64_t> MetaNumber(kv::Engine& engine, std::string_view key, uint64_t otherwise) {
  ASSIGN_OR_RETURN(const auto bytes, engine.Get(kv::Space::kMeta, key));
  if (!bytes) return otherwise;
  return format::DecodeNumber(*bytes, key);
}

absl::Status ReadMarks(const kv::View& view, const Clock& clock, LogMarks* marks) {
  absl::Status damaged;
  const std::string end = ScopeEnd(format::kMetaMark);
  RETURN_IF_ERROR(
      view.Scan(kv::Space::kMeta, format::kMetaMark, end, [&](std::string_view key, std::string_view value) {
        const auto revision = format::DecodeNumber(key.substr(format::kMetaMark.size()), "mark");
        if (!revision.ok() || value.size() != 16) {
          damaged = absl::DataLossError("the store holds a damaged log mark");
          return false;
        }
        const absl::Time made = absl::FromUnixMillis(static_cast<int64_t>(format::BigEndian64(value.data())));
        marks->Restore({*revision}, format::BigEndian64(value.data() + 8), clock.Now() - made, clock.Monotonic());
        return true;
      }));
  return damaged;
}

// Where to start reading, so that the ring gets a few MiB and the bytes after the last mark are counted.
Revision TailStart(const LogMarks& marks, Revision oldest, size_t ring_bytes) {
  Revision start = oldest;
  const uint64_t total = marks.marks().empty() ? 0 : marks.marks().back().bytes;
  for (auto mark = marks.marks().rbegin(); mark != marks.marks().rend(); ++mark) {
    start = {mark->revision.value + 1};
    if (total - mark->bytes >= ring_bytes / 2) break;
  }
  return std::max(start, oldest);
}

absl::Status ReadTail(const kv::View& view, Revision start, Revision current, LogMarks* marks, Ring* ring) {
  const Revision last_mark = marks->marks().empty() ? Revision{} : marks->marks().back().revision;
  absl::Status damaged;
  uint64_t unmarked_bytes = 0;
  auto transaction = std::make_shared<EventGroup>();
  const auto flush = [&] {
    if (!transaction->events.empty()) ring->Append(std::exchange(transaction, std::make_shared<EventGroup>()));
  };
  RETURN_IF_ERROR(
      view.Scan(kv::Space::kLog, format::LogKey(start, 0), {}, [&](std::string_view key, std::string_view record) {
        absl::StatusOr<Event> event = format::DecodeEvent(key, record);
        if (!event.ok() || event->revision > current) {
          damaged = event.ok() ? absl::DataLossError("the log is newer than the store's revision") : event.status();
          return false;
        }
        if (event->revision > last_mark) unmarked_bytes += record.size();
        if (!transaction->events.empty() && transaction->last != event->revision) flush();
        transaction->last = event->revision;
        transaction->bytes += EventBytes(*event);
        transaction->events.push_back(std::make_shared<const Event>(*std::move(event)));
        return true;
      }));
  RETURN_IF_ERROR(damaged);
  flush();
  if (ring->last() < current) {  // the newest revision's events are trimmed: the ring is known to be empty up to there
    if (ring->events() == 0) ring->Reset(current);
  }
  marks->RestoreTail(unmarked_bytes);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Recovered> Recover(kv::Engine& engine, const StoreOptions& options, const Clock& clock) {
  ASSIGN_OR_RETURN(std::string id, CheckMeta(engine));
  ASSIGN_OR_RETURN(const uint64_t current, MetaNumber(engine, format::kMetaRevision, 0));
  ASSIGN_OR_RETURN(const uint64_t oldest, MetaNumber(engine, format::kMetaOldest, 1));
  const auto view = engine.NewView();
  LogMarks marks(options.log_bytes_max, options.log_age_max, clock.Monotonic());
  RETURN_IF_ERROR(ReadMarks(*view, clock, &marks));
  const size_t ring_bytes = std::min(kRingBytesAtStart, options.ring_bytes_max);
  const Revision start = TailStart(marks, {oldest}, ring_bytes);
  Ring ring({start.value - 1}, options.ring_bytes_max);
  RETURN_IF_ERROR(ReadTail(*view, start, {current}, &marks, &ring));
  if (ring.last().value < current) {
    return absl::DataLossError(
        StrCat("the log ends at revision ", ring.last().value, ", before the store's, ", current));
  }
  return Recovered{std::move(id), {current}, {oldest}, std::move(marks), std::move(ring)};
}

kv::Write MarkWrite(const LogMarks::Mark& mark, absl::Time wall) {
  std::string key(format::kMetaMark);
  format::AppendBigEndian64(&key, mark.revision.value);
  std::string value = format::EncodeNumber(static_cast<uint64_t>(absl::ToUnixMillis(wall)));
  format::AppendBigEndian64(&value, mark.bytes);
  return {kv::Write::Kind::kPut, kv::Space::kMeta, std::move(key), std::move(value)};
}

}  // namespace atoll::store
