#include "shard/server/local_paths.h"

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

}  // namespace atoll::shard
