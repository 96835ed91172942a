#include "tools/atoll/ws/tree.h"

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::cli {
namespace {

constexpr int kDepthMax = 64;
constexpr std::string_view kLogicalCluster = "/apis/core.kcp.io/v1alpha1/logicalclusters/cluster";

// The workspaces of a list, without those that are going away (they may no longer be entered).
absl::Status AddChildren(const json::Array& workspaces, std::vector<TreeNode>* out) {
  for (const json::Value& workspace : workspaces) {
    if (api::IsDeleting(workspace)) continue;
    TreeNode node;
    node.name = api::Name(workspace);
    node.type = TypeOf(workspace);
    node.phase = workspace.StringAt({"status", "phase"});
    node.shard = api::Annotation(workspace, "core.kcp.io/shard");
    if (node.shard.empty()) node.shard = api::Annotation(workspace, "internal.tenancy.kcp.io/shard");
    const json::Value* mount = workspace.At({"spec", "mount"});
    node.mount = mount != nullptr && !mount->is_null();
    if (!node.mount) {
      const std::string_view url = workspace.StringAt({"spec", "URL"});
      const auto parsed = ParseWorkspaceUrl(url);
      // Not yet placed on a shard: nothing below it can be listed.
      if (!parsed && !url.empty()) {
        return absl::InvalidArgumentError(
            StrCat("current config context URL ", api::GoQuote(url), " does not point to workspace"));
      }
      if (parsed) node.path = parsed->path;
    }
    out->push_back(std::move(node));
  }
  return absl::OkStatus();
}

// First pages come together; the few collections that are longer are read to their end one by one.
absl::Status ReadLevel(Session& session, Client& client, std::vector<TreeNode*> level) {
  std::erase_if(level, [](const TreeNode* node) { return node->path.empty(); });
  std::vector<std::string> targets;
  for (const TreeNode* node : level) targets.push_back(session.Target(node->path, StrCat(kWorkspaces, "?limit=500")));
  auto pages = client.GetAll(targets);
  for (size_t i = 0; i < level.size(); ++i) {
    if (api::IsNotFound(pages[i].status())) continue;
    RETURN_IF_ERROR(pages[i].status());
    json::Array items;
    if (!pages[i]->StringAt({"metadata", "continue"}).empty()) {
      ASSIGN_OR_RETURN(items, ListItems(client, session.Target(level[i]->path, kWorkspaces)));
    } else if (json::Value* found = pages[i]->Find("items"); found != nullptr && found->is_array()) {
      items = std::move(found->array());
    }
    RETURN_IF_ERROR(AddChildren(items, &level[i]->children));
  }
  return absl::OkStatus();
}

void ReadClusterPhases(Session& session, Client& client, const std::vector<TreeNode*>& level) {
  std::vector<std::string> targets;
  for (const TreeNode* node : level) targets.push_back(session.Target(node->path, kLogicalCluster));
  auto clusters = client.GetAll(targets);
  for (size_t i = 0; i < level.size(); ++i) {
    // What the user may not see stays unknown.
    if (clusters[i].ok()) level[i]->cluster_phase = clusters[i]->StringAt({"status", "phase"});
  }
}

}  // namespace

absl::StatusOr<TreeNode> ReadTree(Session& session, Client& client, const std::string& path, bool wide) {
  TreeNode top{.name = path, .path = path};
  std::vector<TreeNode*> level{&top};
  for (int depth = 0; !level.empty(); ++depth) {
    if (depth == kDepthMax)
      return absl::OutOfRangeError(StrCat("workspaces are nested deeper than ", kDepthMax, " levels"));
    RETURN_IF_ERROR(ReadLevel(session, client, level));
    if (wide) {
      std::vector<TreeNode*> own = level;
      std::erase_if(own, [](const TreeNode* node) { return node->path.empty(); });
      ReadClusterPhases(session, client, own);
    }
    std::vector<TreeNode*> next;
    for (TreeNode* node : level) {
      for (TreeNode& child : node->children) next.push_back(&child);
    }
    level = std::move(next);
  }
  return top;
}

absl::StatusOr<std::vector<TreeNode>> ReadChildren(Session& session, Client& client, const std::string& path) {
  ASSIGN_OR_RETURN(const json::Array items, ListItems(client, session.Target(path, kWorkspaces)));
  std::vector<TreeNode> out;
  RETURN_IF_ERROR(AddChildren(items, &out));
  return out;
}

absl::Status PrintTree(Session& session, const TreeOptions& options) {
  const auto current = session.Current();
  if (!current.ok()) {
    // The user may be inside a mount: nothing is wrong.
    session.streams.out << "current context URL " << api::GoQuote(session.server())
                        << " does not point directly to a kcp workspace\n";
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Client * client, session.client());
  ASSIGN_OR_RETURN(const TreeNode top, ReadTree(session, *client, current->path, options.wide));
  session.streams.out << (options.output == Output::kJson ? json::WriteIndented(TreeJson(top)) + "\n"
                                                          : TreeText(top, options));
  return absl::OkStatus();
}

absl::Status PrintList(Session& session, std::string_view argument, const TreeOptions& options) {
  ASSIGN_OR_RETURN(const WorkspaceUrl current, session.Current());
  ASSIGN_OR_RETURN(const std::string path, ResolveWorkspaceFlag(argument, current.path));
  ASSIGN_OR_RETURN(Client * client, session.client());
  ASSIGN_OR_RETURN(const std::vector<TreeNode> children, ReadChildren(session, *client, path));
  if (options.output == Output::kText) {
    session.streams.out << ListText(children, options.wide);
    return absl::OkStatus();
  }
  json::Array items;
  for (const TreeNode& child : children) items.push_back(TreeJson(child));
  session.streams.out << json::WriteIndented(json::Object{{"path", path}, {"workspaces", std::move(items)}}) << "\n";
  return absl::OkStatus();
}

}  // namespace atoll::cli
