#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/admission/plugin.h"
#include "shard/registry/decode.h"
#include "shard/registry/ledger.h"
#include "shard/registry/managed_fields.h"
#include "shard/registry/metadata.h"
#include "shard/registry/options_validation.h"
#include "shard/registry/registry_impl.h"
#include "shard/storage/owner_index.h"

namespace atoll::registry {

namespace {

using json::Value;

constexpr int kGenerateAttemptsMax = 8;
constexpr size_t kGeneratedPrefixMax = 58, kGeneratedSuffix = 5;
constexpr std::string_view kGenerateAlphabet = "bcdfghjklmnpqrstvwxz2456789";

void WipeSystemFields(json::Object* metadata) {
  for (std::string_view member :
       {"creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"}) {
    metadata->Erase(member);
  }
}

// The existing object answers; while it is being deleted the message says so.
absl::Status Exists(const CallContext& ctx, std::string_view name, const json::Value* existing) {
  const absl::Status status = api::AlreadyExists(ctx.definition->gr(), name);
  if (existing == nullptr || !api::IsDeleting(*existing)) return status;
  Value object = api::StatusObject(status);
  object.object().Set("message", StrCat("object is being deleted: ", object.StringAt({"message"})));
  return api::FromStatusObject(object, api::HttpCode(status));
}

}  // namespace

Task<absl::StatusOr<WriteResult>> RegistryImpl::Create(CallContext& ctx, Value object, WriteOptions options) {
  DecodeOptions decode{options.field_validation, std::move(options.duplicates)};
  CO_RETURN_IF_ERROR(DecodeObject(*ctx.definition, decode, &ctx.warnings, &object));
  co_return co_await CreateDecoded(ctx, std::move(object), options, Tracking::kUpdate);
}

Task<absl::StatusOr<WriteResult>> RegistryImpl::CreateDecoded(CallContext& ctx, Value object,
                                                              const WriteOptions& options, Tracking tracking) {
  const ResourceDefinition& d = *ctx.definition;
  const Strategy& strategy = *d.strategy;
  if (ctx.cluster.wildcard) co_return api::MethodNotAllowed();
  CO_RETURN_IF_ERROR(ReconcileScope(ctx, "", &object));
  if (d.terminating) {
    co_return api::Forbidden(d.gr(), api::Name(object),
                             "create not allowed while custom resource definition is terminating");
  }
  {
    json::Object& metadata = object.Find("metadata")->object();
    WipeSystemFields(&metadata);
    metadata.Set("creationTimestamp", api::FormatTime(Now()));
    metadata.Set("uid", options_.random->Uuid());
  }
  DedupOwnerReferences(&object, &ctx.warnings);
  if (tracking == Tracking::kUpdate) TrackUpdate(d, {options.field_manager, ctx.subresource, Now()}, nullptr, &object);
  CO_RETURN_IF_ERROR(co_await Mutate(ctx, admission::Operation::kCreate, &object, nullptr, options.dry_run));

  if (d.FindSubresource("status") != nullptr) {
    // A compiled-in type always has a status; it begins empty.
    if (Value* status = object.Find("status"); status != nullptr && d.flavor == Flavor::kTyped) {
      *status = Value::MakeObject();
    } else {
      object.object().Erase("status");
    }
  }
  const StrategyContext strategy_context = ContextFor(ctx);
  // A generated name is drawn anew when it is taken; one that the client gave is not.
  const std::string prefix(object.StringAt({"metadata", "generateName"}));
  const bool generated = api::Name(object).empty() && !prefix.empty();
  int recounts = 0;
  for (int attempt = 1;; ++attempt) {
    if (generated) {
      object.Ensure({"metadata"})
          .object()
          .Set("name", prefix.substr(0, kGeneratedPrefixMax) +
                           options_.random->Characters(kGeneratedSuffix, kGenerateAlphabet));
    }
    const std::string name(api::Name(object));
    ctx.name = name;
    strategy.PrepareForCreate(strategy_context, &object);
    if (d.has_generation) object.Ensure({"metadata"}).object().Set("generation", 1);
    if (attempt == 1) {
      api::FieldErrors errors = ValidateMetadata(d, object);
      for (auto& e : strategy.ValidateCreate(strategy_context, object)) errors.push_back(std::move(e));
      if (!errors.empty()) co_return api::Invalid(d.judged_gvk(), name, errors);
      if (d.flavor == Flavor::kCustom) WarnOfFinalizers(object, nullptr, &ctx.warnings);
    }
    CO_RETURN_IF_ERROR(co_await Validate(ctx, admission::Operation::kCreate, &object, nullptr, options.dry_run));
    const auto version = ParseResourceVersion(api::ResourceVersion(object));
    if (version.ok() && version->value != 0)
      co_return api::RawError("resourceVersion should not be set on objects to be created");

    std::vector<store::Op> charges;
    if (options_.ledger != nullptr) {
      CO_ASSIGN_OR_RETURN(charges, co_await options_.ledger->Charge(ctx, name, +1));
    }
    const std::string key = KeyOf(ctx, name);
    absl::Status lost;
    WriteResult result;
    result.created = true;
    if (options.dry_run) {
      const auto existing = co_await store_.Get(key);
      if (!existing.ok()) co_return CommitError(existing.status());
      if (!existing->has_value()) {
        result.object = storage::StoredObject(storage::EncodeObject(d, {}, std::move(object)), {});
        co_return result;
      }
      lost = absl::AlreadyExistsError("");
    } else {
      const bool may_try_again = generated || !charges.empty();
      store::Transaction txn;
      storage::IndexOwners(ctx.cluster.id, key, nullptr, &object, &txn);
      std::string value = may_try_again ? storage::EncodeForStore(d, ctx.cluster.id, object)
                                        : storage::EncodeForStore(d, ctx.cluster.id, std::move(object));
      txn.ops.push_back({store::Op::Kind::kPut, key, value, store::Precondition::Absent()});
      for (store::Op& op : charges) txn.ops.push_back(std::move(op));
      NoteExpiry(d, key, &txn);
      if (options_.ledger != nullptr) options_.ledger->WillCreate(ctx, name);
      const auto committed = co_await store_.Commit(std::move(txn));
      if (committed.ok()) {
        result.object = storage::StoredObject::InVersion(d, std::move(value), *committed);
        co_return result;
      }
      lost = committed.status();
    }
    if (store::FailedOp(lost) > 0) {  // another write was counted first: count again
      if (++recounts < kWriteAttemptsMax) continue;
      co_return ModifiedConflict(ctx, name);
    }
    if (!absl::IsAlreadyExists(lost)) co_return CommitError(lost);
    if (generated && attempt - recounts < kGenerateAttemptsMax) continue;
    if (generated) co_return api::GenerateNameConflict(d.gr(), name);
    const auto existing = co_await Read(ctx, key);
    co_return Exists(ctx, name, existing.ok() ? &existing->object : nullptr);
  }
}

}  // namespace atoll::registry
