// AuditWriter: between the endpoints and the transport, so that every answer, whoever gives it, is in the audit log
// before it is complete at the client. Lives in ApiHandler::Handle's frame; loop-owned.
#pragma once

#include <string>

#include "common/http/server.h"
#include "shard/endpoints/audit/request_audit.h"

namespace atoll::endpoints {

class AuditWriter final : public http::ResponseWriter {
 public:
  AuditWriter(http::ResponseWriter& out, RequestAudit& audit) : out_(out), audit_(audit) {}

  Task<absl::Status> Start(int status, http::Headers headers) override;
  Task<absl::Status> Write(std::string_view bytes, bool flush) override { return out_.Write(bytes, flush); }
  Task<absl::Status> End() override;
  Task<absl::Status> Send(int status, http::Headers headers, std::string body) override;
  Task<absl::Status> Upgrade(http::Request& request, http::Headers headers) override;
  void CloseConnectionAfter() override { out_.CloseConnectionAfter(); }
  void Abort() override { out_.Abort(); }
  bool started() const override { return out_.started(); }
  Cancellation& cancellation() override { return out_.cancellation(); }

 private:
  http::ResponseWriter& out_;
  RequestAudit& audit_;
};

}  // namespace atoll::endpoints
