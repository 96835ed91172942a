#include <algorithm>

#include "absl/time/time.h"
#include "common/api/object.h"
#include "common/api/protobuf/codec.h"
#include "common/api/protobuf/wire.h"
#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/utf8.h"

namespace atoll::api::protobuf {
namespace {

constexpr int64_t kFirstSecond = -62135596800;  // year 1, Go's zero time
constexpr int64_t kLastSecond = 253402300799;   // year 9999, the last that RFC 3339 can write

bool IsAscii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string Text(std::string_view bytes) {
  if (IsAscii(bytes)) return std::string(bytes);
  std::string out;
  out.reserve(bytes.size());
  for (size_t at = 0; at < bytes.size();) {
    const json::Rune rune = json::DecodeRune(bytes, at);
    json::AppendRune(&out, rune.code_point);
    at += static_cast<size_t>(rune.bytes);
  }
  return out;
}

absl::Status In(const Message& message, const Field& field, absl::Status status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(Cat(message.name, ".", field.name, ": ", ToStd(status.message())));
}

// Calls `take(tag, &reader)` for each field; it must read or skip the value.
template <typename F>
absl::Status ForEachField(std::string_view bytes, F&& take) {
  Reader reader(bytes);
  while (!reader.done()) {
    Tag tag;
    RETURN_IF_ERROR(reader.ReadTag(&tag));
    RETURN_IF_ERROR(take(tag, &reader));
  }
  return absl::OkStatus();
}

// The message {1: bytes}: `*payload` is the last one, or stays as it is.
absl::Status ReadWrapped(std::string_view bytes, std::string_view* payload) {
  return ForEachField(bytes, [&](const Tag& tag, Reader* reader) {
    if (tag.number == 1 && tag.type == WireType::kBytes) return reader->ReadBytes(payload);
    return reader->Skip(tag.type);
  });
}

// Null for the zero time.
absl::StatusOr<json::Value> ReadTime(std::string_view bytes, bool micros) {
  uint64_t seconds_bits = static_cast<uint64_t>(kFirstSecond), nanos_bits = 0;
  if (!bytes.empty()) seconds_bits = 0;  // a zero is left out by some encoders, but the zero time has no fields at all
  RETURN_IF_ERROR(ForEachField(bytes, [&](const Tag& tag, Reader* reader) {
    if (tag.type == WireType::kVarint && tag.number == 1) return reader->ReadVarint(&seconds_bits);
    if (tag.type == WireType::kVarint && tag.number == 2) return reader->ReadVarint(&nanos_bits);
    return reader->Skip(tag.type);
  }));
  const int64_t seconds = static_cast<int64_t>(seconds_bits);
  const int64_t nanos = static_cast<int32_t>(nanos_bits);
  if (seconds < kFirstSecond || seconds > kLastSecond || nanos < 0 || nanos > 999'999'999) {
    return absl::InvalidArgumentError("time out of range");
  }
  if (seconds == kFirstSecond && nanos == 0) return json::Value();
  const absl::Time time = absl::FromUnixSeconds(seconds);
  if (!micros) return json::Value(api::FormatTime(time));
  return json::Value(api::FormatMicroTime(time + absl::Nanoseconds(nanos - nanos % 1000)));
}

absl::StatusOr<json::Value> ReadRawJson(std::string_view bytes) {
  std::string_view text;
  RETURN_IF_ERROR(ReadWrapped(bytes, &text));
  if (text.empty()) return json::Value();
  return json::Parse(text);
}

absl::StatusOr<json::Value> ReadStrings(std::string_view bytes) {
  json::Array strings;
  RETURN_IF_ERROR(ForEachField(bytes, [&](const Tag& tag, Reader* reader) {
    if (tag.number != 1 || tag.type != WireType::kBytes) return reader->Skip(tag.type);
    std::string_view element;
    RETURN_IF_ERROR(reader->ReadBytes(&element));
    strings.emplace_back(Text(element));
    return absl::OkStatus();
  }));
  return json::Value(std::move(strings));
}

absl::StatusOr<json::Value> ReadIntOrString(std::string_view bytes) {
  uint64_t type = 0, number = 0;
  std::string_view text;
  RETURN_IF_ERROR(ForEachField(bytes, [&](const Tag& tag, Reader* reader) {
    if (tag.number == 1 && tag.type == WireType::kVarint) return reader->ReadVarint(&type);
    if (tag.number == 2 && tag.type == WireType::kVarint) return reader->ReadVarint(&number);
    if (tag.number == 3 && tag.type == WireType::kBytes) return reader->ReadBytes(&text);
    return reader->Skip(tag.type);
  }));
  if (type == 1) return json::Value(Text(text));
  return json::Value(int64_t{static_cast<int32_t>(number)});
}

absl::Status ReadMembers(const Message& message, std::string_view bytes, json::Object* out);

absl::StatusOr<json::Value> FromVarint(const Field& field, uint64_t bits) {
  if (field.type == Type::kBool) return json::Value(bits != 0);
  if (field.type == Type::kInt32) return json::Value(int64_t{static_cast<int32_t>(bits)});
  return json::Value(static_cast<int64_t>(bits));
}

absl::StatusOr<json::Value> FromBytes(const Field& field, std::string_view bytes) {
  switch (field.type) {
    case Type::kString:
      return json::Value(Text(bytes));
    case Type::kBytes:
      return json::Value(Base64Encode(bytes));
    case Type::kMessage: {
      json::Object object;
      RETURN_IF_ERROR(ReadMembers(*field.message, bytes, &object));
      return json::Value(std::move(object));
    }
    case Type::kTime:
    case Type::kMicroTime:
      return ReadTime(bytes, field.type == Type::kMicroTime);
    case Type::kQuantity: {
      std::string_view text;
      RETURN_IF_ERROR(ReadWrapped(bytes, &text));
      return json::Value(text.empty() ? std::string("0") : Text(text));
    }
    case Type::kIntOrString:
      return ReadIntOrString(bytes);
    case Type::kRawJson:
      return ReadRawJson(bytes);
    case Type::kStrings:
      return ReadStrings(bytes);
    default:
      return absl::InvalidArgumentError("not a length-delimited field");
  }
}

WireType WireTypeOf(Type type) {
  return type == Type::kInt32 || type == Type::kInt64 || type == Type::kBool ? WireType::kVarint : WireType::kBytes;
}

absl::StatusOr<json::Value> ReadValue(const Field& field, const Tag& tag, Reader* reader) {
  if (tag.type != WireTypeOf(field.type)) {
    return absl::InvalidArgumentError(
        Cat("proto: wrong wireType = ", static_cast<int>(tag.type), " for field ", field.name));
  }
  if (tag.type == WireType::kVarint) {
    uint64_t bits = 0;
    RETURN_IF_ERROR(reader->ReadVarint(&bits));
    return FromVarint(field, bits);
  }
  std::string_view bytes;
  RETURN_IF_ERROR(reader->ReadBytes(&bytes));
  return FromBytes(field, bytes);
}

// What a map's value is when its entry has none.
absl::StatusOr<json::Value> EmptyValue(const Field& field) {
  return WireTypeOf(field.type) == WireType::kVarint ? FromVarint(field, 0) : FromBytes(field, "");
}

absl::Status ReadMapEntry(const Field& field, std::string_view bytes, json::Object* map) {
  std::string_view key;
  std::optional<json::Value> value;
  RETURN_IF_ERROR(ForEachField(bytes, [&](const Tag& tag, Reader* reader) {
    if (tag.number == 1 && tag.type == WireType::kBytes) return reader->ReadBytes(&key);
    if (tag.number != 2) return reader->Skip(tag.type);
    ASSIGN_OR_RETURN(value, ReadValue(field, tag, reader));
    return absl::OkStatus();
  }));
  if (!value) {
    ASSIGN_OR_RETURN(value, EmptyValue(field));
  }
  map->Append(Text(key), *std::move(value));  // which keys repeat is seen once all are there
  return absl::OkStatus();
}

// Sorts by key and keeps the last one of equal keys.
void FinishMap(json::Object* map) {
  auto& members = map->members();
  std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  size_t kept = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && members[i].first == members[i + 1].first) continue;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(kept), members.end());
}

bool IsEmpty(const json::Value& value) {
  switch (value.kind()) {
    case json::Value::Kind::kString:
      return value.string().empty();
    case json::Value::Kind::kInt:
      return value.int_value() == 0;
    case json::Value::Kind::kBool:
      return !value.bool_value();
    default:
      return false;
  }
}

absl::Status ReadField(const Message& message, const Field& field, const Tag& tag, Reader* reader, json::Object* out) {
  if (field.type == Type::kInline || field.shape == Shape::kMap) {
    if (tag.type != WireType::kBytes) {
      return absl::InvalidArgumentError(
          Cat("proto: wrong wireType = ", static_cast<int>(tag.type), " in ", message.name));
    }
    std::string_view bytes;
    RETURN_IF_ERROR(reader->ReadBytes(&bytes));
    if (field.type == Type::kInline) return ReadMembers(*field.message, bytes, out);
    json::Value& map = (*out)[field.name];
    if (map.is_null()) map = json::Value::MakeObject();
    return In(message, field, ReadMapEntry(field, bytes, &map.object()));
  }
  auto value = ReadValue(field, tag, reader);
  if (!value.ok()) return In(message, field, value.status());
  if (field.shape == Shape::kRepeated) {
    json::Value& list = (*out)[field.name];
    if (list.is_null()) list = json::Value::MakeArray();
    list.array().push_back(*std::move(value));
  } else if (value->is_null() || (field.shape == Shape::kOmitEmpty && IsEmpty(*value))) {
    out->Erase(field.name);  // an earlier one does not count
  } else {
    out->Set(field.name, *std::move(value));
  }
  return absl::OkStatus();
}

absl::Status ReadMembers(const Message& message, std::string_view bytes, json::Object* out) {
  RETURN_IF_ERROR(ForEachField(bytes, [&](const Tag& tag, Reader* reader) {
    auto field = std::lower_bound(message.fields.begin(), message.fields.end(), tag.number,
                                  [](const Field& f, uint32_t number) { return f.number < number; });
    if (field == message.fields.end() || field->number != tag.number) return reader->Skip(tag.type);
    return ReadField(message, *field, tag, reader, out);
  }));
  for (const Field& field : message.fields) {
    if (field.shape != Shape::kMap) continue;
    if (json::Value* map = out->Find(field.name); map != nullptr) FinishMap(&map->object());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<json::Value> DecodeMessage(const Message& message, std::string_view bytes) {
  json::Object object;
  RETURN_IF_ERROR(ReadMembers(message, bytes, &object));
  return json::Value(std::move(object));
}

}  // namespace atoll::api::protobuf
