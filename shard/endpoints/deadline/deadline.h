// Deadlines: a request that is not long-running is answered within the request time-out, or with 504
// (spec/api-machinery.md 12.2). One Deadlines a loop; a DeadlineWriter a request, between the endpoints and the
// transport.
//
// Without `?timeout=` all requests of a process have the same time, so they expire in the order they came: one list,
// one timer that is armed while the list holds something, and no timer a request.
//
// At its deadline a request that has not begun its answer is told 504 in its handler's place; an answer under way is
// broken off, since nobody could tell that it is incomplete. Either way what the handler still writes fails with
// Cancelled, its cancellation is called, and it may take its time to end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/http/server.h"
#include "common/loop/loop.h"
#include "common/loop/sync.h"

namespace atoll::endpoints {

class Deadlines;

class DeadlineWriter final : public http::ResponseWriter {
 public:
  explicit DeadlineWriter(http::ResponseWriter& out) : out_(out) {}
  ~DeadlineWriter() override;
  DeadlineWriter(const DeadlineWriter&) = delete;
  DeadlineWriter& operator=(const DeadlineWriter&) = delete;

  Task<absl::Status> Start(int status, http::Headers headers) override;
  Task<absl::Status> Write(std::string_view bytes, bool flush) override;
  Task<absl::Status> End() override;
  Task<absl::Status> Send(int status, http::Headers headers, std::string body) override;
  Task<absl::Status> Upgrade(http::Request& request, http::Headers headers) override;
  void CloseConnectionAfter() override { out_.CloseConnectionAfter(); }
  void Abort() override { out_.Abort(); }
  bool started() const override { return out_.started(); }
  Cancellation& cancellation() override { return out_.cancellation(); }

  bool expired() const { return expired_; }
  // Until the client has been told of the expiry. Whoever owns the writer waits for it before it goes.
  Task<void> Told();

 private:
  friend class Deadlines;
  void Expire();
  Task<void> Tell();

  http::ResponseWriter& out_;
  bool expired_ = false;
  bool telling_ = false;
  WakeUp told_;
  // While it is watched.
  Deadlines* deadlines_ = nullptr;
  const std::string* audit_id_ = nullptr;
  absl::Duration due_;
  Loop::TimerId timer_ = 0;  // of a request with a time of its own; else it is in the list
  DeadlineWriter* next_ = nullptr;
  DeadlineWriter* previous_ = nullptr;
};

// Loop-owned, held by a shared_ptr; outlives its writers.
class Deadlines : public std::enable_shared_from_this<Deadlines> {
 public:
  Deadlines(Loop& loop, absl::Duration usual) : loop_(loop), usual_(usual) {}

  // `own` shorter than the usual time counts, anything else does not (0 and less are no wish). `audit_id` outlives the
  // writer. Call once a writer.
  void Watch(DeadlineWriter& writer, const std::string& audit_id, absl::Duration own);

 private:
  friend class DeadlineWriter;
  void Forget(DeadlineWriter& writer);
  void Arm(absl::Duration delay);
  void OnTimer();

  Loop& loop_;
  const absl::Duration usual_;
  DeadlineWriter* first_ = nullptr;
  DeadlineWriter* last_ = nullptr;
  bool armed_ = false;
};

}  // namespace atoll::endpoints
