// Hot path: Watch and Forget run for every request.
#include "shard/endpoints/deadline/deadline.h"

#include <utility>

namespace atoll::endpoints {
namespace {

// As the reference writes it: a Status without its kind, as text.
constexpr std::string_view kTimeoutBody =
    R"({"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout",)"
    R"("reason":"Timeout","details":{},"code":504})"
    "\n";

Task<absl::Status> Expired() { co_return absl::CancelledError("the request's time is over"); }

}  // namespace

DeadlineWriter::~DeadlineWriter() {
  if (deadlines_ != nullptr) deadlines_->Forget(*this);
}

// Not coroutines themselves: a request pays for no further frame.
Task<absl::Status> DeadlineWriter::Start(int status, http::Headers headers) {
  return expired_ ? Expired() : out_.Start(status, std::move(headers));
}
Task<absl::Status> DeadlineWriter::Write(std::string_view bytes, bool flush) {
  return expired_ ? Expired() : out_.Write(bytes, flush);
}
Task<absl::Status> DeadlineWriter::End() { return expired_ ? Expired() : out_.End(); }
Task<absl::Status> DeadlineWriter::Send(int status, http::Headers headers, std::string body) {
  return expired_ ? Expired() : out_.Send(status, std::move(headers), std::move(body));
}
Task<absl::Status> DeadlineWriter::Upgrade(http::Request& request, http::Headers headers) {
  return expired_ ? Expired() : out_.Upgrade(request, std::move(headers));
}

void DeadlineWriter::Expire() {
  expired_ = true;
  if (out_.started()) return out_.Abort();
  telling_ = true;
  Loop::Current()->Spawn(Tell());
}

Task<void> DeadlineWriter::Tell() {
  http::Headers headers;
  headers.Add("audit-id", *audit_id_);
  headers.Add("cache-control", "no-cache, private");
  headers.Add("content-type", "text/plain; charset=utf-8");
  (void)co_await out_.Send(504, std::move(headers), std::string(kTimeoutBody));
  out_.cancellation().Cancel();
  telling_ = false;
  told_.Set();
}

Task<void> DeadlineWriter::Told() {
  while (telling_) co_await told_.Wait();
}

void Deadlines::Watch(DeadlineWriter& writer, const std::string& audit_id, absl::Duration own) {
  writer.deadlines_ = this;
  writer.audit_id_ = &audit_id;
  if (own > absl::ZeroDuration() && own < usual_) {
    writer.timer_ = loop_.After(own, [&writer] {
      writer.timer_ = 0;
      writer.Expire();
    });
    return;
  }
  writer.due_ = loop_.clock().Monotonic() + usual_;
  writer.previous_ = last_;
  (last_ == nullptr ? first_ : last_->next_) = &writer;
  last_ = &writer;
  if (!armed_) Arm(usual_);
}

void Deadlines::Forget(DeadlineWriter& writer) {
  writer.deadlines_ = nullptr;
  if (writer.timer_ != 0) {
    loop_.Cancel(writer.timer_);
    return;
  }
  if (first_ != &writer && writer.previous_ == nullptr) return;  // it is in no list
  (writer.previous_ == nullptr ? first_ : writer.previous_->next_) = writer.next_;
  (writer.next_ == nullptr ? last_ : writer.next_->previous_) = writer.previous_;
  writer.next_ = writer.previous_ = nullptr;
}

void Deadlines::Arm(absl::Duration delay) {
  armed_ = true;
  loop_.After(delay, [self = shared_from_this()] { self->OnTimer(); });
}

void Deadlines::OnTimer() {
  armed_ = false;
  const absl::Duration now = loop_.clock().Monotonic();
  while (first_ != nullptr && first_->due_ <= now) {
    DeadlineWriter& writer = *first_;
    Forget(writer);
    writer.Expire();
  }
  if (first_ != nullptr) Arm(first_->due_ - now);
}

}  // namespace atoll::endpoints
