#include "common/path/path.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/strings.h"

namespace atoll {
namespace {

constexpr std::string_view kSystemPrefix = "system:";

bool IsLowerAlphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
bool IsWord(std::string_view s) {
  constexpr size_t kWordLengthMax = 63;
  return !s.empty() && s.size() <= kWordLengthMax && IsLowerAlphanumeric(s.front()) && IsLowerAlphanumeric(s.back()) &&
         std::all_of(s.begin(), s.end(), [](char c) { return IsLowerAlphanumeric(c) || c == '-'; });
}

}  // namespace

LogicalClusterId::LogicalClusterId(std::string name) : name_(std::move(name)) { DCHECK(IsValid(name_)); }

bool LogicalClusterId::IsValid(std::string_view name) {
  if (name.starts_with(kSystemPrefix)) {
    // Any text in the reference. Storage keys and URLs are built from it, so what could break those is refused here.
    return std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7F && c != '/' && c != '%'; });
  }
  return name.size() >= 2 && IsWord(name);
}

absl::StatusOr<LogicalClusterId> LogicalClusterId::Parse(std::string_view name) {
  if (!IsValid(name)) return absl::InvalidArgumentError(StrCat("invalid logical cluster name: \"", name, "\""));
  return LogicalClusterId(std::string(name));
}

bool WorkspacePath::IsValid(std::string_view path) {
  while (true) {
    const size_t colon = path.find(':');
    if (!IsWord(path.substr(0, colon))) return false;
    if (colon == std::string_view::npos) return true;
    path.remove_prefix(colon + 1);
  }
}

absl::StatusOr<WorkspacePath> WorkspacePath::Parse(std::string_view path) {
  if (!IsValid(path))
    return absl::InvalidArgumentError(StrCat("invalid cluster: \"", path, "\" does not match the regex"));
  return WorkspacePath(std::string(path));
}

bool WorkspacePath::IsCluster() const {
  return !path_.empty() && (path_.find(':') == std::string::npos || path_.starts_with(kSystemPrefix));
}

std::optional<WorkspacePath> WorkspacePath::Parent() const {
  const size_t colon = path_.rfind(':');
  if (colon == std::string::npos || path_.starts_with(kSystemPrefix)) return std::nullopt;
  return WorkspacePath(path_.substr(0, colon));
}

std::string_view WorkspacePath::Base() const {
  if (path_.starts_with(kSystemPrefix)) return path_;
  const size_t colon = path_.rfind(':');
  return colon == std::string::npos ? std::string_view(path_) : std::string_view(path_).substr(colon + 1);
}

WorkspacePath WorkspacePath::Join(std::string_view name) const {
  return path_.empty() ? WorkspacePath(std::string(name)) : WorkspacePath(StrCat(path_, ":", name));
}

bool WorkspacePath::HasPrefix(const WorkspacePath& prefix) const {
  if (prefix.empty() || *this == prefix) return true;
  return path_.size() > prefix.path_.size() && path_.starts_with(prefix.path_) && path_[prefix.path_.size()] == ':';
}

}  // namespace atoll
