#include "tools/atoll/ws/paths.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/path/path.h"

namespace atoll::cli {
namespace {

constexpr std::string_view kClusters = "/clusters/";

bool IsWorkspacePath(std::string_view path) { return WorkspacePath::IsValid(path) || LogicalClusterId::IsValid(path); }

}  // namespace

std::optional<WorkspaceUrl> ParseWorkspaceUrl(std::string_view url) {
  const size_t at = url.find(kClusters);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view path = url.substr(at + kClusters.size());
  path = path.substr(0, path.find_first_of("/?#"));
  if (!IsWorkspacePath(path)) return std::nullopt;
  return WorkspaceUrl{std::string(url.substr(0, at)), std::string(path)};
}

Target ParseTarget(std::string_view argument, std::string_view home_directory) {
  std::string name(argument);
  // "/" as the home directory would swallow every absolute path.
  if (home_directory.size() > 1 && argument.starts_with(home_directory)) {
    const std::string_view rest = argument.substr(home_directory.size());
    if (rest.empty() || rest.front() == '/' || rest.front() == ':') name = StrCat("~", rest);
  }
  std::replace(name.begin(), name.end(), '/', ':');

  using Kind = Target::Kind;
  if (name.empty()) return {.kind = Kind::kHome, .no_argument = true};
  if (name == ".") return {.kind = Kind::kCurrent};
  if (name == "-") return {.kind = Kind::kPrevious};
  if (name == ":") return {.kind = Kind::kTop};
  if (name == "~" || name.starts_with("~:")) return {.kind = Kind::kHome, .path = name.substr(1)};
  if (name == "root" || name.starts_with("root:")) return {.kind = Kind::kAbsolute, .path = name, .old_absolute = true};
  if (name.front() == ':') return {.kind = Kind::kAbsolute, .path = name.substr(1)};
  return {.kind = Kind::kRelative, .path = name};
}

absl::StatusOr<std::string> ResolveDots(std::string_view path, std::string_view at_top) {
  std::string out;
  while (true) {
    const size_t colon = path.find(':');
    const std::string_view word = path.substr(0, colon);
    if (word == "..") {
      if (out.empty()) return absl::InvalidArgumentError(ToAbsl(at_top));
      out = Split(out).parent;
    } else if (word != ".") {
      out = out.empty() ? std::string(word) : StrCat(out, ":", word);
    }
    if (colon == std::string_view::npos) return out;
    path.remove_prefix(colon + 1);
  }
}

absl::StatusOr<std::string> ResolveWorkspaceFlag(std::string_view flag, std::string_view current) {
  const std::string whole = flag.empty()          ? std::string(current)
                            : flag.front() == ':' ? std::string(flag.substr(1))
                                                  : StrCat(current, ":", flag);
  ASSIGN_OR_RETURN(std::string path, ResolveDots(whole, "cannot go above the root workspace"));
  if (!IsWorkspacePath(path)) return absl::InvalidArgumentError(StrCat("invalid workspace path: ", flag));
  return path;
}

std::string TopOf(std::string_view path) {
  // A `system:` cluster is one word that has a colon.
  if (path.starts_with("system:")) return std::string(path);
  return std::string(path.substr(0, path.find(':')));
}

SplitPath Split(std::string_view path) {
  const size_t colon = path.rfind(':');
  if (colon == std::string_view::npos || path.starts_with("system:")) return {"", std::string(path)};
  return {std::string(path.substr(0, colon)), std::string(path.substr(colon + 1))};
}

}  // namespace atoll::cli
