#include "shard/resources/core/keyed_data.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/base/strings.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr size_t kKeyBytesMax = 253;
constexpr std::string_view kKeyText =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex "
    "used for validation is '[-._a-zA-Z0-9]+')";
constexpr std::string_view kFrozen = "field is immutable when `immutable` is set";

bool Same(const Value* a, const Value* b) {
  auto empty = [](const Value* v) { return v == nullptr || v->is_null() || (v->is_object() && v->object().empty()); };
  if (empty(a) || empty(b)) return empty(a) == empty(b);
  return *a == *b;
}

}  // namespace

void CheckDataKeys(std::string_view field, const Value* map, api::FieldErrors* errors) {
  if (map == nullptr || !map->is_object()) return;
  for (const auto& [key, unused] : map->object()) {
    auto bad = [&](std::string_view why) {
      errors->push_back(api::FieldInvalid(StrCat(field, "[", key, "]"), Value(key), why));
    };
    if (key.size() > kKeyBytesMax) bad(StrCat("must be no more than ", kKeyBytesMax, " characters"));
    bool letters = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
      return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
    });
    if (!letters) {
      bad(kKeyText);
    } else if (key == ".") {
      bad("must not be '.'");
    } else if (key == "..") {
      bad("must not be '..'");
    } else if (key.starts_with("..")) {
      bad("must not start with '..'");
    }
  }
}

int64_t DataBytes(const Value* map, bool base64) {
  int64_t bytes = 0;
  if (map == nullptr || !map->is_object()) return 0;
  for (const auto& [key, value] : map->object()) {
    const std::string_view text = value.StringOr();
    bytes += static_cast<int64_t>(text.size());
    if (!base64) continue;
    const auto padding = static_cast<int64_t>(text.size() - (text.find_last_not_of('=') + 1));
    bytes -= static_cast<int64_t>(text.size()) / 4 + padding;
  }
  return bytes;
}

void CheckImmutableData(const Value& object, const Value& old, std::initializer_list<std::string_view> fields,
                        api::FieldErrors* errors) {
  if (!old.BoolAt({"immutable"})) return;
  if (!object.BoolAt({"immutable"})) errors->push_back(api::FieldForbidden("immutable", kFrozen));
  for (std::string_view field : fields) {
    if (!Same(object.Find(field), old.Find(field))) errors->push_back(api::FieldForbidden(std::string(field), kFrozen));
  }
}

}  // namespace atoll::resources
