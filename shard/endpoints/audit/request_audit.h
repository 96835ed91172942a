// RequestAudit: what one request leaves in the audit log. Lives in ApiHandler::Handle's frame beside the Call, and only
// in processes that audit; loop-owned. Whoever serves the request tells it what it learns; AuditWriter tells it of the
// answer.
//
//   received -> [Annotate] -> Begin (policy; RequestReceived) -> ... -> Answered (ResponseStarted) -> Complete
//
// Objects of more than kObjectBytesMax are left out, with the annotation audit.k8s.io/truncated.
#pragma once

#include <string>
#include <string_view>

#include "common/audit/auditor.h"
#include "common/json/value.h"
#include "common/loop/task.h"

namespace atoll::endpoints {

struct Call;

class RequestAudit {
 public:
  static constexpr size_t kObjectBytesMax = size_t{4} << 20;

  explicit RequestAudit(audit::Auditor& auditor) : auditor_(auditor) { event_.received = auditor.clock().Now(); }

  // For the log, in any stage from now on; what was said first stays. Nothing once the policy wants no event.
  void Annotate(std::string_view name, std::string_view value);

  // `call` has its cluster and its user. False: the event could not be stored, and must be before the request goes on.
  Task<bool> Begin(const Call& call, bool long_running);
  // Instead of Begin, for credentials that were refused; the answer is its only stage.
  void BeginUnauthenticated(const Call& call);
  void Impersonated(const auth::User& user, std::string_view constraint);

  // Whether there will be an event.
  bool on() const { return begun_ && verdict_.level != audit::Level::kNone; }
  bool wants_request() const { return on() && verdict_.level >= audit::Level::kRequest; }
  bool wants_response() const { return on() && verdict_.level >= audit::Level::kRequestResponse; }

  // The decoded body: completes the reference to the object (whose name it may be the first to know).
  void RequestObject(const json::Value& object);
  // A body that is no object of the resource: a patch, options.
  void RequestBody(const json::Value& body);
  // A piece of an answered object, as compact JSON.
  void ResponsePiece(std::string_view json);
  // An answer that is a Status.
  void ResponseStatus(const json::Value& status);

  // Of the writer: the answer has this code, and is about to leave.
  Task<void> Answered(int code);
  // The answer is complete, or will never be. Only the first call counts.
  Task<void> Complete();
  // The handler ended by an exception.
  Task<void> Panicked(std::string_view what);

 private:
  void Fill(const Call& call, const auth::User* user);
  Task<bool> Emit(audit::Stage stage);
  std::string Bounded(std::string json);

  audit::Auditor& auditor_;
  audit::Event event_;
  audit::Verdict verdict_;
  bool begun_ = false, long_running_ = false, unauthenticated_ = false, answered_ = false, complete_ = false;
  bool response_cut_ = false;
};

}  // namespace atoll::endpoints
