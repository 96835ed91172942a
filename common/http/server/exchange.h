// Exchange: one request and its answer on the server, whichever protocol carries them. It is the handler's
// ResponseWriter, and the connection's view of the handler.
//
// Shared by the connection, while the stream is open, and by the handler's task, while it runs: so a handler may
// outlive its stream, and a stream its handler. Loop-owned. Bound: ServerOptions::send_buffer_bytes in the queue; above
// it Write waits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/http/codec/send_queue.h"
#include "common/http/server.h"
#include "common/http/transfer/body_pipe.h"

namespace atoll::http {

class Exchange : public ResponseWriter, public BodyPipe::Owner, public std::enable_shared_from_this<Exchange> {
 public:
  // Runs the handler and makes sure that there is an answer: 500 when it gave none, an aborted stream when it gave half
  // of one.
  static Task<void> Serve(std::shared_ptr<Exchange> self, const Handler& handler);

  Request request;  // until Serve() hands it on

  Task<absl::Status> Start(int status, Headers headers) final;
  Task<absl::Status> Write(std::string_view bytes, bool flush) final;
  Task<absl::Status> End() final;
  Task<absl::Status> Send(int status, Headers headers, std::string body) final;
  Task<absl::Status> Upgrade(Request& request, Headers headers) final;
  void CloseConnectionAfter() final;
  void Abort() final;
  bool started() const final { return started_; }
  Cancellation& cancellation() final;

  // From the connection: nobody will read the answer.
  void Gone(absl::Status why);
  // From the connection: the answer is complete, the exchange is no longer the connection's. The handler may go on,
  // uncancelled.
  void Release();
  // From the connection: bytes left the queue.
  void Taken();
  bool gone() const { return gone_; }
  bool handler_done() const { return handler_done_; }

 protected:
  Exchange(SendQueue& queue, size_t queue_bytes_max) : queue_(queue), queue_bytes_max_(queue_bytes_max) {}

  // To the connection. Not called once gone().
  virtual void SubmitHead(int status, const Headers& headers, bool with_body) = 0;
  virtual void SubmitUpgrade(Request& request, const Headers& headers) = 0;
  virtual void SubmitEnd() = 0;  // the queue has its last bytes
  virtual void Resume() = 0;     // the queue has bytes to send now
  virtual void AbortAnswer() = 0;
  virtual void AskToClose() = 0;
  virtual void HandlerDone() = 0;

  // Makes request.body: the pipe's reader, or the empty body.
  void OpenBody(bool has_body);

  std::shared_ptr<BodyPipe> pipe_;  // null: a request without a body
  bool head_request_ = false;
  bool asks_upgrade_ = false;

 private:
  absl::Status CheckCanStart(int status, const Headers& headers);
  void Finish();

  SendQueue& queue_;
  const size_t queue_bytes_max_;
  bool started_ = false, ended_ = false, gone_ = false, handler_done_ = false;
  bool drops_body_ = false;  // HEAD, 204, 304
  bool waiting_for_room_ = false;
  std::optional<uint64_t> length_left_;  // of the declared content-length
  WakeUp room_;
  std::optional<Cancellation> cancellation_;  // made on demand: few handlers ask
};

}  // namespace atoll::http
