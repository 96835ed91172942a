#include "common/http/websocket/frame.h"

#include <algorithm>
#include <utility>

namespace atoll::http::websocket {
namespace {

constexpr uint8_t kFin = 0x80, kReserved = 0x70, kOpcode = 0x0f, kMasked = 0x80, kLength = 0x7f;
constexpr uint8_t kLength16 = 126, kLength64 = 127;

bool IsControl(Opcode opcode) { return static_cast<uint8_t>(opcode) >= 8; }

// Codes that a peer may send (section 7.4): the defined ones that are not for local use only, and the registered
// ranges.
bool MayBeSent(uint16_t code) {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1011 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

void AppendFrame(Opcode opcode, std::string_view payload, std::string* out) {
  out->push_back(static_cast<char>(kFin | static_cast<uint8_t>(opcode)));
  const uint64_t size = payload.size();
  const int bytes = size < kLength16 ? 0 : size <= 0xffff ? 2 : 8;
  out->push_back(static_cast<char>(bytes == 0 ? size : bytes == 2 ? kLength16 : kLength64));
  for (int i = bytes - 1; i >= 0; --i) out->push_back(static_cast<char>(size >> (8 * i)));
  out->append(payload);
}

void AppendClose(uint16_t code, std::string* out) {
  const char payload[2] = {static_cast<char>(code >> 8), static_cast<char>(code)};
  AppendFrame(Opcode::kClose, {payload, 2}, out);
}

std::optional<std::string> Receiver::TakePing() { return std::exchange(ping_, std::nullopt); }

size_t Receiver::HeadBytesNeeded() const {
  if (head_bytes_ < 2) return 2;
  const uint8_t length = head_[1] & kLength;
  return 2 + (length == kLength64 ? 8 : length == kLength16 ? 2 : 0) + ((head_[1] & kMasked) != 0 ? 4 : 0);
}

void Receiver::Feed(std::string_view bytes) {
  while (!closed()) {
    if (!in_payload_) {
      const size_t needed = HeadBytesNeeded();
      if (head_bytes_ < needed) {
        if (bytes.empty()) return;
        head_[head_bytes_++] = static_cast<uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        continue;
      }
      if (!BeginFrame()) return;
    }
    const size_t size = static_cast<size_t>(std::min<uint64_t>(payload_left_, bytes.size()));
    if (IsControl(opcode_)) {
      for (size_t i = 0; i < size; ++i) {
        control_.push_back(static_cast<char>(static_cast<uint8_t>(bytes[i]) ^ mask_[(payload_at_ + i) % 4]));
      }
    }
    payload_at_ += size;
    payload_left_ -= size;
    bytes.remove_prefix(size);
    if (payload_left_ > 0) return;
    EndFrame();
  }
}

bool Receiver::BeginFrame() {
  auto broken = [this](uint16_t code) {
    close_code_ = code;
    return false;
  };
  fin_ = (head_[0] & kFin) != 0;
  const uint8_t op = head_[0] & kOpcode;
  opcode_ = static_cast<Opcode>(op);
  // No extension was agreed on; clients mask (section 5.1).
  if ((head_[0] & kReserved) != 0 || (head_[1] & kMasked) == 0) return broken(kProtocolError);
  if ((op > 2 && op < 8) || op > 10) return broken(kProtocolError);
  const uint8_t length = head_[1] & kLength;
  const int length_bytes = length == kLength64 ? 8 : length == kLength16 ? 2 : 0;
  payload_left_ = length_bytes == 0 ? length : 0;
  for (int i = 0; i < length_bytes; ++i) payload_left_ = payload_left_ << 8 | head_[2 + i];
  // The shortest form, and no sign bit (section 5.2).
  if (length_bytes == 2 && payload_left_ < kLength16) return broken(kProtocolError);
  if (length_bytes == 8 && (payload_left_ <= 0xffff || payload_left_ >> 63 != 0)) return broken(kProtocolError);
  std::copy_n(head_.begin() + 2 + length_bytes, 4, mask_.begin());

  if (IsControl(opcode_)) {
    if (!fin_ || payload_left_ > kControlBytesMax) return broken(kProtocolError);
    control_.clear();
  } else {
    if ((opcode_ == Opcode::kContinuation) != in_message_) return broken(kProtocolError);
    if (!in_message_) message_bytes_ = 0;
    if (payload_left_ > message_bytes_max_ - message_bytes_) return broken(kTooBig);
    message_bytes_ += payload_left_;
    in_message_ = !fin_;
  }
  payload_at_ = 0;
  in_payload_ = true;
  return true;
}

void Receiver::EndFrame() {
  in_payload_ = false;
  head_bytes_ = 0;
  switch (opcode_) {
    case Opcode::kClose:
      if (control_.empty()) {
        close_code_ = kNormal;
      } else {
        const uint16_t code =
            control_.size() < 2
                ? 0
                : static_cast<uint16_t>(static_cast<uint8_t>(control_[0]) << 8 | static_cast<uint8_t>(control_[1]));
        close_code_ = MayBeSent(code) ? code : kProtocolError;
      }
      break;
    case Opcode::kPing:
      ping_ = std::move(control_);
      control_.clear();
      break;
    case Opcode::kPong:
      break;
    default:
      if (fin_) ++messages_;
  }
}

}  // namespace atoll::http::websocket
