// Session: an accepted WebSocket whose peer only listens. What the handler sends are messages; what the peer sends is
// read in the background, checked and dropped, and turns into replies that the handler appends to what it writes next:
// pongs, a ping when the peer has been silent, the closing frame. So one coroutine writes, as ResponseWriter wants it.
//
// Loop-owned. Bound: a piece of input at a time and one ping's payload. A peer that answers no ping is over.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/http/server.h"
#include "common/http/websocket/frame.h"
#include "common/loop/loop.h"

namespace atoll::http::websocket {

class Session {
 public:
  static constexpr size_t kMessageBytesMax = 64 * 1024;
  static constexpr absl::Duration kPingAfter = absl::Seconds(30);  // of silence; twice that and the peer is gone

  // The connection is upgraded: takes request.body. `on_change` is called when over() or Replies() has something new.
  Session(Loop& loop, Request& request, std::function<void()> on_change);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The peer closed, left, or broke the rules: send Farewell() and End.
  bool over() const;
  // Appends what is due beside messages.
  void AppendReplies(absl::Duration now, std::string* out);
  // When it next wants AppendReplies without being told.
  absl::Duration Wait(absl::Duration now) const;
  // The closing frame: the peer's own code if it closed, else `code`. Nothing when the peer is gone.
  void AppendFarewell(uint16_t code, std::string* out) const;

 private:
  struct State;
  static Task<void> Read(std::shared_ptr<State> state);
  const std::shared_ptr<State> state_;
};

}  // namespace atoll::http::websocket
