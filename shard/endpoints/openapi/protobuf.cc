#include "shard/endpoints/openapi/protobuf.h"

#include <cstring>
#include <span>

#include "common/api/protobuf/wire.h"
#include "common/json/yaml.h"

namespace atoll::endpoints {
namespace {

using api::protobuf::AppendBytesField;
using api::protobuf::AppendTag;
using api::protobuf::AppendVarintField;
using api::protobuf::LengthDelimited;
using api::protobuf::WireType;
using json::Value;

// A member that is not structure.
enum class Plain : uint8_t { kString, kStrings, kBool, kInt, kNumber, kAny, kAnys };
struct Row {
  uint32_t number;
  const char* member;
  Plain type;
};

// An arbitrary value travels as YAML text.
void AppendAny(uint32_t number, const Value& value, std::string* out) {
  LengthDelimited any(number, out);
  AppendBytesField(2, json::WriteYaml(value), out);
}

void AppendNumber(uint32_t number, double value, std::string* out) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  AppendTag(number, WireType::kFixed64, out);
  for (int i = 0; i < 8; ++i) out->push_back(static_cast<char>(bits >> (8 * i)));
}

void AppendPlain(const Row& row, const Value& value, std::string* out) {
  switch (row.type) {
    case Plain::kString:
      if (value.is_string()) AppendBytesField(row.number, value.string(), out);
      return;
    case Plain::kStrings:
      if (!value.is_array()) return;
      for (const Value& v : value.array()) AppendBytesField(row.number, v.StringOr(), out);
      return;
    case Plain::kBool:
      if (value.is_bool() && value.bool_value()) AppendVarintField(row.number, 1, out);
      return;
    case Plain::kInt:
      if (value.is_int()) AppendVarintField(row.number, static_cast<uint64_t>(value.int_value()), out);
      return;
    case Plain::kNumber:
      if (value.is_number()) AppendNumber(row.number, value.number_value(), out);
      return;
    case Plain::kAny:
      return AppendAny(row.number, value, out);
    case Plain::kAnys:
      if (!value.is_array()) return;
      for (const Value& v : value.array()) AppendAny(row.number, v, out);
      return;
  }
}

void AppendPlainMembers(std::span<const Row> rows, const Value& object, std::string* out) {
  for (const Row& row : rows) {
    if (const Value* value = object.Find(row.member)) AppendPlain(row, *value, out);
  }
}

// `x-...` members, as pairs of a name and a value.
void AppendExtensions(uint32_t number, const Value& object, std::string* out) {
  for (const auto& [name, value] : object.object()) {
    if (!name.starts_with("x-")) continue;
    LengthDelimited pair(number, out);
    AppendBytesField(1, name, out);
    AppendAny(2, value, out);
  }
}

// A map is a message that repeats pairs of a name and a value under one number.
template <typename AppendOne>
void AppendPairs(uint32_t pair_number, const Value& object, AppendOne append, std::string* out) {
  for (const auto& [name, value] : object.object()) {
    LengthDelimited pair(pair_number, out);
    AppendBytesField(1, name, out);
    LengthDelimited named(2, out);
    append(value, out);
  }
}

void AppendSchema(const Value& schema, std::string* out) {
  static constexpr Row kRows[] = {
      {1, "$ref", Plain::kString},        {2, "format", Plain::kString},
      {3, "title", Plain::kString},       {4, "description", Plain::kString},
      {5, "default", Plain::kAny},        {6, "multipleOf", Plain::kNumber},
      {7, "maximum", Plain::kNumber},     {8, "exclusiveMaximum", Plain::kBool},
      {9, "minimum", Plain::kNumber},     {10, "exclusiveMinimum", Plain::kBool},
      {11, "maxLength", Plain::kInt},     {12, "minLength", Plain::kInt},
      {13, "pattern", Plain::kString},    {14, "maxItems", Plain::kInt},
      {15, "minItems", Plain::kInt},      {16, "uniqueItems", Plain::kBool},
      {17, "maxProperties", Plain::kInt}, {18, "minProperties", Plain::kInt},
      {19, "required", Plain::kStrings},  {20, "enum", Plain::kAnys},
  };
  if (!schema.is_object()) return;
  AppendPlainMembers(kRows, schema, out);
  if (const Value* more = schema.Find("additionalProperties")) {
    LengthDelimited either(21, out);
    if (more->is_bool()) {
      AppendVarintField(2, more->bool_value() ? 1 : 0, out);
    } else {
      LengthDelimited of(1, out);
      AppendSchema(*more, out);
    }
  }
  if (const Value* type = schema.Find("type")) {
    LengthDelimited item(22, out);
    AppendBytesField(1, type->StringOr(), out);
  }
  if (const Value* items = schema.Find("items")) {
    LengthDelimited item(23, out);
    LengthDelimited of(1, out);
    AppendSchema(*items, out);
  }
  if (const Value* all = schema.Find("allOf"); all != nullptr && all->is_array()) {
    for (const Value& one : all->array()) {
      LengthDelimited of(24, out);
      AppendSchema(one, out);
    }
  }
  if (const Value* properties = schema.Find("properties"); properties != nullptr && properties->is_object()) {
    LengthDelimited message(25, out);
    AppendPairs(1, *properties, AppendSchema, out);
  }
  AppendExtensions(31, schema, out);
}

// Parameters in the path and in the query differ by one member, and so in the numbers behind it.
void AppendParameter(const Value& parameter, std::string* out) {
  static constexpr Row kBody[] = {
      {1, "description", Plain::kString},
      {2, "name", Plain::kString},
      {3, "in", Plain::kString},
      {4, "required", Plain::kBool},
  };
  static constexpr Row kQuery[] = {
      {1, "required", Plain::kBool},     {2, "in", Plain::kString},   {3, "description", Plain::kString},
      {4, "name", Plain::kString},       {6, "type", Plain::kString}, {7, "format", Plain::kString},
      {20, "uniqueItems", Plain::kBool},
  };
  static constexpr Row kPath[] = {
      {1, "required", Plain::kBool},     {2, "in", Plain::kString},   {3, "description", Plain::kString},
      {4, "name", Plain::kString},       {5, "type", Plain::kString}, {6, "format", Plain::kString},
      {19, "uniqueItems", Plain::kBool},
  };
  constexpr uint32_t kBodyParameter = 1, kOtherParameter = 2, kInQuery = 3, kInPath = 4;
  const std::string_view in = parameter.StringAt({"in"});
  if (in == "body") {
    LengthDelimited body(kBodyParameter, out);
    AppendPlainMembers(kBody, parameter, out);
    const Value* schema = parameter.Find("schema");
    if (schema == nullptr) return;
    LengthDelimited of(5, out);
    AppendSchema(*schema, out);
    return;
  }
  LengthDelimited other(kOtherParameter, out);
  LengthDelimited where(in == "path" ? kInPath : kInQuery, out);
  AppendPlainMembers(in == "path" ? std::span<const Row>(kPath) : std::span<const Row>(kQuery), parameter, out);
}

void AppendParameters(uint32_t number, const Value* parameters, std::string* out) {
  if (parameters == nullptr || !parameters->is_array()) return;
  for (const Value& parameter : parameters->array()) {
    LengthDelimited item(number, out);
    LengthDelimited direct(1, out);  // not a reference
    AppendParameter(parameter, out);
  }
}

void AppendResponse(const Value& response, std::string* out) {
  LengthDelimited direct(1, out);
  AppendBytesField(1, response.StringAt({"description"}), out);
  const Value* schema = response.Find("schema");
  if (schema == nullptr) return;
  LengthDelimited item(2, out);
  LengthDelimited of(1, out);
  AppendSchema(*schema, out);
}

void AppendOperation(const Value& operation, std::string* out) {
  static constexpr Row kHead[] = {
      {1, "tags", Plain::kStrings},     {3, "description", Plain::kString}, {5, "operationId", Plain::kString},
      {6, "produces", Plain::kStrings}, {7, "consumes", Plain::kStrings},
  };
  AppendPlainMembers(kHead, operation, out);
  AppendParameters(8, operation.Find("parameters"), out);
  if (const Value* responses = operation.Find("responses"); responses != nullptr && responses->is_object()) {
    LengthDelimited message(9, out);
    AppendPairs(1, *responses, AppendResponse, out);
  }
  AppendExtensions(13, operation, out);
}

void AppendPathItem(const Value& item, std::string* out) {
  static constexpr std::pair<uint32_t, const char*> kMethods[] = {
      {2, "get"}, {3, "put"}, {4, "post"}, {5, "delete"}, {6, "options"}, {7, "head"}, {8, "patch"}};
  for (const auto& [number, method] : kMethods) {
    const Value* operation = item.Find(method);
    if (operation == nullptr) continue;
    LengthDelimited message(number, out);
    AppendOperation(*operation, out);
  }
  AppendParameters(9, item.Find("parameters"), out);
}

}  // namespace

std::string EncodeOpenApiV2(const Value& document) {
  std::string out;
  AppendBytesField(1, document.StringAt({"swagger"}), &out);
  {
    LengthDelimited info(2, &out);
    AppendBytesField(1, document.StringAt({"info", "title"}), &out);
    AppendBytesField(2, document.StringAt({"info", "version"}), &out);
  }
  if (const Value* paths = document.Find("paths"); paths != nullptr && paths->is_object()) {
    LengthDelimited message(8, &out);
    AppendPairs(2, *paths, AppendPathItem, &out);
  }
  if (const Value* definitions = document.Find("definitions"); definitions != nullptr && definitions->is_object()) {
    LengthDelimited message(9, &out);
    AppendPairs(1, *definitions, AppendSchema, &out);
  }
  return out;
}

}  // namespace atoll::endpoints
