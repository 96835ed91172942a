#include "shard/server/local_paths.h"

#include "shard/storage/stored_object.h"

namespace atoll::shard {

endpoints::PathTarget LocalPaths::Resolve(const WorkspacePath& path) const {
  endpoints::PathTarget out;
  index::Resolution where = index_->Resolve(path);
  switch (where.kind) {
    case index::Resolution::Kind::kUnknown:
      break;
    case index::Resolution::Kind::kUnavailable:
      out.kind = endpoints::PathTarget::Kind::kUnavailable;
      break;
    case index::Resolution::Kind::kMount:
      out.kind = endpoints::PathTarget::Kind::kMount;
      out.mount_url = std::move(where.mount_url);
      break;
    case index::Resolution::Kind::kFound:
      // This shard announces its own clusters only: any other is another shard's.
      out.kind = where.shard == shard_ ? endpoints::PathTarget::Kind::kLocal : endpoints::PathTarget::Kind::kOtherShard;
      out.cluster = std::move(where.cluster);
      break;
  }
  return out;
}

// The index follows the log a little behind the commit. The same walk, over what is committed: one stored Workspace a
// word.
Task<endpoints::PathTarget> LocalPaths::ResolveCommitted(WorkspacePath path) const {
  endpoints::PathTarget out;
  std::string_view rest = path.str();
  auto word = [&rest] {
    const size_t colon = rest.find(':');
    std::string_view w = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    return w;
  };
  std::string cluster(word());
  if (cluster == "user" && !rest.empty()) cluster = HomeClusterOf(word()).name();
  while (!rest.empty()) {
    auto id = LogicalClusterId::Parse(cluster);
    if (!id.ok()) co_return out;
    auto entry =
        co_await store_->Get(storage::EncodeKey({{"tenancy.kcp.io", "workspaces"}, "", *id, "", std::string(word())}));
    if (!entry.ok() || !entry->has_value()) co_return out;
    auto workspace = storage::StoredObject((*entry)->value, (*entry)->modified).Decode();
    // Mounts and unavailable workspaces change rarely; the index knows them.
    if (!workspace.ok() || workspace->At({"spec", "mount"}) != nullptr) co_return out;
    const std::string_view phase = workspace->StringAt({"status", "phase"});
    cluster = std::string(workspace->StringAt({"spec", "cluster"}));
    if (cluster.empty() || phase == "Scheduling" || phase == "Unavailable") co_return out;
  }
  auto id = LogicalClusterId::Parse(cluster);
  if (!id.ok()) co_return out;
  out.kind =
      clusters_->Find(*id) != nullptr ? endpoints::PathTarget::Kind::kLocal : endpoints::PathTarget::Kind::kOtherShard;
  out.cluster = *std::move(id);
  co_return out;
}

}  // namespace atoll::shard
