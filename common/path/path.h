// Logical cluster ids and workspace paths: types, so that nobody hands a string from a URL to storage.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace atoll {

// The opaque, fleet-wide unique id of a logical cluster ("root", "2gqk9x3l0p7ab1cd", "system:admin"). Resolved, never a
// path.
class LogicalClusterId {
 public:
  LogicalClusterId() = default;
  // REQUIRES: IsValid(name).
  explicit LogicalClusterId(std::string name);
  static absl::StatusOr<LogicalClusterId> Parse(std::string_view name);
  // `system:...` or ^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$ (spec/tenancy.md 1.1).
  static bool IsValid(std::string_view name);

  const std::string& name() const { return name_; }
  bool empty() const { return name_.empty(); }
  bool is_system() const { return std::string_view(name_).starts_with("system:"); }
  friend bool operator==(const LogicalClusterId&, const LogicalClusterId&) = default;
  friend auto operator<=>(const LogicalClusterId&, const LogicalClusterId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const LogicalClusterId& c) {
    return H::combine(std::move(h), c.name_);
  }

 private:
  std::string name_;
};

inline const LogicalClusterId& RootCluster() {
  static const LogicalClusterId id("root");
  return id;
}
inline const LogicalClusterId& SystemAdminCluster() {
  static const LogicalClusterId id("system:admin");
  return id;
}
inline const LogicalClusterId& SystemShardCluster() {
  static const LogicalClusterId id("system:shard");
  return id;
}

// A colon separated chain of workspace names ("root:org:team"). A path without colon is also a cluster id; one that
// begins with "system:" is always a single cluster id.
class WorkspacePath {
 public:
  WorkspacePath() = default;
  explicit WorkspacePath(std::string path) : path_(std::move(path)) {}
  // Errors: InvalidArgument for what does not match the path grammar.
  static absl::StatusOr<WorkspacePath> Parse(std::string_view path);
  static bool IsValid(std::string_view path);

  const std::string& str() const { return path_; }
  bool empty() const { return path_.empty(); }
  // True when the path is one cluster id.
  bool IsCluster() const;
  std::optional<WorkspacePath> Parent() const;
  std::string_view Base() const;
  WorkspacePath Join(std::string_view name) const;
  bool HasPrefix(const WorkspacePath& prefix) const;
  friend bool operator==(const WorkspacePath&, const WorkspacePath&) = default;

 private:
  std::string path_;
};

// Names derived from hashes, as kcp derives them (spec/tenancy.md 1.1, with its vectors).
std::string Base36Sha224(std::string_view in);  // with the leading-zero rule
std::string Base62Sha224(std::string_view in);
LogicalClusterId HomeClusterOf(std::string_view user_name);
std::string ShardHash(std::string_view shard_name);
std::string DefaultBindingName(std::string_view cluster, std::string_view export_path, std::string_view export_name);
// From 32 random bytes: 16 characters.
LogicalClusterId NewClusterId(std::string_view random_bytes);

}  // namespace atoll
