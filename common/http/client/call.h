// Call: one request of the client and its answer, from Do() to the end of the answer's body, whichever protocol carries
// it.
//
// Shared by Do(), the connection while the stream is open, and the answer's body. Loop-owned. Bound: kQueueBytesMax of
// request body in the queue; the copier waits above it.
#pragma once

#include <memory>
#include <string>

#include "common/http/client.h"
#include "common/http/codec/h2_session.h"
#include "common/http/transfer/body_pipe.h"

namespace atoll::http {

class ClientConnection;

class Call final : public h2::Stream, public BodyPipe::Owner, public std::enable_shared_from_this<Call> {
 public:
  static constexpr size_t kQueueBytesMax = 64 * 1024;

  explicit Call(ClientRequest r) : request(std::move(r)) {}

  ClientRequest request;
  std::string authority;
  ClientConnection* connection = nullptr;  // while the stream is open
  Body* copied = nullptr;                  // the request's body while it is being copied

  int status = 0;
  Headers headers;                 // of the answer
  std::shared_ptr<BodyPipe> pipe;  // of the answer, from its head on
  bool answered = false;           // the head is complete
  bool sent = false;               // a byte of the request left; before that it is safe to repeat
  absl::Status error;              // why there will be no answer
  WakeUp wake;                     // answered, failed, or (while waiting for a connection) one has room
  WakeUp room;                     // the queue has room, or nobody wants it any more

  // Ends the call with an error: Do() or the body's reader gets it.
  void Fail(absl::Status why);
  // The head is complete.
  void Answer();
  // The stream is over: stops what still feeds it.
  void Release();

  void OnBodyWanted() override {}
  void OnBodyTaken(size_t bytes) override;
  void OnBodyDropped() override;
};

}  // namespace atoll::http
