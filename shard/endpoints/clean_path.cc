#include "shard/endpoints/clean_path.h"

#include <algorithm>
#include <vector>

#include "common/base/strings.h"

namespace atoll::endpoints {

std::optional<std::string> CleanPath(std::string_view path) {
  if (path.find("//") == std::string_view::npos && path.find("/.") == std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> segments;
  std::string_view rest = path;
  bool changed = false, slash = false;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // a slash
    const size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    rest.remove_prefix(end);
    slash = segment.empty() && rest.empty();
    if (slash) continue;
    if (segment.empty() || segment == "." || segment == "..") {
      changed = true;
      if (segment == ".." && !segments.empty()) segments.pop_back();
    } else {
      segments.push_back(segment);
    }
  }
  if (!changed) return std::nullopt;
  std::string out;
  for (std::string_view segment : segments) StrAppend(&out, "/", segment);
  if (slash || out.empty()) out.push_back('/');
  return out;
}

}  // namespace atoll::endpoints
