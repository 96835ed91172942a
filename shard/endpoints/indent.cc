#include "shard/endpoints/indent.h"

namespace atoll::endpoints {

void JsonIndenter::NewLine(std::string* out) const {
  out->push_back('\n');
  out->append(static_cast<size_t>(depth_) * 2, ' ');
}

void JsonIndenter::Append(std::string_view compact, std::string* out) {
  for (char c : compact) {
    if (in_string_) {
      out->push_back(c);
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      continue;
    }
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
    const bool closes = c == '}' || c == ']';
    if (closes) --depth_;
    if (opened_ != closes && (opened_ || closes)) NewLine(out);  // an empty `{}` stays on its line
    opened_ = false;
    out->push_back(c);
    switch (c) {
      case '{':
      case '[':
        ++depth_;
        opened_ = true;
        break;
      case ',':
        NewLine(out);
        break;
      case ':':
        out->push_back(' ');
        break;
      case '"':
        in_string_ = true;
        break;
      default:
        break;
    }
  }
}

std::string IndentJson(std::string_view compact) {
  std::string out;
  out.reserve(compact.size() * 2);
  JsonIndenter().Append(compact, &out);
  return out;
}

}  // namespace atoll::endpoints
