#include "common/api/continue_token.h"
#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/registry/list_reader.h"
#include "shard/registry/object_watch.h"
#include "shard/registry/options_validation.h"
#include "shard/registry/registry_impl.h"
#include "shard/registry/scale.h"

namespace atoll::registry {

namespace {

constexpr std::string_view kTokenExpired =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue "
    "parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with "
    "the provided token "
    "results in an inconsistent list - objects that were created, modified, or deleted between the time the first "
    "chunk was returned "
    "and now may show up in the list.";

}  // namespace

Task<absl::StatusOr<storage::StoredObject>> RegistryImpl::Get(const CallContext& ctx, std::string resource_version) {
  const ResourceDefinition& d = *ctx.definition;
  if (ctx.cluster.wildcard) co_return api::MethodNotAllowed();
  const auto at = ParseResourceVersion(resource_version);
  if (!at.ok()) co_return api::RawError(ToStd(at.status().message()));
  if (at->value > 0) CO_RETURN_IF_ERROR(co_await AwaitRevision(&store_, *at));
  auto entry = co_await store_.Get(KeyOf(ctx, ctx.name));
  if (!entry.ok()) co_return CommitError(entry.status());
  if (!entry->has_value() || !InView(ctx, (*entry)->value)) co_return api::NotFound(d.gr(), ctx.name);
  auto object = storage::StoredObject::InVersion(d, std::move((*entry)->value), (*entry)->modified);
  if (d.scale == nullptr || ctx.subresource != kScale) co_return object;
  CO_ASSIGN_OR_RETURN(const json::Value decoded, object.Decode());
  CO_ASSIGN_OR_RETURN(json::Value scale, ScaleOf(d, decoded));
  co_return SentScale(std::move(scale), object.modified());
}

Task<absl::StatusOr<std::unique_ptr<ListReader>>> RegistryImpl::List(const CallContext& ctx, ListOptions options) {
  const ResourceDefinition& d = *ctx.definition;
  CO_RETURN_IF_ERROR(ValidateListOptions(options));
  ListPlan plan;
  plan.definition = ctx.definition;
  CO_ASSIGN_OR_RETURN(plan.selection, Selection::Parse(options.label_selector, options.field_selector, d, ctx.view));
  plan.scope = ScopeOf(ctx, plan.selection);
  plan.limit = options.limit > 0 ? static_cast<size_t>(options.limit) : 0;

  if (!options.continue_token.empty()) {
    if (!options.resource_version.empty() && options.resource_version != "0") {
      co_return api::BadRequest("specifying resource version is not allowed when using continue");
    }
    CO_ASSIGN_OR_RETURN(api::ContinueToken token, api::DecodeContinue(options.continue_token));
    CO_ASSIGN_OR_RETURN(plan.after, KeyAfter(d, plan.scope, token.start));
    if (token.revision < 0) {
      plan.view = store_.Snapshot();
    } else {
      auto view = store_.SnapshotAt({static_cast<uint64_t>(token.revision)});
      if (!view.ok()) {
        token.revision = -1;
        token.left = 0;
        co_return api::Expired(kTokenExpired, api::EncodeContinue(token));
      }
      plan.view = *std::move(view);
      plan.left = token.left;
    }
    co_return NewListReader(std::move(plan), &store_, options_.pool);
  }

  const auto at = ParseResourceVersion(options.resource_version);
  if (!at.ok()) co_return api::BadRequest(StrCat("invalid resource version: ", ToStd(at.status().message())));
  if (options.resource_version == "0") plan.limit = 0;  // as from a cache, which ignores it
  if (at->value > 0) {
    CO_RETURN_IF_ERROR(co_await AwaitRevision(&store_, *at));
    const bool exact =
        options.resource_version_match == "Exact" || (options.resource_version_match.empty() && plan.limit > 0);
    if (exact) {
      auto view = store_.SnapshotAt(*at);
      if (!view.ok()) co_return api::Expired("The resourceVersion for the provided list is too old.");
      plan.view = *std::move(view);
    }
  }
  if (plan.view == nullptr) plan.view = store_.Snapshot();
  co_return NewListReader(std::move(plan), &store_, options_.pool);
}

Task<absl::StatusOr<std::unique_ptr<ObjectWatch>>> RegistryImpl::Watch(const CallContext& ctx, ListOptions options) {
  const ResourceDefinition& d = *ctx.definition;
  DefaultWatchOptions(&options);
  CO_RETURN_IF_ERROR(ValidateWatchOptions(options));
  WatchPlan plan;
  plan.definition = ctx.definition;
  CO_ASSIGN_OR_RETURN(plan.selection, Selection::Parse(options.label_selector, options.field_selector, d, ctx.view));
  plan.scope = ScopeOf(ctx, plan.selection);
  const auto at = ParseResourceVersion(options.resource_version);
  if (!at.ok()) co_return api::RawError(ToStd(at.status().message()));
  plan.after = at->value > 0 ? *at : store_.current();
  plan.at_least = *at;
  plan.initial_events = options.send_initial_events.value_or(false);
  plan.mark_end = plan.initial_events && options.allow_bookmarks;
  co_return NewObjectWatch(std::move(plan), &store_, options_.pool);
}

}  // namespace atoll::registry
