// Protobuf's wire format: tags, varints and length-delimited bytes, read with every length checked, and written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace atoll::api::protobuf {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kStartGroup = 3, kEndGroup = 4, kFixed32 = 5 };

struct Tag {
  uint32_t number = 0;
  WireType type = WireType::kVarint;
};

// Reads from bytes that outlive it. Errors, after which nothing more may be read: InvalidArgument (truncated, overlong
// varint, number 0, groups, which no Kubernetes message has).
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool done() const { return rest_.empty(); }
  absl::Status ReadTag(Tag* tag);
  absl::Status ReadVarint(uint64_t* value);
  absl::Status ReadBytes(std::string_view* bytes);
  // Passes over the value of a field that is not known.
  absl::Status Skip(WireType type);

 private:
  std::string_view rest_;
};

void AppendVarint(uint64_t value, std::string* out);
void AppendTag(uint32_t number, WireType type, std::string* out);
void AppendVarintField(uint32_t number, uint64_t value, std::string* out);
void AppendBytesField(uint32_t number, std::string_view bytes, std::string* out);

// Writes a length-delimited field whose length is known only afterwards: what is appended to `out` during its life is
// the field's value. Costs a move of those bytes by the width of their length.
class LengthDelimited {
 public:
  LengthDelimited(uint32_t number, std::string* out);
  ~LengthDelimited();
  LengthDelimited(const LengthDelimited&) = delete;
  LengthDelimited& operator=(const LengthDelimited&) = delete;

 private:
  std::string* out_;
  size_t start_;
};

}  // namespace atoll::api::protobuf
