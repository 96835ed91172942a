#include "common/http/websocket/session.h"

#include <algorithm>
#include <utility>

namespace atoll::http::websocket {

// Shared with the task that reads, which ends a moment after the session.
struct Session::State {
  Loop& loop;
  std::unique_ptr<Body> body;
  std::function<void()> on_change;
  Receiver receiver{kMessageBytesMax};
  absl::Duration heard;
  bool pinged = false;  // since it was heard
  bool gone = false;    // nobody is there to be told anything
};

Session::Session(Loop& loop, Request& request, std::function<void()> on_change)
    : state_(std::make_shared<State>(loop, std::move(request.body), std::move(on_change))) {
  state_->heard = loop.clock().Monotonic();
  loop.Spawn(Read(state_));
}

Session::~Session() {
  state_->on_change = nullptr;
  state_->body->Cancel();
}

Task<void> Session::Read(std::shared_ptr<State> state) {
  while (!state->receiver.closed() && state->on_change) {
    auto piece = co_await state->body->Next();
    if (!piece.ok() || piece->empty()) {
      state->gone = true;
    } else {
      state->heard = state->loop.clock().Monotonic();
      state->pinged = false;
      state->receiver.Feed(*piece);
    }
    const bool news = state->gone || state->receiver.closed() || state->receiver.ping_waits();
    if (news && state->on_change) state->on_change();
    if (state->gone) co_return;
  }
}

bool Session::over() const { return state_->gone || state_->receiver.closed(); }

void Session::AppendReplies(absl::Duration now, std::string* out) {
  if (auto ping = state_->receiver.TakePing()) AppendFrame(Opcode::kPong, *ping, out);
  if (now - state_->heard >= 2 * kPingAfter) {
    state_->gone = true;
  } else if (now - state_->heard >= kPingAfter && !std::exchange(state_->pinged, true)) {
    AppendFrame(Opcode::kPing, {}, out);
  }
}

absl::Duration Session::Wait(absl::Duration now) const {
  if (state_->receiver.ping_waits() || over()) return absl::ZeroDuration();
  return std::max(absl::ZeroDuration(), state_->heard + (state_->pinged ? 2 : 1) * kPingAfter - now);
}

void Session::AppendFarewell(uint16_t code, std::string* out) const {
  if (state_->gone) return;
  AppendClose(state_->receiver.closed() ? state_->receiver.close_code() : code, out);
}

}  // namespace atoll::http::websocket
