#include "shard/endpoints/audit/audit_writer.h"

#include <utility>

namespace atoll::endpoints {

Task<absl::Status> AuditWriter::Start(int status, http::Headers headers) {
  co_await audit_.Answered(status);
  absl::Status started = co_await out_.Start(status, std::move(headers));
  co_return started;
}

Task<absl::Status> AuditWriter::Send(int status, http::Headers headers, std::string body) {
  co_await audit_.Answered(status);
  co_await audit_.Complete();
  absl::Status sent = co_await out_.Send(status, std::move(headers), std::move(body));
  co_return sent;
}

Task<absl::Status> AuditWriter::End() {
  co_await audit_.Complete();
  absl::Status ended = co_await out_.End();
  co_return ended;
}

Task<absl::Status> AuditWriter::Upgrade(http::Request& request, http::Headers headers) {
  co_await audit_.Answered(101);
  absl::Status upgraded = co_await out_.Upgrade(request, std::move(headers));
  co_return upgraded;
}

}  // namespace atoll::endpoints
