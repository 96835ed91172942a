#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/admission/plugin.h"
#include "shard/registry/decode.h"
#include "shard/registry/ledger.h"
#include "shard/registry/managed_fields.h"
#include "shard/registry/metadata.h"
#include "shard/registry/options_validation.h"
#include "shard/registry/registry_impl.h"
#include "shard/registry/scale.h"
#include "shard/storage/owner_index.h"

namespace atoll::registry {

namespace {

using json::Value;

// The key that Kubernetes' error prints.
std::string PrintedKey(const CallContext& ctx, std::string_view name) {
  const api::Gvr& gvr = ctx.definition->gvr;
  return StrCat("/registry/", gvr.group.empty() ? "core" : gvr.group, "/", gvr.resource, "/", ctx.cluster.id.name(),
                "/", ctx.definition->namespaced() ? ctx.ns + "/" : "", name);
}

absl::Status UidConflict(const CallContext& ctx, std::string_view name, std::string_view wanted,
                         std::string_view actual) {
  return api::Conflict(ctx.definition->gr(), name,
                       StrCat("StorageError: invalid object, Code: 4, Key: ", PrintedKey(ctx, name),
                              ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ",
                              wanted, ", UID in object meta: ", actual));
}

void Carry(std::string_view member, const Value& old, Value* object) {
  json::Object& metadata = object->Ensure({"metadata"}).object();
  if (const Value* v = old.At({"metadata", member}); v != nullptr) {
    metadata.Set(member, *v);
  } else {
    metadata.Erase(member);
  }
}

// What an update may not touch, whatever the type: status through the main resource, and everything else through
// "status".
void KeepSubresources(const CallContext& ctx, const Value& old, Value* object) {
  const ResourceDefinition& d = *ctx.definition;
  if (d.FindSubresource("status") == nullptr) return;
  if (ctx.subresource.empty()) {
    if (const Value* status = old.Find("status"); status != nullptr) {
      object->object().Set("status", *status);
    } else {
      object->object().Erase("status");
    }
  } else if (ctx.subresource == "status") {
    Value kept = old;
    if (Value* status = object->Find("status"); status != nullptr) {
      kept.object().Set("status", std::move(*status));
    } else {
      kept.object().Erase("status");
    }
    json::Object& sent = object->Ensure({"metadata"}).object();
    if (d.flavor == Flavor::kTyped) {
      kept.object().Set("metadata", Value(std::move(sent)));
    } else {
      json::Object& metadata = kept.Ensure({"metadata"}).object();
      metadata.Erase("managedFields");
      for (auto& [key, value] : sent) {
        if (key == "managedFields" || key == "resourceVersion") metadata.Set(key, std::move(value));
      }
    }
    *object = std::move(kept);
  }
}

void RestoreSystemFields(const ResourceDefinition& d, const Value& old, Value* object) {
  Carry("uid", old, object);
  Carry("creationTimestamp", old, object);
  Carry("generation", old, object);
  object->Remove({"metadata", "selfLink"});
  // When the object is being deleted the stored values win; else a client that sets them is told (validation).
  if (api::IsDeleting(old)) {
    Carry("deletionTimestamp", old, object);
    Carry("deletionGracePeriodSeconds", old, object);
  }
}

bool OwnersDiffer(const Value& old, const Value& object) {
  const Value *then = old.At({"metadata", "ownerReferences"}), *now = object.At({"metadata", "ownerReferences"});
  return (then == nullptr) != (now == nullptr) || (now != nullptr && !(*now == *then));
}

bool BumpsGeneration(const ResourceDefinition& d, const Value& object, const Value& old) {
  if (d.strategy->BumpsGeneration(object, old)) return true;
  // A custom resource without a status subresource has no status that is special.
  if (d.flavor != Flavor::kCustom || d.FindSubresource("status") != nullptr) return false;
  const Value *now = object.Find("status"), *then = old.Find("status");
  return (now == nullptr) != (then == nullptr) || (now != nullptr && !(*now == *then));
}

}  // namespace

Task<absl::StatusOr<WriteResult>> RegistryImpl::Update(CallContext& ctx, Value object, WriteOptions options) {
  const ResourceDefinition& d = *ctx.definition;
  if (ctx.cluster.wildcard) co_return api::MethodNotAllowed();
  if (d.scale != nullptr && ctx.subresource == kScale) {
    co_return co_await UpdateScale(ctx, ScaleWrite{.patch = {}, .body = std::move(object)}, std::move(options));
  }
  DecodeOptions decode{options.field_validation, std::move(options.duplicates)};
  CO_RETURN_IF_ERROR(DecodeObject(d, decode, &ctx.warnings, &object));
  CO_RETURN_IF_ERROR(ReconcileScope(ctx, ctx.name, &object));
  DedupOwnerReferences(&object, &ctx.warnings);
  const std::string name = ctx.name, key = KeyOf(ctx, name);
  for (int attempt = 1; attempt <= kWriteAttemptsMax; ++attempt) {
    auto current = co_await Read(ctx, key);
    if (api::IsNotFound(current.status()) && d.create_on_update && ctx.subresource.empty()) {
      if (const std::string uid(api::Uid(object)); !uid.empty()) co_return UidConflict(ctx, name, uid, "");
      if (ctx.authorize_create) CO_RETURN_IF_ERROR(co_await ctx.authorize_create());
      auto created = co_await CreateDecoded(ctx, object, options, Tracking::kUpdate);
      if (!created.ok() && api::IsAlreadyExists(created.status())) continue;  // another one was faster: update it
      co_return created;
    }
    if (!current.ok()) co_return current.status();
    auto tried = co_await TryUpdate(ctx, key, *current, object, options, Tracking::kUpdate);
    if (!tried.ok()) co_return tried.status();
    if (!tried->retry) co_return std::move(tried->result);
  }
  co_return ModifiedConflict(ctx, name);
}

Task<absl::StatusOr<RegistryImpl::Attempt>> RegistryImpl::TryUpdate(CallContext& ctx, const std::string& key,
                                                                    const Current& current, Value object,
                                                                    const WriteOptions& options, Tracking tracking) {
  const ResourceDefinition& d = *ctx.definition;
  const Strategy& strategy = *d.strategy;
  const Value& old = current.object;
  const std::string name = ctx.name;
  const store::Revision stored = current.entry.modified;

  if (const std::string_view uid = api::Uid(object); !uid.empty() && uid != api::Uid(old)) {
    co_return UidConflict(ctx, name, uid, api::Uid(old));
  }
  const std::string_view version_text = api::ResourceVersion(object);
  const auto version = ParseResourceVersion(version_text);
  if (!version.ok()) co_return api::RawError(GoParseUintError(version_text));
  if (version->value == 0 && !d.unconditional_update) {
    api::Gvk printed = d.gvk();
    printed.kind = d.gvr.resource;
    co_return api::Invalid(printed, name,
                           {api::FieldInvalid("metadata.resourceVersion", 0, "must be specified for an update")});
  }
  if (version->value != 0 && *version != stored) co_return ModifiedConflict(ctx, name);

  if (tracking == Tracking::kUpdate) TrackUpdate(d, {options.field_manager, ctx.subresource, Now()}, &old, &object);
  CO_RETURN_IF_ERROR(co_await Mutate(ctx, admission::Operation::kUpdate, &object, &old, options.dry_run));

  KeepSubresources(ctx, old, &object);
  RestoreSystemFields(d, old, &object);
  const StrategyContext strategy_context = ContextFor(ctx);
  strategy.PrepareForUpdate(strategy_context, &object, old);
  if (d.has_generation && ctx.subresource != "status" && BumpsGeneration(d, object, old)) {
    object.Ensure({"metadata"}).object().Set("generation", old.IntAt({"metadata", "generation"}) + 1);
  }
  object.Ensure({"metadata"})
      .object()
      .Set("resourceVersion", StrCat(stored.value));  // an unconditional update goes on as one of this state
  api::FieldErrors errors = ValidateMetadataUpdate(d, object, old);
  for (auto& e : strategy.ValidateUpdate(strategy_context, object, old)) errors.push_back(std::move(e));
  if (!errors.empty()) co_return api::Invalid(d.judged_gvk(), name, errors);
  if (ctx.view != nullptr && ctx.view->judge != nullptr) CO_RETURN_IF_ERROR(ctx.view->judge(old, object));
  if (d.flavor == Flavor::kCustom) WarnOfFinalizers(object, &old, &ctx.warnings);
  CO_RETURN_IF_ERROR(co_await Validate(ctx, admission::Operation::kUpdate, &object, &old, options.dry_run));

  Attempt attempt;
  // The last finalizer of a deleted object is gone: so is the object.
  if (api::IsDeleting(old) && api::Finalizers(object).empty() && !strategy.HoldsDeletion(object) &&
      old.IntAt({"metadata", "deletionGracePeriodSeconds"}) == 0) {
    attempt.result.deleted = true;
    attempt.result.object = storage::StoredObject(storage::EncodeObject(d, ctx.cluster.id, std::move(object)), stored);
    if (options.dry_run) co_return attempt;
    store::Transaction txn;
    storage::IndexOwners(ctx.cluster.id, key, &old, nullptr, &txn);
    txn.ops.push_back({store::Op::Kind::kDelete, key, "", store::Precondition::At(stored), true});
    if (options_.ledger != nullptr) {
      CO_ASSIGN_OR_RETURN(std::vector<store::Op> charges, co_await options_.ledger->Charge(ctx, name, -1));
      for (store::Op& op : charges) txn.ops.push_back(std::move(op));
    }
    const auto committed = co_await store_.Commit(std::move(txn));
    if (committed.ok()) co_return attempt;
    if (absl::IsAborted(committed.status()) || absl::IsNotFound(committed.status())) co_return Attempt{.retry = true};
    co_return CommitError(committed.status());
  }

  // Nothing changed, or only when managers last changed something: nothing is written.
  Value* managed = object.At({"metadata", "managedFields"});
  const Value* managed_before = old.At({"metadata", "managedFields"});
  if (managed != nullptr && managed_before != nullptr && !(*managed == *managed_before) &&
      SameButForTimes(managed, managed_before)) {
    Value now = std::exchange(*managed, *managed_before);
    if (storage::EncodeForStore(d, ctx.cluster.id, object) != current.entry.value) {
      *object.At({"metadata", "managedFields"}) = std::move(now);
    }
  }
  store::Transaction txn;
  storage::IndexOwners(ctx.cluster.id, key, &old, &object, &txn);
  const bool owners_differ = OwnersDiffer(old, object);
  std::string value = storage::EncodeForStore(d, ctx.cluster.id, std::move(object));
  if (value == current.entry.value || options.dry_run) {
    attempt.result.object = storage::StoredObject::InVersion(d, std::move(value), stored);
    co_return attempt;
  }
  const storage::StoredObject before(current.entry.value, stored), after(value, {});
  // The garbage collector must see which owners it no longer names, watchers what they selected it by.
  txn.ops.push_back({store::Op::Kind::kPut, key, value, store::Precondition::At(stored),
                     owners_differ || SelectionMayDiffer(d, before.RawJson(), after.RawJson())});
  NoteExpiry(d, key, &txn);
  const auto committed = co_await store_.Commit(std::move(txn));
  if (committed.ok()) {
    attempt.result.object = storage::StoredObject::InVersion(d, std::move(value), *committed);
    co_return attempt;
  }
  if (absl::IsAborted(committed.status()) || absl::IsNotFound(committed.status())) co_return Attempt{.retry = true};
  co_return CommitError(committed.status());
}

}  // namespace atoll::registry
