// ApiClient: what controllers and virtual workspaces use to talk to an API server, in-process or over HTTP. They never
// see storage.
//
// Errors are those of common/api/errors.h. Objects come back as stored, with kind, apiVersion and resourceVersion.
// Loop-owned.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/gvr.h"
#include "common/json/value.h"
#include "common/loop/task.h"
#include "common/path/path.h"

namespace atoll::client {

// Names one object; `ns` is empty for cluster scope. `identity` stays empty but for bound resources of an export.
struct ObjectRef {
  LogicalClusterId cluster;
  api::Gvr gvr;
  std::string ns;
  std::string name;
  std::string subresource;
};

struct ListResult {
  std::vector<json::Value> items;
  std::string resource_version;
};

class ApiClient {
 public:
  virtual ~ApiClient() = default;
  virtual Task<absl::StatusOr<json::Value>> Get(ObjectRef ref) = 0;
  // All objects of `gvr` in one cluster (and namespace when `ref.ns` is set); `ref.name` is ignored. Pages inside.
  virtual Task<absl::StatusOr<ListResult>> List(ObjectRef ref, std::string label_selector = "") = 0;
  virtual Task<absl::StatusOr<json::Value>> Create(ObjectRef ref, json::Value object) = 0;
  // Optimistic: the object's resourceVersion decides (Conflict).
  virtual Task<absl::StatusOr<json::Value>> Update(ObjectRef ref, json::Value object) = 0;
  virtual Task<absl::StatusOr<json::Value>> MergePatch(ObjectRef ref, json::Value patch) = 0;
  // Server-side apply by `manager`, which takes over fields of others. Creates the object when it is missing.
  virtual Task<absl::StatusOr<json::Value>> Apply(ObjectRef ref, std::string manager, json::Value object) = 0;
  // `uid`, `resource_version` empty: no such precondition. `propagation`: "", Background, Foreground, Orphan.
  virtual Task<absl::Status> Delete(ObjectRef ref, std::string uid = "", std::string propagation = "",
                                    std::string resource_version = "") = 0;
};

}  // namespace atoll::client
