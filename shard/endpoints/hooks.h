// What the request path asks of other parts of the shard. Implementations live elsewhere, are thread-safe and outlive
// the handler.
#pragma once

#include <string>

#include "common/http/message.h"
#include "common/http/server.h"
#include "common/loop/task.h"
#include "common/path/path.h"

namespace atoll::endpoints {

struct Call;

// Where a workspace path leads, seen from this shard (spec/tenancy.md 1.2).
struct PathTarget {
  enum class Kind : uint8_t { kLocal, kOtherShard, kUnavailable, kMount, kUnknown };
  Kind kind = Kind::kUnknown;
  LogicalClusterId cluster;  // kLocal
  std::string mount_url;     // kMount
};

class PathResolver {
 public:
  virtual ~PathResolver() = default;
  // Never blocks. Asked for paths of several words only: a single word is a cluster's id, taken as it is.
  virtual PathTarget Resolve(const WorkspacePath& path) const = 0;
  // Asked when Resolve knows nothing: reads what is committed, so that whoever has just seen a workspace become Ready
  // is not told that there is none. May suspend.
  virtual Task<PathTarget> ResolveCommitted(WorkspacePath path) const { co_return Resolve(path); }
};

// /services/...: the virtual workspaces.
class VirtualWorkspaces {
 public:
  virtual ~VirtualWorkspaces() = default;
  enum class Outcome : uint8_t {
    kAnswered,
    kUnknown,   // no such virtual workspace, nothing was answered
    kForwarded  // `call` is now one of a logical cluster, as whoever call.user says: authorize and serve it
  };
  // `call` is authenticated (call.user) but not authorized, and call.info.path is the whole path: each virtual
  // workspace parses its own prefix and decides who may enter.
  virtual Task<Outcome> Handle(Call& call) = 0;
  // Ends watches; new ones are refused.
  virtual void Drain() = 0;
  // Rights in `cluster`, or anywhere (null), have changed: open watches ask again whether they may go on.
  virtual void RecheckWatches(const LogicalClusterId* cluster) = 0;
};

// GET of `workspaces/~` in root: the caller's home workspace.
class HomeWorkspaces {
 public:
  virtual ~HomeWorkspaces() = default;
  // `call` is authenticated and not authorized: whose home it is needs no other right to see it. Always answers.
  virtual Task<void> Serve(Call& call) = 0;
};

// Forwards a request to a mount's URL.
class MountForwarder {
 public:
  virtual ~MountForwarder() = default;
  // Always answers.
  virtual Task<void> Forward(Call& call, std::string mount_url) = 0;
};

}  // namespace atoll::endpoints
