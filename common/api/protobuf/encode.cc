#include "absl/time/time.h"
#include "common/api/object.h"
#include "common/api/protobuf/codec.h"
#include "common/api/protobuf/wire.h"
#include "common/base/encoding.h"
#include "common/json/write.h"

namespace atoll::api::protobuf {
namespace {

void AppendTime(uint32_t number, std::string_view text, bool micros, std::string* out) {
  auto time = api::ParseTime(text);
  if (!time) return;
  LengthDelimited timestamp(number, out);
  const int64_t seconds = absl::ToUnixSeconds(*time);
  AppendVarintField(1, static_cast<uint64_t>(seconds), out);
  const int64_t nanos = micros ? absl::ToInt64Nanoseconds(*time - absl::FromUnixSeconds(seconds)) : 0;
  AppendVarintField(2, static_cast<uint64_t>(nanos), out);
}

void AppendIntOrString(uint32_t number, const json::Value& value, std::string* out) {
  LengthDelimited message(number, out);
  AppendVarintField(1, value.is_string() ? 1 : 0, out);
  AppendVarintField(2, value.is_int() ? static_cast<uint64_t>(value.int_value()) : 0, out);
  AppendBytesField(3, value.StringOr(), out);
}

// One value: an element, a map's value, or the whole field.
void AppendValue(const Field& field, uint32_t number, const json::Value& value, std::string* out) {
  switch (field.type) {
    case Type::kString:
      if (value.is_string()) AppendBytesField(number, value.string(), out);
      return;
    case Type::kBytes:
      if (auto bytes = Base64Decode(value.StringOr()); value.is_string() && bytes)
        AppendBytesField(number, *bytes, out);
      return;
    case Type::kInt32:
    case Type::kInt64:
      if (value.is_int()) AppendVarintField(number, static_cast<uint64_t>(value.int_value()), out);
      return;
    case Type::kBool:
      if (value.is_bool()) AppendVarintField(number, value.bool_value() ? 1 : 0, out);
      return;
    case Type::kMessage:
    case Type::kInline: {
      if (!value.is_object()) return;
      LengthDelimited message(number, out);
      AppendMessage(*field.message, value, out);
      return;
    }
    case Type::kTime:
    case Type::kMicroTime:
      AppendTime(number, value.StringOr(), field.type == Type::kMicroTime, out);
      return;
    case Type::kQuantity: {
      if (!value.is_string() && !value.is_number()) return;
      LengthDelimited quantity(number, out);
      AppendBytesField(1, value.is_string() ? value.string() : json::Write(value), out);
      return;
    }
    case Type::kIntOrString:
      if (value.is_string() || value.is_int()) AppendIntOrString(number, value, out);
      return;
    case Type::kRawJson: {
      LengthDelimited raw(number, out);
      AppendBytesField(1, json::Write(value), out);
      return;
    }
    case Type::kStrings: {
      if (!value.is_array()) return;
      LengthDelimited strings(number, out);
      for (const json::Value& element : value.array()) {
        if (element.is_string()) AppendBytesField(1, element.string(), out);
      }
      return;
    }
  }
}

void AppendField(const Field& field, const json::Value& value, std::string* out) {
  switch (field.shape) {
    case Shape::kSingle:
    case Shape::kOmitEmpty:
      AppendValue(field, field.number, value, out);
      return;
    case Shape::kRepeated:
      if (!value.is_array()) return;
      for (const json::Value& element : value.array()) AppendValue(field, field.number, element, out);
      return;
    case Shape::kMap:
      if (!value.is_object()) return;
      for (const auto& [key, v] : value.object()) {
        LengthDelimited entry(field.number, out);
        AppendBytesField(1, key, out);
        AppendValue(field, 2, v, out);
      }
      return;
  }
}

}  // namespace

void AppendMessage(const Message& message, const json::Value& value, std::string* out) {
  for (const Field& field : message.fields) {
    if (field.type == Type::kInline) {
      AppendValue(field, field.number, value, out);
    } else if (const json::Value* member = value.Find(field.name); member != nullptr && !member->is_null()) {
      AppendField(field, *member, out);
    }
  }
}

}  // namespace atoll::api::protobuf
