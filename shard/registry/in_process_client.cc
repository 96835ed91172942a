#include "shard/registry/in_process_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/errors.h"
#include "common/base/status.h"

namespace atoll::registry {

namespace {

absl::StatusOr<json::Value> Decoded(absl::StatusOr<WriteResult> result) {
  if (!result.ok()) return std::move(result).status();
  return result->object.Decode();
}

}  // namespace

InProcessClient::InProcessClient(Registry* registry, const Resolver* resolver, Options options)
    : registry_(*registry), resolver_(*resolver), options_(std::move(options)) {}

absl::StatusOr<CallContext> InProcessClient::ContextFor(client::ObjectRef ref) const {
  CallContext ctx;
  ctx.user = options_.user;
  ctx.cluster.id = std::move(ref.cluster);
  ctx.definition = resolver_.Find(ctx.cluster, ref.gvr);
  if (ctx.definition == nullptr) return api::ResourceNotFound();
  ctx.ns = std::move(ref.ns);
  ctx.name = std::move(ref.name);
  ctx.subresource = std::move(ref.subresource);
  return ctx;
}

WriteOptions InProcessClient::Writing() const {
  WriteOptions options;
  options.field_manager = options_.field_manager;
  return options;
}

Task<absl::StatusOr<json::Value>> InProcessClient::Get(client::ObjectRef ref) {
  CO_ASSIGN_OR_RETURN(const CallContext ctx, ContextFor(std::move(ref)));
  CO_ASSIGN_OR_RETURN(const storage::StoredObject object, co_await registry_.Get(ctx));
  co_return object.Decode();
}

Task<absl::StatusOr<client::ListResult>> InProcessClient::List(client::ObjectRef ref, std::string label_selector) {
  ref.name.clear();
  CO_ASSIGN_OR_RETURN(const CallContext ctx, ContextFor(std::move(ref)));
  ListOptions options;
  options.label_selector = std::move(label_selector);
  CO_ASSIGN_OR_RETURN(std::unique_ptr<ListReader> reader, co_await registry_.List(ctx, std::move(options)));
  client::ListResult result;
  while (true) {
    CO_ASSIGN_OR_RETURN(const std::vector<storage::StoredObject> chunk, co_await reader->Next());
    if (chunk.empty()) break;
    for (const storage::StoredObject& object : chunk) {
      CO_ASSIGN_OR_RETURN(json::Value decoded, object.Decode());
      result.items.push_back(std::move(decoded));
    }
  }
  result.resource_version = absl::StrCat(reader->revision().value);
  co_return result;
}

Task<absl::StatusOr<json::Value>> InProcessClient::Create(client::ObjectRef ref, json::Value object) {
  CO_ASSIGN_OR_RETURN(CallContext ctx, ContextFor(std::move(ref)));
  co_return Decoded(co_await registry_.Create(ctx, std::move(object), Writing()));
}

Task<absl::StatusOr<json::Value>> InProcessClient::Update(client::ObjectRef ref, json::Value object) {
  CO_ASSIGN_OR_RETURN(CallContext ctx, ContextFor(std::move(ref)));
  co_return Decoded(co_await registry_.Update(ctx, std::move(object), Writing()));
}

Task<absl::StatusOr<json::Value>> InProcessClient::MergePatch(client::ObjectRef ref, json::Value patch) {
  CO_ASSIGN_OR_RETURN(CallContext ctx, ContextFor(std::move(ref)));
  co_return Decoded(co_await registry_.Patch(ctx, PatchType::kMerge, std::move(patch), Writing()));
}

Task<absl::StatusOr<json::Value>> InProcessClient::Apply(client::ObjectRef ref, std::string manager,
                                                         json::Value object) {
  CO_ASSIGN_OR_RETURN(CallContext ctx, ContextFor(std::move(ref)));
  WriteOptions options;
  options.field_manager = std::move(manager);
  options.force = true;
  co_return Decoded(co_await registry_.Patch(ctx, PatchType::kApply, std::move(object), std::move(options)));
}

Task<absl::Status> InProcessClient::Delete(client::ObjectRef ref, std::string uid, std::string propagation,
                                           std::string resource_version) {
  CO_ASSIGN_OR_RETURN(CallContext ctx, ContextFor(std::move(ref)));
  DeleteOptions options;
  if (!uid.empty()) options.uid = std::move(uid);
  if (!resource_version.empty()) options.resource_version = std::move(resource_version);
  options.propagation_policy = std::move(propagation);
  const auto deleted = co_await registry_.Delete(ctx, std::move(options));
  co_return deleted.status();
}

}  // namespace atoll::registry
