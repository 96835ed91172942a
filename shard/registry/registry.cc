#include "shard/registry/registry.h"

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/admission/plugin.h"
#include "shard/registry/registry_impl.h"
#include "shard/storage/json_scan.h"

namespace atoll::registry {

std::unique_ptr<Registry> Registry::Create(Options options) {
  CHECK(options.store != nullptr);
  if (options.clock == nullptr) options.clock = &SystemClock();
  if (options.random == nullptr) options.random = &SystemRandom();
  return std::make_unique<RegistryImpl>(options);
}

api::GroupResource StoredResource(const ResourceDefinition& d) {
  return d.stored_as.resource.empty() ? d.gr() : d.stored_as;
}

std::string KeyOf(const CallContext& ctx, std::string_view name) {
  const ResourceDefinition& d = *ctx.definition;
  std::string key =
      storage::NamespaceScope(StoredResource(d), "", ctx.cluster.id, d.namespaced() ? ctx.ns : std::string());
  store::AppendComponent(&key, name);
  return key;
}

std::string ScopeOf(const CallContext& ctx, const Selection& selection) {
  const ResourceDefinition& d = *ctx.definition;
  if (ctx.cluster.wildcard) {
    return storage::ResourceScope(StoredResource(d));
  }
  std::string ns = ctx.ns;
  if (d.namespaced() && ns.empty()) {
    if (const std::string* selected = selection.fields().ExactValue("metadata.namespace");
        selected != nullptr && selected->find('\0') == std::string::npos) {
      ns = *selected;
    }
  }
  if (d.namespaced() && ns.empty()) {
    return storage::ClusterScopeKey(StoredResource(d), "", ctx.cluster.id);
  }
  std::string scope = storage::NamespaceScope(StoredResource(d), "", ctx.cluster.id, d.namespaced() ? ns : "");
  const std::string* name = selection.fields().ExactValue("metadata.name");
  if (name != nullptr && !name->empty() && name->find('\0') == std::string::npos) store::AppendComponent(&scope, *name);
  return scope;
}

void SplitNsName(std::string_view key, std::string_view* ns, std::string_view* name) {
  key.remove_suffix(1);
  const size_t before_name = key.rfind('\0');
  *name = key.substr(before_name + 1);
  key = key.substr(0, before_name);
  *ns = key.substr(key.rfind('\0') + 1);
}

bool SelectionMayDiffer(const ResourceDefinition& d, std::string_view before_json, std::string_view after_json) {
  const auto labels = [](std::string_view json) {
    return storage::FindPath(json, {"metadata", "labels"}).value_or("");
  };
  if (labels(before_json) != labels(after_json)) return true;
  // The stored shape has other names for them.
  if (d.from_stored) return !d.selectable_fields.empty();
  for (const std::string& field : d.selectable_fields) {
    if (SelectableValue(before_json, field) != SelectableValue(after_json, field)) return true;
  }
  return false;
}

absl::Status InternalOf(const absl::Status& status) { return api::InternalError(ToStd(status.message())); }

absl::Status CommitError(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
      return api::TooManyRequests("too many writes are waiting, please try again later", 1);
    case absl::StatusCode::kUnavailable:
      // Without a Retry-After: what a person must mend is to be read at once, not after ten attempts of the client.
      return api::ServiceUnavailable(ToStd(status.message()));
    case absl::StatusCode::kInvalidArgument:
      return api::RequestEntityTooLarge(ToStd(status.message()));
    default:
      return InternalOf(status);
  }
}

absl::Status ModifiedConflict(const CallContext& ctx, std::string_view name) {
  return api::Conflict(ctx.definition->gr(), name,
                       "the object has been modified; please apply your changes to the latest version and try again");
}

Task<absl::Status> AwaitRevision(store::Store* store, store::Revision at) {
  if (store->current() >= at) co_return absl::OkStatus();
  const absl::Status waited = co_await store->WaitFor(at, absl::Seconds(3));
  if (absl::IsDeadlineExceeded(waited)) co_return api::TooLargeResourceVersion(at.value, store->current().value);
  co_return waited.ok() ? waited : CommitError(waited);
}

Task<absl::StatusOr<RegistryImpl::Current>> RegistryImpl::Read(const CallContext& ctx, const std::string& key) {
  auto entry = co_await store_.Get(key);
  if (!entry.ok()) co_return CommitError(entry.status());
  if (!entry->has_value() || !InView(ctx, (*entry)->value)) co_return api::NotFound(ctx.definition->gr(), ctx.name);
  Current current;
  current.entry = *std::move(*entry);
  auto object = storage::StoredObject::InVersion(*ctx.definition, current.entry.value, current.entry.modified).Decode();
  if (!object.ok()) co_return InternalOf(object.status());
  current.object = *std::move(object);
  co_return current;
}

Task<absl::Status> RegistryImpl::Mutate(CallContext& ctx, admission::Operation operation, json::Value* object,
                                        const json::Value* old, bool dry_run) {
  if (options_.admission == nullptr) co_return absl::OkStatus();
  admission::Attributes attributes{operation, ctx, object, old, dry_run};
  co_return co_await options_.admission->Mutate(attributes);
}

Task<absl::Status> RegistryImpl::Validate(CallContext& ctx, admission::Operation operation, json::Value* object,
                                          const json::Value* old, bool dry_run) {
  if (options_.admission == nullptr) co_return absl::OkStatus();
  admission::Attributes attributes{operation, ctx, object, old, dry_run};
  co_return co_await options_.admission->Validate(attributes);
}

}  // namespace atoll::registry
