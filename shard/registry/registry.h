// Registry: generic create, get, list, watch, update, patch and delete over any ResourceDefinition
// (spec/api-machinery.md sections 2 to 5).
//
// Knows kinds, no sockets. Callers (endpoints, controllers through the in-process ApiClient, virtual workspaces) have
// authorized already. Writes run: decode checks -> strategy -> mutating admission -> validation -> validating admission
// -> one store transaction, retried on lost races where Kubernetes retries. Any loop; loop-owned results.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/loop/task.h"
#include "common/store/store.h"
#include "shard/registry/definition.h"
#include "shard/registry/request.h"
#include "shard/registry/view.h"
#include "shard/storage/stored_object.h"

namespace atoll {
class BlockingPool;
}

namespace atoll::admission {
class Chain;
}

namespace atoll::registry {
class Ledger;
}

namespace atoll::registry {

using DefinitionPtr = std::shared_ptr<const ResourceDefinition>;

// Where a call is aimed and who makes it. Held by the caller's frame for the whole call.
struct CallContext {
  auth::User user;
  ClusterScope cluster;
  DefinitionPtr definition;
  std::string ns, name, subresource;
  // Asked before an update or apply creates what is missing; empty: the caller may. Errors answer the client.
  std::function<Task<absl::Status>()> authorize_create;
  std::vector<std::string> warnings;  // filled for Warning headers, in order, duplicates removed by the responder
  std::shared_ptr<const View> view;   // null: everything
  // Adds an annotation to the request's audit event; empty: nobody listens.
  std::function<void(std::string_view name, std::string_view value)> audit;
  bool deep_review = false;  // a SubjectAccessReview judged by RBAC alone (authorization/reviews/reviews.h)
};

// Reads a list in chunks, without holding it whole. One snapshot for all pages of one continue token.
class ListReader {
 public:
  virtual ~ListReader() = default;
  // The next objects that match, at most about 256 KiB of them; empty at the end (or at the page's end).
  virtual Task<absl::StatusOr<std::vector<storage::StoredObject>>> Next() = 0;
  virtual store::Revision revision() const = 0;
  // After the end: the token of the next page ("" when there is none), and how many remain (only without selectors).
  virtual std::string continue_token() const = 0;
  virtual std::optional<int64_t> remaining() const = 0;
};

struct WatchEvent {
  enum class Type : uint8_t { kAdded, kModified, kDeleted, kBookmark };
  Type type = Type::kAdded;
  storage::StoredObject object;     // kBookmark: empty
  store::Revision revision;         // what resourceVersion the event carries (a deletion's own revision for kDeleted)
  bool initial_events_end = false;  // kBookmark with k8s.io/initial-events-end
};

class ObjectWatch {
 public:
  virtual ~ObjectWatch() = default;
  // Waits up to `timeout`; empty when nothing came. Errors: Expired (410), TooLargeResourceVersion: sent as an ERROR
  // event by the endpoint.
  virtual Task<absl::StatusOr<std::vector<WatchEvent>>> Next(absl::Duration timeout) = 0;
  // What a bookmark may say now.
  virtual store::Revision through() const = 0;
  virtual void Wake() = 0;
};

struct WriteResult {
  storage::StoredObject object;  // after the write; with dry run, what would be stored (revision 0 on create)
  bool created = false;
  bool deleted = false;  // an update that removed the last finalizer
};

struct DeleteResult {
  std::optional<storage::StoredObject>
      object;       // set: answer the object (finalizers pending, or the type answers its object)
  std::string uid;  // for the Success Status
};

class Registry {
 public:
  struct Options {
    store::Store* store = nullptr;
    BlockingPool* pool = nullptr;
    admission::Chain* admission = nullptr;
    Ledger* ledger = nullptr;  // what is counted with each creation and removal; may be null
    const Clock* clock = nullptr;
    Random* random = nullptr;
  };
  static std::unique_ptr<Registry> Create(Options options);
  virtual ~Registry() = default;

  virtual Task<absl::StatusOr<storage::StoredObject>> Get(const CallContext& ctx,
                                                          std::string resource_version = "") = 0;
  virtual Task<absl::StatusOr<std::unique_ptr<ListReader>>> List(const CallContext& ctx, ListOptions options) = 0;
  virtual Task<absl::StatusOr<std::unique_ptr<ObjectWatch>>> Watch(const CallContext& ctx, ListOptions options) = 0;
  virtual Task<absl::StatusOr<WriteResult>> Create(CallContext& ctx, json::Value object, WriteOptions options) = 0;
  virtual Task<absl::StatusOr<WriteResult>> Update(CallContext& ctx, json::Value object, WriteOptions options) = 0;
  // `patch` is the parsed patch body (an array for JSON patch).
  virtual Task<absl::StatusOr<WriteResult>> Patch(CallContext& ctx, PatchType type, json::Value patch,
                                                  WriteOptions options) = 0;
  virtual Task<absl::StatusOr<DeleteResult>> Delete(CallContext& ctx, DeleteOptions options) = 0;
  // Deletes what matches, one by one; answers them as listed.
  virtual Task<absl::StatusOr<std::vector<storage::StoredObject>>> DeleteCollection(CallContext& ctx, ListOptions list,
                                                                                    DeleteOptions options) = 0;

  virtual store::Store& store() = 0;
};

}  // namespace atoll::registry
