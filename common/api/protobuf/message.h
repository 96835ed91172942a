// What a Kubernetes protobuf message is to this server: rows of (number, JSON name, type), between which and
// json::Value one decoder and one encoder translate. Rows are constant data without pointers to set up, so they cost
// nothing at start and may be shared by all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace atoll::api::protobuf {

struct Message;

enum class Type : uint8_t {
  kString,
  kBytes,  // base64 in JSON
  kInt32,
  kInt64,
  kBool,
  kMessage,
  kInline,       // a message whose members stand among those of its parent in JSON
  kTime,         // {1: seconds, 2: nanos} <-> RFC 3339, whole seconds
  kMicroTime,    // the same with six digits
  kQuantity,     // {1: text} <-> a string
  kIntOrString,  // {1: 0 number, 1 string; 2: number; 3: string}
  kRawJson,      // {1: JSON text} <-> any value: FieldsV1, RawExtension
  kStrings,      // {1: repeated string} <-> an array, where a map or a list cannot hold a list itself
};

enum class Shape : uint8_t {
  kSingle,     // read as it stands: encoders that mean "unset" leave it out
  kOmitEmpty,  // encoders always write it; an empty value (zero, "", false) means "unset" and has no member in JSON
  kRepeated,
  kMap,  // by string; the type is the value's
};

struct Field {
  uint32_t number;
  const char* name;  // of the member; "" for kInline
  Type type;
  Shape shape;
  const Message* message = nullptr;  // kMessage, kInline
};

inline constexpr size_t kFieldsMax = 32;

// INVARIANTS: at most kFieldsMax fields, sorted by number; messages do not contain themselves, so the depth of a value
// is bounded by its table; what a kInline field names has no maps.
struct Message {
  const char* name;  // for error texts
  std::span<const Field> fields;
};

// Rows name their types and shapes without qualification.
namespace tables {
using enum Type;
using enum Shape;
}  // namespace tables

}  // namespace atoll::api::protobuf
