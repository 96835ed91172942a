// `ws tree` and `ws ls`. spec/tenancy.md 7.6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "tools/atoll/ws/session.h"
#include "tools/atoll/ws/use.h"

namespace atoll::cli {

struct TreeNode {
  std::string name;           // the Workspace's; the whole path at the top
  std::string path;           // where its own children are listed: a path or a cluster id; "" for a mount
  std::string type;           // "" when unknown, as at the top
  std::string phase;          // the Workspace's, "" when unknown
  std::string shard;          // where it lives, as its Workspace says
  std::string cluster_phase;  // the LogicalCluster's; only for wide output
  bool mount = false;         // served by somebody else: a leaf
  std::vector<TreeNode> children;
};

struct TreeOptions {
  bool full = false;  // each node under its whole path
  bool wide = false;  // with columns
  Output output = Output::kText;
};

// What `tree` prints.
std::string TreeText(const TreeNode& top, const TreeOptions& options);
json::Value TreeJson(const TreeNode& top);
// What `ls` prints for the children of a node: names, or a table with a heading.
std::string ListText(const std::vector<TreeNode>& nodes, bool wide);

// One level is asked for at once. Errors: the server's, and OutOfRange for trees deeper than 64 levels (a URL that
// leads back).
absl::StatusOr<TreeNode> ReadTree(Session& session, Client& client, const std::string& path, bool wide);
// The workspaces right below `path`. Errors: the server's.
absl::StatusOr<std::vector<TreeNode>> ReadChildren(Session& session, Client& client, const std::string& path);

absl::Status PrintTree(Session& session, const TreeOptions& options);
// `argument`: "" for the current workspace, else any form that names a path.
absl::Status PrintList(Session& session, std::string_view argument, const TreeOptions& options);

}  // namespace atoll::cli
