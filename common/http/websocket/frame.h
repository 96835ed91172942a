// WebSocket frames (RFC 6455 section 5), the server's side. Pure: bytes in, what is to be answered out.
//
// A Receiver is for a peer that has nothing to say, as a watcher: its messages are checked for their form and dropped
// as they arrive, so they cost no memory, whatever their length says. Their contents are not looked at, UTF-8 included.
//
// Bounds: a control frame's payload of 125 bytes is all that is kept; of pings only the newest waits for its answer
// (section 5.5.3 allows that); a message of more than `message_bytes_max` ends the connection with 1009.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atoll::http::websocket {

enum class Opcode : uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

// Section 7.4.1; those that we send.
enum CloseCode : uint16_t { kNormal = 1000, kGoingAway = 1001, kProtocolError = 1002, kTooBig = 1009 };

// A whole message, or a control frame of at most 125 bytes. Servers do not mask.
void AppendFrame(Opcode opcode, std::string_view payload, std::string* out);
void AppendClose(uint16_t code, std::string* out);

class Receiver {
 public:
  explicit Receiver(size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // Takes any piece of the stream. Once closed() nothing is looked at any more.
  void Feed(std::string_view bytes);

  // The peer closed, or broke the rules. `close_code` is what to answer: the peer's own code, or ours for what it did.
  bool closed() const { return close_code_ != 0; }
  uint16_t close_code() const { return close_code_; }
  // The payload of the newest ping that has not been taken.
  std::optional<std::string> TakePing();
  bool ping_waits() const { return ping_.has_value(); }
  uint64_t messages() const { return messages_; }

 private:
  static constexpr size_t kHeadBytesMax = 14;
  static constexpr size_t kControlBytesMax = 125;

  // The head is complete in head_. False when it breaks a rule.
  bool BeginFrame();
  void EndFrame();
  size_t HeadBytesNeeded() const;

  const size_t message_bytes_max_;
  std::array<uint8_t, kHeadBytesMax> head_{};
  size_t head_bytes_ = 0;
  bool in_payload_ = false;
  uint64_t payload_left_ = 0;
  uint64_t payload_at_ = 0;  // bytes of this frame's payload so far, for the mask
  Opcode opcode_ = Opcode::kContinuation;
  bool fin_ = false;
  std::array<uint8_t, 4> mask_{};
  std::string control_;  // unmasked payload of a control frame

  bool in_message_ = false;  // fragments are missing
  uint64_t message_bytes_ = 0;
  uint64_t messages_ = 0;
  std::optional<std::string> ping_;
  uint16_t close_code_ = 0;
};

}  // namespace atoll::http::websocket
