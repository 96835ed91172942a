// One HTTP/2 connection's protocol machine (RFC 9113), either role, on nghttp2. Pure: bytes in, calls of the Sink out,
// bytes out of Fill(); no sockets, time passed in.
//
// Flow control is manual: a window opens again only by Consume(), so a body nobody reads is a body nobody sends.
// Outgoing body bytes stay in Stream::queue until Fill() takes them straight into the connection's buffer, one copy.
//
// The Sink is called from inside Receive() and Fill(). It may submit, reset and consume there, not call Receive or
// Fill. A Stream is the caller's; the session forgets it with OnClosed, the last call about it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/codec/flood_guard.h"
#include "common/http/codec/send_queue.h"
#include "common/http/message.h"

struct nghttp2_session;

namespace atoll::http::h2 {

enum class Role { kServer, kClient };

// RFC 9113 section 7; those we use.
enum ErrorCode : uint32_t {
  kNoError = 0,
  kProtocolError = 1,
  kInternalError = 2,
  kRefusedStream = 7,
  kCancel = 8,
  kEnhanceYourCalm = 11,
};

struct Options {
  Role role = Role::kServer;
  uint32_t streams_max = 250;  // the peer may open (server)
  uint32_t stream_window_bytes = 256 * 1024;
  uint32_t connection_window_bytes = 1024 * 1024;
  size_t header_bytes_max = 1 << 20;
};

class Stream {
 public:
  int32_t id = 0;
  SendQueue queue;
  bool queue_ended = false;  // nothing will be appended any more

  // The session's own notes.
  bool head_sent = false;      // the HEADERS frame left in Fill()
  bool end_sent = false;       // as did END_STREAM
  bool end_received = false;   // the peer is done
  bool deferred = false;       // waits for Resume()
  bool head_received = false;  // what follows are trailers
  bool closed = false;

 protected:
  ~Stream() = default;
};

class Sink {
 public:
  // A request begins (server). Null refuses it.
  virtual Stream* OnOpen(int32_t id) = 0;
  // One field, pseudo fields included; lower case, validated by nghttp2.
  virtual void OnField(Stream& stream, std::string_view name, std::string_view value) = 0;
  virtual void OnHead(Stream& stream) = 0;
  virtual void OnData(Stream& stream, std::string_view bytes) = 0;
  virtual void OnEnd(Stream& stream) = 0;
  // Fill() took bytes from the stream's queue.
  virtual void OnTaken(Stream& stream) = 0;
  // The stream's last byte left.
  virtual void OnEndSent(Stream& stream) = 0;
  virtual void OnClosed(Stream& stream, uint32_t error_code) = 0;
  virtual void OnPingAck() = 0;
  virtual void OnGoaway(uint32_t error_code) = 0;
  // The peer's settings took effect.
  virtual void OnSettings() {}

 protected:
  ~Sink() = default;
};

class Session {
 public:
  Session(const Options& options, Sink& sink);
  ~Session();

  // Errors: InvalidArgument (not HTTP/2), ResourceExhausted (flooded). After one, Fill() yields the farewell and
  // Finished() follows.
  absl::Status Receive(std::string_view bytes, absl::Duration now);
  // Appends frames to `out` until it holds about `bytes_max` or there are no more.
  void Fill(std::string* out, size_t bytes_max);
  bool WantsWrite() const;
  // Neither side has anything left to say.
  bool Finished() const;

  // Server. `with_body`: the stream's queue follows.
  void SubmitResponse(Stream& stream, int status, const Headers& headers, bool with_body);
  void SubmitContinue(Stream& stream);
  // Client. Sets stream.id. `protocol` makes it an extended CONNECT (RFC 8441). Unavailable when the connection takes
  // no more streams.
  absl::Status SubmitRequest(Stream& stream, std::string_view method, std::string_view target,
                             std::string_view authority, const Headers& headers, bool with_body,
                             std::string_view protocol = {});
  // Streams the peer takes at once; 1 until its settings have told, since what is beyond them would be refused.
  uint32_t peer_streams_max() const;
  bool AcceptsRequests() const;  // client: no GOAWAY seen or sent, ids left

  // The queue has bytes again, or ended.
  void Resume(Stream& stream);
  void Reset(Stream& stream, uint32_t error_code);
  // Opens the windows again by what was read from the stream; right for a closed stream too.
  void Consume(int32_t stream_id, size_t bytes);
  void ConsumeStream(int32_t stream_id, size_t bytes);
  void ConsumeConnection(size_t bytes);

  void Ping();
  // First step of a graceful end: no new streams please, those under way are still taken (RFC 9113 section 6.8).
  void ShutdownNotice();
  // Second step: what has arrived is answered, nothing else.
  void Goaway();
  // Ends the connection at once, after the farewell.
  void Terminate(uint32_t error_code);
  // A header block has begun and not ended.
  bool in_head() const { return in_head_; }

 private:
  struct Callbacks;
  friend struct Callbacks;

  const Options options_;
  Sink& sink_;
  nghttp2_session* session_ = nullptr;
  FloodGuard guard_;
  absl::Duration now_;
  bool flooded_ = false;
  bool in_head_ = false;
  bool going_away_ = false;
  bool peer_settings_known_ = false;
  bool dead_ = false;  // nghttp2 gave up; nothing more may be sent
  std::string* out_ = nullptr;
  size_t out_max_ = 0;
};

}  // namespace atoll::http::h2
