// The one implementation of Registry: a verb a file (get_list.cc, create.cc, update.cc, patching.cc, delete.cc,
// list_reader.cc, object_watch.cc).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "shard/registry/registry.h"
#include "shard/registry/selectors.h"
#include "shard/registry/strategy.h"
#include "shard/storage/expiry.h"

namespace atoll::admission {
enum class Operation : uint8_t;
}

namespace atoll::registry {

// How often a write is tried again after it lost a race, where Kubernetes tries again.
inline constexpr int kWriteAttemptsMax = 100;

// The resource whose keys hold the definition's objects.
api::GroupResource StoredResource(const ResourceDefinition& definition);
// Key of the object that `ctx` names, or of `name`.
std::string KeyOf(const CallContext& ctx, std::string_view name);

// The store scope that a list or watch covers; one object's key when the selectors name it.
std::string ScopeOf(const CallContext& ctx, const Selection& selection);
// Whether the stored object is one that the caller may know of.
inline bool InView(const CallContext& ctx, std::string_view value) {
  return ctx.view == nullptr || Shows(*ctx.view, value);
}
// Namespace and name of a key, without validating the rest.
void SplitNsName(std::string_view key, std::string_view* ns, std::string_view* name);

// True when a watcher with a selector may judge `after` otherwise than `before`.
bool SelectionMayDiffer(const ResourceDefinition& definition, std::string_view before_json,
                        std::string_view after_json);

// A Status error for a lost commit: 404, 409, 429, 503, 500.
absl::Status CommitError(const absl::Status& status);
absl::Status ModifiedConflict(const CallContext& ctx, std::string_view name);
absl::Status InternalOf(const absl::Status& status);
// Errors of a wait for a revision that is not there yet.
Task<absl::Status> AwaitRevision(store::Store* store, store::Revision at);

class RegistryImpl final : public Registry {
 public:
  explicit RegistryImpl(Options options) : options_(options), store_(*options.store) {}

  Task<absl::StatusOr<storage::StoredObject>> Get(const CallContext& ctx, std::string resource_version) override;
  Task<absl::StatusOr<std::unique_ptr<ListReader>>> List(const CallContext& ctx, ListOptions options) override;
  Task<absl::StatusOr<std::unique_ptr<ObjectWatch>>> Watch(const CallContext& ctx, ListOptions options) override;
  Task<absl::StatusOr<WriteResult>> Create(CallContext& ctx, json::Value object, WriteOptions options) override;
  Task<absl::StatusOr<WriteResult>> Update(CallContext& ctx, json::Value object, WriteOptions options) override;
  Task<absl::StatusOr<WriteResult>> Patch(CallContext& ctx, PatchType type, json::Value patch,
                                          WriteOptions options) override;
  Task<absl::StatusOr<DeleteResult>> Delete(CallContext& ctx, DeleteOptions options) override;
  Task<absl::StatusOr<std::vector<storage::StoredObject>>> DeleteCollection(CallContext& ctx, ListOptions list,
                                                                            DeleteOptions options) override;
  store::Store& store() override { return store_; }

 private:
  // What one attempt of an update ended in. `retry`: the race was lost, read again.
  struct Attempt {
    bool retry = false;
    WriteResult result;
  };
  // Whether a write's managedFields are still to be computed; apply has done so.
  enum class Tracking : uint8_t { kUpdate, kDone };
  // The object as the store has it now, decoded in the definition's version.
  struct Current {
    store::Entry entry;
    json::Value object;
  };

  Task<absl::StatusOr<Current>> Read(const CallContext& ctx, const std::string& key);
  // Everything between a decoded body and the commit, over one state of the stored object.
  Task<absl::StatusOr<Attempt>> TryUpdate(CallContext& ctx, const std::string& key, const Current& current,
                                          json::Value object, const WriteOptions& options, Tracking tracking);
  // Create without decoding: the body is decoded.
  Task<absl::StatusOr<WriteResult>> CreateDecoded(CallContext& ctx, json::Value object, const WriteOptions& options,
                                                  Tracking tracking);
  // Server-side apply; creates what is missing.
  Task<absl::StatusOr<WriteResult>> Apply(CallContext& ctx, json::Value config, WriteOptions options);
  // A write through the subresource scale, by an update (the Scale), a patch of it, or an apply configuration.
  struct ScaleWrite {
    std::optional<PatchType> patch;  // none: an update
    json::Value body;
  };
  Task<absl::StatusOr<WriteResult>> UpdateScale(CallContext& ctx, ScaleWrite write, WriteOptions options);
  Task<absl::Status> Mutate(CallContext& ctx, admission::Operation operation, json::Value* object,
                            const json::Value* old, bool dry_run);
  Task<absl::Status> Validate(CallContext& ctx, admission::Operation operation, json::Value* object,
                              const json::Value* old, bool dry_run);
  StrategyContext ContextFor(CallContext& ctx) const {
    return {ctx.user, ctx.cluster.id.name(), ctx.ns, ctx.subresource, &ctx.warnings};
  }
  // An object that expires is found again by when it was written.
  void NoteExpiry(const ResourceDefinition& d, const std::string& key, store::Transaction* txn) const {
    if (d.expires) txn->index.push_back({.key = storage::ExpiryKey(Now(), key)});
  }
  absl::Time Now() const { return options_.clock->Now(); }

  const Options options_;
  store::Store& store_;
};

}  // namespace atoll::registry
