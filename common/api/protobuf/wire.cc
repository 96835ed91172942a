#include "common/api/protobuf/wire.h"

#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::api::protobuf {
namespace {

absl::Status Truncated() { return absl::InvalidArgumentError("unexpected EOF"); }

}  // namespace

absl::Status Reader::ReadVarint(uint64_t* value) {
  uint64_t v = 0;
  for (size_t i = 0; i < 10; ++i) {
    if (i == rest_.size()) return Truncated();
    const uint64_t byte = static_cast<unsigned char>(rest_[i]);
    v |= (byte & 0x7f) << (7 * i);  // what a tenth byte has beyond 64 bits is dropped
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      *value = v;
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError("proto: integer overflow");
}

absl::Status Reader::ReadTag(Tag* tag) {
  uint64_t v = 0;
  RETURN_IF_ERROR(ReadVarint(&v));
  const uint64_t number = v >> 3;
  if (number == 0 || number >= (1u << 29)) return absl::InvalidArgumentError(Cat("proto: illegal tag ", number));
  tag->number = static_cast<uint32_t>(number);
  tag->type = static_cast<WireType>(v & 7);
  return absl::OkStatus();
}

absl::Status Reader::ReadBytes(std::string_view* bytes) {
  uint64_t length = 0;
  RETURN_IF_ERROR(ReadVarint(&length));
  if (length > rest_.size()) return Truncated();
  *bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return absl::OkStatus();
}

absl::Status Reader::Skip(WireType type) {
  uint64_t ignored = 0;
  std::string_view bytes;
  size_t width = 0;
  switch (type) {
    case WireType::kVarint:
      return ReadVarint(&ignored);
    case WireType::kBytes:
      return ReadBytes(&bytes);
    case WireType::kFixed64:
      width = 8;
      break;
    case WireType::kFixed32:
      width = 4;
      break;
    default:
      return absl::InvalidArgumentError(Cat("proto: illegal wireType ", static_cast<int>(type)));
  }
  if (rest_.size() < width) return Truncated();
  rest_.remove_prefix(width);
  return absl::OkStatus();
}

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void AppendTag(uint32_t number, WireType type, std::string* out) {
  AppendVarint((uint64_t{number} << 3) | static_cast<uint64_t>(type), out);
}

void AppendVarintField(uint32_t number, uint64_t value, std::string* out) {
  AppendTag(number, WireType::kVarint, out);
  AppendVarint(value, out);
}

void AppendBytesField(uint32_t number, std::string_view bytes, std::string* out) {
  AppendTag(number, WireType::kBytes, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

LengthDelimited::LengthDelimited(uint32_t number, std::string* out) : out_(out) {
  AppendTag(number, WireType::kBytes, out);
  start_ = out->size();
}

LengthDelimited::~LengthDelimited() {
  std::string length;
  AppendVarint(out_->size() - start_, &length);
  out_->insert(start_, length);
}

}  // namespace atoll::api::protobuf
