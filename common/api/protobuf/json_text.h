// JsonText: one JSON value as text, walked without building anything. For text that this server wrote: it stops at the
// first thing that is no JSON, and never reads beyond the end, but does not judge what it passes over.
#pragma once

#include <string>
#include <string_view>

#include "common/json/parse.h"

namespace atoll::api::protobuf {

class JsonText {
 public:
  explicit JsonText(std::string_view text) : rest_(text) { SkipSpace(); }

  // Calls `visit(key, value)` for each member, `visit(element)` for each element; both are text of the whole. Keys are
  // without their quotes, and escaped as they stand. Nothing when the value is of another type.
  template <typename Visit>
  void ForEachMember(Visit visit) {
    if (!Take('{')) return;
    while (!rest_.empty() && rest_.front() == '"') {
      std::string_view key = Value();
      if (key.size() < 2 || !Take(':')) return;
      const std::string_view value = Value();
      if (value.empty()) return;
      visit(key.substr(1, key.size() - 2), value);
      if (!Take(',')) return;
    }
  }
  template <typename Visit>
  void ForEachElement(Visit visit) {
    if (!Take('[')) return;
    while (!rest_.empty() && rest_.front() != ']') {
      const std::string_view value = Value();
      if (value.empty()) return;
      visit(value);
      if (!Take(',')) return;
    }
  }

  // What stands between the quotes of a string, or of a member's key; `scratch` holds it when there were escapes.
  static std::string_view Unescaped(std::string_view inside, std::string* scratch) {
    if (inside.find('\\') == std::string_view::npos) return inside;
    std::string quoted;
    quoted.reserve(inside.size() + 2);
    quoted.append("\"").append(inside).append("\"");
    const auto parsed = json::Parse(quoted);
    *scratch = parsed.ok() && parsed->is_string() ? parsed->string() : std::string();
    return *scratch;
  }

 private:
  void SkipSpace() {
    while (!rest_.empty() &&
           (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\t' || rest_.front() == '\r')) {
      rest_.remove_prefix(1);
    }
  }
  bool Take(char c) {
    SkipSpace();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    SkipSpace();
    return true;
  }
  // Behind the closing quote of the string that begins at `at`.
  size_t EndOfString(size_t at) const {
    const size_t begin = at + 1;
    for (at = rest_.find('"', begin); at != std::string_view::npos; at = rest_.find('"', at + 1)) {
      size_t escapes = 0;
      while (at - escapes > begin && rest_[at - escapes - 1] == '\\') ++escapes;
      if (escapes % 2 == 0) return at + 1;
    }
    return rest_.size();
  }
  // The value that begins here. Its nesting is counted, not followed.
  std::string_view Value() {
    size_t at = 0;
    int depth = 0;
    while (at < rest_.size()) {
      const char c = rest_[at];
      if (c == '"') {
        at = EndOfString(at);
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at;
        continue;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        --depth;
        ++at;
      } else if (depth == 0 && (c == ',' || c == ':' || c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
        break;
      } else {
        ++at;
        if (depth == 0) continue;
      }
      if (depth == 0) break;
    }
    const std::string_view value = rest_.substr(0, at);
    rest_.remove_prefix(at);
    SkipSpace();
    return value;
  }

  std::string_view rest_;
};

}  // namespace atoll::api::protobuf
