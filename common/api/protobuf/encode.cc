// JSON text to protobuf. An object is not parsed into values first: a list of thousands of objects is read as text that
// lies in the store, and most of it is copied.
#include <array>
#include <charconv>
#include <optional>

#include "absl/time/time.h"
#include "common/api/object.h"
#include "common/api/protobuf/codec.h"
#include "common/api/protobuf/json_text.h"
#include "common/api/protobuf/wire.h"
#include "common/base/check.h"
#include "common/base/encoding.h"

namespace atoll::api::protobuf {
namespace {

bool IsString(std::string_view json) { return json.size() >= 2 && json.front() == '"'; }
bool IsObject(std::string_view json) { return !json.empty() && json.front() == '{'; }

std::string_view StringOf(std::string_view json, std::string* scratch) {
  return JsonText::Unescaped(json.substr(1, json.size() - 2), scratch);
}

std::optional<int64_t> IntOf(std::string_view json) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), value);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return value;
}

bool IsNumber(std::string_view json) {
  return !json.empty() && (json.front() == '-' || (json.front() >= '0' && json.front() <= '9'));
}

void AppendTime(uint32_t number, std::string_view text, bool micros, std::string* out) {
  auto time = api::ParseTime(text);
  if (!time) return;
  LengthDelimited timestamp(number, out);
  const int64_t seconds = absl::ToUnixSeconds(*time);
  AppendVarintField(1, static_cast<uint64_t>(seconds), out);
  const int64_t nanos = micros ? absl::ToInt64Nanoseconds(*time - absl::FromUnixSeconds(seconds)) : 0;
  AppendVarintField(2, static_cast<uint64_t>(nanos), out);
}

void AppendIntOrString(uint32_t number, std::string_view json, std::string* out) {
  const std::optional<int64_t> value = IntOf(json);
  if (!value && !IsString(json)) return;
  std::string scratch;
  LengthDelimited message(number, out);
  AppendVarintField(1, value ? 0 : 1, out);
  AppendVarintField(2, static_cast<uint64_t>(value.value_or(0)), out);
  AppendBytesField(3, value ? "" : StringOf(json, &scratch), out);
}

void AppendString(const Field& field, uint32_t number, std::string_view json, std::string* out) {
  if (!IsString(json)) return;
  std::string scratch;
  const std::string_view text = StringOf(json, &scratch);
  switch (field.type) {
    case Type::kBytes:
      if (auto bytes = Base64Decode(text)) AppendBytesField(number, *bytes, out);
      return;
    case Type::kTime:
    case Type::kMicroTime:
      return AppendTime(number, text, field.type == Type::kMicroTime, out);
    default:
      return AppendBytesField(number, text, out);
  }
}

// One value: an element, a map's value, or the whole field.
void AppendValue(const Field& field, uint32_t number, std::string_view json, std::string* out) {
  std::string scratch;
  switch (field.type) {
    case Type::kString:
    case Type::kBytes:
    case Type::kTime:
    case Type::kMicroTime:
      return AppendString(field, number, json, out);
    case Type::kInt32:
    case Type::kInt64:
      if (auto value = IntOf(json)) AppendVarintField(number, static_cast<uint64_t>(*value), out);
      return;
    case Type::kBool:
      if (json == "true" || json == "false") AppendVarintField(number, json == "true" ? 1 : 0, out);
      return;
    case Type::kMessage:
    case Type::kInline: {
      if (!IsObject(json)) return;
      LengthDelimited message(number, out);
      return AppendMessage(*field.message, json, out);
    }
    case Type::kQuantity: {
      if (!IsString(json) && !IsNumber(json)) return;
      LengthDelimited quantity(number, out);
      return AppendBytesField(1, IsString(json) ? StringOf(json, &scratch) : json, out);
    }
    case Type::kIntOrString:
      return AppendIntOrString(number, json, out);
    case Type::kRawJson: {
      LengthDelimited raw(number, out);
      return AppendBytesField(1, json, out);
    }
    case Type::kStrings: {
      if (json.empty() || json.front() != '[') return;
      LengthDelimited strings(number, out);
      JsonText(json).ForEachElement([&](std::string_view element) {
        if (IsString(element)) AppendBytesField(1, StringOf(element, &scratch), out);
      });
      return;
    }
  }
}

void AppendField(const Field& field, std::string_view json, std::string* out) {
  switch (field.shape) {
    case Shape::kSingle:
    case Shape::kOmitEmpty:
      return AppendValue(field, field.number, json, out);
    case Shape::kRepeated:
      return JsonText(json).ForEachElement(
          [&](std::string_view element) { AppendValue(field, field.number, element, out); });
    case Shape::kMap: {
      std::string scratch;
      return JsonText(json).ForEachMember([&](std::string_view key, std::string_view value) {
        LengthDelimited entry(field.number, out);
        AppendBytesField(1, JsonText::Unescaped(key, &scratch), out);
        AppendValue(field, 2, value, out);
      });
    }
  }
}

}  // namespace

void AppendMessage(const Message& message, std::string_view json, std::string* out) {
  // Where each field's value lies, so that fields leave in their order, whatever that of the members is.
  std::array<std::string_view, kFieldsMax> values;
  const size_t count = message.fields.size();
  CHECK(count <= kFieldsMax);
  JsonText(json).ForEachMember([&](std::string_view key, std::string_view value) {
    for (size_t i = 0; i < count; ++i) {
      if (key == message.fields[i].name && !key.empty()) {
        values[i] = value;
        return;
      }
    }
  });
  for (size_t i = 0; i < count; ++i) {
    const Field& field = message.fields[i];
    if (field.type == Type::kInline) {
      AppendValue(field, field.number, json, out);
    } else if (!values[i].empty() && values[i] != "null") {
      AppendField(field, values[i], out);
    }
  }
}

}  // namespace atoll::api::protobuf
