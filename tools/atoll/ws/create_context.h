// `ws create-context`. spec/tenancy.md 7.5.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "tools/atoll/ws/session.h"

namespace atoll::cli {

struct CreateContextOptions {
  std::string name;    // "": the current workspace's path
  std::string server;  // "": the current workspace's URL
  bool overwrite = false;
  bool keep_current = false;
};

// Copies the current context and its cluster to a context of its own, and switches to it. Errors: AlreadyExists without
// `overwrite`, NotFound and InvalidArgument where the kubeconfig points to no workspace, and those of Kubeconfig::Save.
absl::Status CreateContext(Session& session, const CreateContextOptions& options);

}  // namespace atoll::cli
