#include "shard/storage/json_scan.h"

#include <cstring>

namespace atoll::storage {

namespace {

constexpr size_t kNone = std::string_view::npos;

// `at` is an opening quote; the position after the closing one.
size_t SkipString(std::string_view json, size_t at) {
  for (size_t i = at + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return kNone;
}

}  // namespace

bool Contains(std::string_view text, std::string_view piece) {
  return ::memmem(text.data(), text.size(), piece.data(), piece.size()) != nullptr;
}

size_t SkipValue(std::string_view json, size_t at) {
  if (at >= json.size()) return kNone;
  if (json[at] == '"') return SkipString(json, at);
  if (json[at] != '{' && json[at] != '[') {
    const size_t end = json.find_first_of(",]}", at);
    return end == kNone ? json.size() : end;
  }
  size_t depth = 0;
  for (size_t i = at; i < json.size();) {
    switch (json[i]) {
      case '"':
        i = SkipString(json, i);
        if (i == kNone) return kNone;
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return i + 1;
        break;
      default:
        break;
    }
    ++i;
  }
  return kNone;
}

namespace {

// Where the value of the member `key` begins, or npos. `object_json` begins with `{`; it may go on behind its end.
size_t FindValue(std::string_view object_json, std::string_view key) {
  if (object_json.empty() || object_json[0] != '{') return kNone;
  size_t i = 1;
  while (i < object_json.size() && object_json[i] == '"') {
    const size_t key_end = SkipString(object_json, i);
    if (key_end == kNone || key_end >= object_json.size() || object_json[key_end] != ':') return kNone;
    if (object_json.substr(i + 1, key_end - i - 2) == key) return key_end + 1;
    const size_t value_end = SkipValue(object_json, key_end + 1);
    if (value_end == kNone || value_end >= object_json.size() || object_json[value_end] != ',') return kNone;
    i = value_end + 1;
  }
  return kNone;
}

}  // namespace

std::optional<std::string_view> FindMember(std::string_view object_json, std::string_view key) {
  return FindPath(object_json, {key});
}

std::optional<std::string_view> FindPath(std::string_view object_json, std::initializer_list<std::string_view> path) {
  for (const std::string_view key : path) {
    const size_t at = FindValue(object_json, key);
    if (at == kNone) return std::nullopt;
    object_json.remove_prefix(at);
  }
  const size_t end = SkipValue(object_json, 0);
  if (end == kNone) return std::nullopt;
  return object_json.substr(0, end);
}

}  // namespace atoll::storage
