#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/admission/plugin.h"
#include "shard/registry/ledger.h"
#include "shard/registry/options_validation.h"
#include "shard/registry/propagation.h"
#include "shard/registry/registry_impl.h"
#include "shard/storage/owner_index.h"

namespace atoll::registry {

namespace {

using json::Value;

constexpr int64_t kCollectionPage = 10'000;

// Namespaces judge preconditions in words of their own.
absl::Status CheckMarkedFirstPreconditions(const CallContext& ctx, std::string_view name, const DeleteOptions& options,
                                           const Value& object) {
  const auto refuse = [&](std::string_view what, std::string_view wanted, std::string_view actual) {
    return api::Conflict(
        ctx.definition->gr(), name,
        StrCat("Precondition failed: ", what, " in precondition: ", wanted, ", ", what, " in object meta: ", actual));
  };
  if (options.uid.has_value() && *options.uid != api::Uid(object)) return refuse("UID", *options.uid, api::Uid(object));
  if (options.resource_version.has_value() && *options.resource_version != api::ResourceVersion(object))
    return refuse("ResourceVersion", *options.resource_version, api::ResourceVersion(object));
  return absl::OkStatus();
}

absl::Status CheckPreconditions(const CallContext& ctx, std::string_view name, const DeleteOptions& options,
                                const Value& object) {
  if (ctx.definition->strategy->IsMarkedFirst()) return CheckMarkedFirstPreconditions(ctx, name, options, object);
  // Kubernetes names the kind here, not the resource.
  const api::GroupResource printed{ctx.definition->gvr.group, ctx.definition->kind};
  if (options.uid.has_value() && *options.uid != api::Uid(object)) {
    return api::Conflict(printed, name,
                         StrCat("the UID in the precondition (", *options.uid, ") does not match the UID in record (",
                                api::Uid(object), "). The object might have been deleted and then recreated"));
  }
  if (options.resource_version.has_value() && *options.resource_version != api::ResourceVersion(object)) {
    return api::Conflict(printed, name,
                         StrCat("the ResourceVersion in the precondition (", *options.resource_version,
                                ") does not match the ResourceVersion in record (", api::ResourceVersion(object),
                                "). The object might have been modified"));
  }
  return absl::OkStatus();
}

void SetFinalizers(const std::vector<std::string>& finalizers, Value* object) {
  if (finalizers.empty()) {
    object->Remove({"metadata", "finalizers"});
    return;
  }
  json::Array list;
  for (const std::string& f : finalizers) list.emplace_back(f);
  object->Ensure({"metadata"}).object().Set("finalizers", Value(std::move(list)));
}

}  // namespace

Task<absl::StatusOr<DeleteResult>> RegistryImpl::Delete(CallContext& ctx, DeleteOptions options) {
  const ResourceDefinition& d = *ctx.definition;
  if (ctx.cluster.wildcard) co_return api::MethodNotAllowed();
  CO_RETURN_IF_ERROR(ValidateDeleteOptions(options));
  const std::string name = ctx.name, key = KeyOf(ctx, name);
  for (int attempt = 1; attempt <= kWriteAttemptsMax; ++attempt) {
    auto current = co_await Read(ctx, key);
    if (!current.ok()) co_return current.status();
    Value& object = current->object;
    const store::Revision stored = current->entry.modified;
    CO_RETURN_IF_ERROR(CheckPreconditions(ctx, name, options, object));
    CO_RETURN_IF_ERROR(co_await Validate(ctx, admission::Operation::kDelete, nullptr, &object, options.dry_run));

    DeleteResult result;
    result.uid = std::string(api::Uid(object));
    const bool deleting = api::IsDeleting(object), held_by_type = d.strategy->HoldsDeletion(object);
    const std::vector<std::string> finalizers = FinalizersAfterDelete(d, object, options);
    const bool held = !finalizers.empty() || held_by_type || (d.strategy->IsMarkedFirst() && !deleting);
    const bool same = finalizers == api::Finalizers(object);
    if (deleting && held && (same || held_by_type)) {
      result.object = storage::StoredObject::InVersion(d, std::move(current->entry.value), stored);
      co_return result;
    }
    store::Op op{held ? store::Op::Kind::kPut : store::Op::Kind::kDelete, key, "", store::Precondition::At(stored),
                 /*keep_previous=*/true};  // a view may show only what is being deleted
    storage::StoredObject answer = storage::StoredObject::InVersion(d, current->entry.value, stored);
    store::Transaction txn;
    if (!held) storage::IndexOwners(ctx.cluster.id, key, &object, nullptr, &txn);
    if (held) {
      SetFinalizers(finalizers, &object);
      if (!deleting) {
        json::Object& metadata = object.Ensure({"metadata"}).object();
        metadata.Set("deletionTimestamp", api::FormatTime(Now()));
        metadata.Set("deletionGracePeriodSeconds", 0);
        const int64_t generation = object.IntAt({"metadata", "generation"});
        if (generation > 0 && !d.strategy->IsMarkedFirst()) metadata.Set("generation", generation + 1);
        d.strategy->PrepareForDelete(&object);
      }
      op.value = storage::EncodeForStore(d, ctx.cluster.id, std::move(object));
      answer = storage::StoredObject::InVersion(d, op.value, stored);
    }
    store::Revision revision = stored;
    if (!options.dry_run) {
      txn.ops.push_back(std::move(op));
      if (!held && options_.ledger != nullptr) {
        CO_ASSIGN_OR_RETURN(std::vector<store::Op> charges, co_await options_.ledger->Charge(ctx, name, -1));
        for (store::Op& charge : charges) txn.ops.push_back(std::move(charge));
      }
      const auto committed = co_await store_.Commit(std::move(txn));
      if (!committed.ok()) {
        if (absl::IsAborted(committed.status()) || absl::IsNotFound(committed.status())) continue;  // read again
        co_return CommitError(committed.status());
      }
      revision = *committed;
    }
    if (held || d.returns_deleted_object) result.object = storage::StoredObject(answer.value(), revision);
    co_return result;
  }
  co_return ModifiedConflict(ctx, name);
}

Task<absl::StatusOr<std::vector<storage::StoredObject>>> RegistryImpl::DeleteCollection(CallContext& ctx,
                                                                                        ListOptions list,
                                                                                        DeleteOptions options) {
  if (ctx.cluster.wildcard) co_return api::MethodNotAllowed();
  CO_RETURN_IF_ERROR(ValidateDeleteOptions(options));
  const bool all_pages = list.limit == 0;
  if (all_pages) list.limit = kCollectionPage;
  std::vector<storage::StoredObject> listed;
  do {
    CO_ASSIGN_OR_RETURN(std::unique_ptr<ListReader> reader, co_await List(ctx, list));
    while (true) {
      CO_ASSIGN_OR_RETURN(std::vector<storage::StoredObject> chunk, co_await reader->Next());
      if (chunk.empty()) break;
      for (storage::StoredObject& object : chunk) listed.push_back(std::move(object));
    }
    list.continue_token = reader->continue_token();
    list.resource_version.clear();
    list.resource_version_match.clear();
  } while (all_pages && !list.continue_token.empty());
  for (const storage::StoredObject& object : listed) {
    const auto decoded = object.Decode();
    if (!decoded.ok()) co_return InternalOf(decoded.status());
    CallContext one = ctx;
    one.name = std::string(api::Name(*decoded));
    one.ns = std::string(api::Namespace(*decoded));
    const auto deleted = co_await Delete(one, options);
    if (!deleted.ok() && !api::IsNotFound(deleted.status())) co_return deleted.status();
  }
  co_return listed;
}

}  // namespace atoll::registry
