#include "shard/endpoints/serve.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/base/check.h"
#include "common/base/strings.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/status_details.h"

namespace atoll::endpoints {
namespace {

bool Contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// NUL ends the parts of a key in the store: no object and no namespace has it in its name.
bool HasNul(std::string_view s) { return s.find('\0') != std::string_view::npos; }

bool IsCollectionRead(const RequestInfo& info) { return info.verb == "list" || info.verb == "watch"; }

}  // namespace

ApiServer::ApiServer(Options options)
    : options_(options),
      backend_{.registry = options.registry,
               .clock = options.clock,
               .watches = &watches_,
               .watch_metrics = options.watch_metrics,
               .watch_timeout_min = options.watch_timeout_min},
      discovery_(options.resolver, options.server_address, options.plain_discovery),
      openapi_(options.resolver, options.definitions, options.clock) {
  CHECK(options.definitions != nullptr);
}

Task<bool> ApiServer::Serve(Call& call) {
  const RequestInfo& info = call.info;
  if (info.resource_request) {
    co_await ServeResource(call);
    co_return true;
  }
  if (info.path == "/openapi" || info.path.starts_with("/openapi/")) {
    const bool served = co_await openapi_.Serve(call);
    co_return served;
  }
  if (info.api_prefix.empty()) co_return false;
  if (call.request.method != "GET" && !call.head()) {
    co_await SendError(call, WithEmptyDetails(api::MethodNotAllowed()));
    co_return true;
  }
  co_await discovery_.Serve(call);
  co_return true;
}

absl::StatusOr<registry::DefinitionPtr> ApiServer::Route(const Call& call) const {
  const RequestInfo& info = call.info;
  // A bound type across all clusters is told apart by its export's identity, which stays part of the resource's name
  // for the resolver.
  const std::string resource =
      call.cluster.wildcard && !info.identity.empty() ? Cat(info.resource, ":", info.identity) : info.resource;
  registry::DefinitionPtr definition = options_.resolver->Find(call.cluster, {info.group, info.version, resource});
  if (definition == nullptr) {
    if (options_.resolver->IsBuiltinGroup(info.group)) return WithEmptyDetails(api::ResourceNotFound());
    return registry::DefinitionPtr();
  }
  if (definition->metadata_only &&
      call.request.headers.Get("accept").find("as=PartialObjectMetadata") == std::string_view::npos) {
    return WithEmptyDetails(api::ResourceNotFound());
  }
  const bool typed = definition->flavor == registry::Flavor::kTyped;
  if (call.cluster.wildcard && !IsCollectionRead(info)) {
    return WithMessageSuffix(api::MethodNotSupported(definition->gr(), info.verb), " in the `*` logical cluster");
  }
  if (HasNul(info.ns)) return api::NotFound({"", "namespaces"}, info.ns);
  if (HasNul(info.name)) return api::NotFound(definition->gr(), info.name);
  // `namespaces/a/namespaces/b` is no path: rights within `a` would open `b`.
  if (info.resource == "namespaces" && info.group.empty() && !info.ns.empty() && info.ns != info.name)
    return WithEmptyDetails(api::ResourceNotFound());
  const bool in_namespace = !info.ns.empty() && !(info.resource == "namespaces" && info.group.empty());
  if (in_namespace && !definition->namespaced()) {
    if (typed) return WithEmptyDetails(api::ResourceNotFound());
    return registry::DefinitionPtr();
  }
  if (!in_namespace && definition->namespaced() && !IsCollectionRead(info)) {
    if (!typed) return registry::DefinitionPtr();
    // The collection over all namespaces is there, to be read.
    return WithEmptyDetails(info.name.empty() ? api::MethodNotAllowed() : api::ResourceNotFound());
  }
  if (!info.subresource.empty() && definition->FindSubresource(info.subresource) == nullptr) {
    if (typed) return WithEmptyDetails(api::ResourceNotFound());
    return api::NotFound(definition->gr(), info.name);
  }
  std::string why;
  if (!info.name.empty() && !IsPathSegmentName(info.name, &why)) {
    return api::BadRequest(Cat("Name parameter invalid: ", api::GoQuote(info.name), ": ", why));
  }
  return definition;
}

absl::Status ApiServer::CheckMethod(const Call& call, const registry::ResourceDefinition& definition,
                                    bool connectable) const {
  const RequestInfo& info = call.info;
  const bool typed = definition.flavor == registry::Flavor::kTyped;
  const registry::Subresource* sub = info.subresource.empty() ? nullptr : definition.FindSubresource(info.subresource);
  bool allowed = Contains(sub != nullptr ? sub->verbs : definition.verbs, info.verb);
  if (info.verb == "create" && sub == nullptr && !info.name.empty()) allowed = false;         // POST to an object
  if (info.name.empty() && (info.verb == "update" || info.verb == "patch")) allowed = false;  // of a collection
  if (call.head() && typed) allowed = false;                                                  // no such route
  if (!definition.storable && !connectable) allowed = false;
  if (allowed) return absl::OkStatus();
  if (typed) return WithEmptyDetails(api::MethodNotAllowed());
  return api::MethodNotSupported(definition.gr(), info.verb);
}

Task<void> ApiServer::ServeResource(Call& call) {
  auto routed = Route(call);
  if (!routed.ok()) co_return co_await SendError(call, routed.status());
  if (*routed == nullptr) co_return co_await SendPageNotFound(call);
  call.definition = *std::move(routed);
  const registry::ResourceDefinition& definition = *call.definition;
  if (!definition.deprecation_warning.empty()) call.warnings.push_back(definition.deprecation_warning);

  const std::string& verb = call.info.verb;
  registry::Connector* connector =
      options_.connectors == nullptr ? nullptr : options_.connectors->Find(definition.gr(), call.info.subresource);
  if (absl::Status s = CheckMethod(call, definition, connector != nullptr); !s.ok())
    co_return co_await SendError(call, std::move(s));
  if (connector != nullptr && (verb == "create" || verb == "update"))
    co_return co_await Connect(call, backend_, *connector);
  if (verb == "get") co_return co_await Get(call, backend_);
  if (verb == "list") co_return co_await List(call, backend_);
  if (verb == "watch") co_return co_await Watch(call, backend_);
  if (verb == "create") co_return co_await Create(call, backend_);
  if (verb == "update") co_return co_await Update(call, backend_);
  if (verb == "patch") co_return co_await Patch(call, backend_);
  if (verb == "delete") co_return co_await Delete(call, backend_);
  if (verb == "deletecollection") co_return co_await DeleteCollection(call, backend_);
  co_await SendError(call, WithEmptyDetails(api::MethodNotAllowed()));
}

}  // namespace atoll::endpoints
