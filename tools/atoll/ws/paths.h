// Workspace paths as users type them, and workspace URLs. Pure functions; spec/tenancy.md 7.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace atoll::cli {

// `<base>/clusters/<path>`: what the server URL of a context looks like when it points to a workspace.
struct WorkspaceUrl {
  std::string base;  // without a slash at its end
  std::string path;  // a workspace path or a cluster id
  std::string str() const { return base + "/clusters/" + path; }
};
// The first `/clusters/` counts, and the word behind it. nullopt when there is none or the word is no path.
std::optional<WorkspaceUrl> ParseWorkspaceUrl(std::string_view url);

// What the argument of `ws` asks for.
struct Target {
  enum class Kind {
    kCurrent,   // .
    kPrevious,  // -
    kTop,       // :    the topmost ancestor of the current one
    kHome,      // ~, ~:a:b, nothing at all; `path` is what follows the home workspace's, "" or ":a:b"
    kAbsolute,  // :root:a
    kRelative,  // a:b, ..:c
  };
  Kind kind = Kind::kHome;
  std::string path;           // may hold `.` and `..`
  bool no_argument = false;   // worth a note: `ws` alone once printed the current workspace
  bool old_absolute = false;  // worth a note: `root:a` for `:root:a`
};
// `home_directory`, which is what shells make of `~`, is read as `~`, and `/` as `:`.
Target ParseTarget(std::string_view argument, std::string_view home_directory);

// Takes `.` and `..` out of a path. `at_top` is the error where `..` leads above the first word.
absl::StatusOr<std::string> ResolveDots(std::string_view path, std::string_view at_top);

// `current` for "", `:a` absolute, all else below `current`. For `-w`. Errors: InvalidArgument.
absl::StatusOr<std::string> ResolveWorkspaceFlag(std::string_view flag, std::string_view current);

// The first word of a path: the topmost ancestor.
std::string TopOf(std::string_view path);
// The part before the last colon and the word behind it; no parent when there is no colon.
struct SplitPath {
  std::string parent, name;
};
SplitPath Split(std::string_view path);

}  // namespace atoll::cli
