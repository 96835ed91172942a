#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/apply/type_view.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/registry/apply_patch.h"
#include "shard/registry/decode.h"
#include "shard/registry/metadata.h"
#include "shard/registry/patch.h"
#include "shard/registry/registry_impl.h"
#include "shard/registry/scale.h"
#include "shard/registry/strategic_merge.h"

namespace atoll::registry {

namespace {

absl::Status ApplyPatch(const ResourceDefinition& d, PatchType type, const json::Value& patch, json::Value* object) {
  switch (type) {
    case PatchType::kJson:
      return ApplyJsonPatch(patch, object);
    case PatchType::kMerge:
      return ApplyMergePatch(patch, object);
    case PatchType::kStrategicMerge:
      if (d.flavor == Flavor::kTyped) return ApplyStrategicMergePatch(d, patch, object);
      break;
    case PatchType::kApply:  // not a patch of a document: Apply below
      break;
  }
  return api::UnsupportedMediaType(
      "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
      "application/merge-patch+json, application/apply-patch+yaml");
}

}  // namespace

Task<absl::StatusOr<WriteResult>> RegistryImpl::Patch(CallContext& ctx, PatchType type, json::Value patch,
                                                      WriteOptions options) {
  const ResourceDefinition& d = *ctx.definition;
  if (ctx.cluster.wildcard) co_return api::MethodNotAllowed();
  const bool scale = d.scale != nullptr && ctx.subresource == kScale;
  if (type == PatchType::kApply && !scale) co_return co_await Apply(ctx, std::move(patch), std::move(options));
  if (options.force && type != PatchType::kApply) {
    co_return api::Invalid({"meta.k8s.io", "", "PatchOptions"}, "",
                           {api::FieldForbidden("force", "may not be specified for non-apply patch")});
  }
  if (scale) {
    co_return co_await UpdateScale(ctx, ScaleWrite{.patch = type, .body = std::move(patch)}, std::move(options));
  }
  const std::string name = ctx.name, key = KeyOf(ctx, name);
  const std::vector<std::string> unknown =
      type == PatchType::kJson ? UnknownOperationMembers(patch) : std::vector<std::string>();
  const std::string text = type == PatchType::kStrategicMerge ? apply::PrintGo(patch) : "";
  const size_t warnings = ctx.warnings.size();
  for (int attempt = 1; attempt <= kWriteAttemptsMax; ++attempt) {
    auto current = co_await Read(ctx, key);
    if (!current.ok()) co_return current.status();
    ctx.warnings.resize(warnings);  // of this attempt only
    json::Value object = current->object;
    CO_RETURN_IF_ERROR(ApplyPatch(d, type, patch, &object));
    const DecodeOptions decode{options.field_validation, options.duplicates, /*patched=*/true, unknown, text};
    CO_RETURN_IF_ERROR(DecodeObject(d, decode, &ctx.warnings, &object));
    CO_RETURN_IF_ERROR(ReconcileScope(ctx, name, &object));
    DedupOwnerReferences(&object, &ctx.warnings);
    auto tried = co_await TryUpdate(ctx, key, *current, std::move(object), options, Tracking::kUpdate);
    if (!tried.ok()) co_return tried.status();
    if (!tried->retry) co_return std::move(tried->result);
  }
  co_return ModifiedConflict(ctx, name);
}

Task<absl::StatusOr<WriteResult>> RegistryImpl::UpdateScale(CallContext& ctx, ScaleWrite write, WriteOptions options) {
  const ResourceDefinition& d = *ctx.definition;
  const std::string name = ctx.name, key = KeyOf(ctx, name);
  const bool apply = write.patch == PatchType::kApply;
  const size_t warnings = ctx.warnings.size();
  for (int attempt = 1; attempt <= kWriteAttemptsMax; ++attempt) {
    auto current = co_await Read(ctx, key);
    if (!current.ok()) co_return current.status();
    ctx.warnings.resize(warnings);  // of this attempt only
    json::Value object = current->object;
    if (apply) {
      CO_ASSIGN_OR_RETURN(const json::Value config, ScaleConfiguration(d, write.body));
      CO_ASSIGN_OR_RETURN(object, ApplyConfiguration(d, {options.field_manager, ctx.subresource, Now()},
                                                     &current->object, config, options.force));
    } else {
      json::Value scale = write.body;
      if (write.patch.has_value()) {
        CO_ASSIGN_OR_RETURN(scale, ScaleOf(d, object));
        CO_RETURN_IF_ERROR(ApplyPatch(d, *write.patch, write.body, &scale));
      }
      CO_RETURN_IF_ERROR(WriteScale(d, scale, &object));
    }
    auto tried =
        co_await TryUpdate(ctx, key, *current, std::move(object), options, apply ? Tracking::kDone : Tracking::kUpdate);
    if (!tried.ok()) co_return tried.status();
    if (tried->retry) continue;
    CO_ASSIGN_OR_RETURN(const json::Value written, tried->result.object.Decode());
    CO_ASSIGN_OR_RETURN(json::Value scale, ScaleOf(d, written));
    tried->result.object = SentScale(std::move(scale), tried->result.object.modified());
    co_return std::move(tried->result);
  }
  co_return ModifiedConflict(ctx, name);
}

Task<absl::StatusOr<WriteResult>> RegistryImpl::Apply(CallContext& ctx, json::Value config, WriteOptions options) {
  const ResourceDefinition& d = *ctx.definition;
  const std::string name = ctx.name, key = KeyOf(ctx, name);
  // What does not fit the type was refused before; what the schema prunes or defaults beyond that is no news.
  const DecodeOptions decode{WriteOptions::FieldValidation::kIgnore, {}, /*patched=*/true};
  const size_t warnings = ctx.warnings.size();
  for (int attempt = 1; attempt <= kWriteAttemptsMax; ++attempt) {
    auto current = co_await Read(ctx, key);
    const bool missing = api::IsNotFound(current.status());
    if (!current.ok() && (!missing || !ctx.subresource.empty())) co_return current.status();
    ctx.warnings.resize(warnings);  // of this attempt only
    auto object = ApplyConfiguration(d, {options.field_manager, ctx.subresource, Now()},
                                     missing ? nullptr : &current->object, config, options.force);
    if (!object.ok()) co_return object.status();
    if (const std::string uid(api::Uid(*object)); missing && !uid.empty()) {
      co_return api::Conflict(
          d.gr(), name,
          StrCat("uid mismatch: the provided object specified uid ", uid, ", and no existing object was found"));
    }
    CO_RETURN_IF_ERROR(DecodeObject(d, decode, &ctx.warnings, &*object));
    CO_RETURN_IF_ERROR(ReconcileScope(ctx, name, &*object));
    DedupOwnerReferences(&*object, &ctx.warnings);
    if (missing) {
      object->Remove({"metadata", "resourceVersion"});  // there is nothing it could be compared with
      if (ctx.authorize_create) CO_RETURN_IF_ERROR(co_await ctx.authorize_create());
      auto created = co_await CreateDecoded(ctx, *std::move(object), options, Tracking::kDone);
      if (!created.ok() && api::IsAlreadyExists(created.status())) continue;  // another one was faster: apply to it
      co_return created;
    }
    auto tried = co_await TryUpdate(ctx, key, *current, *std::move(object), options, Tracking::kDone);
    if (!tried.ok()) co_return tried.status();
    if (!tried->retry) co_return std::move(tried->result);
  }
  co_return ModifiedConflict(ctx, name);
}

}  // namespace atoll::registry
