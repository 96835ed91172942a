#include "shard/endpoints/discovery/discovery.h"

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "shard/endpoints/discovery/etag.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/status_details.h"

namespace atoll::endpoints {
namespace {

constexpr std::string_view kAggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

enum class Form : uint8_t { kPlain, kAggregated, kNone };

// The first form that the client wants and this server has; older versions of the aggregated one are skipped.
Form WantedForm(std::string_view accept) {
  auto clauses = ParseAccept(accept);
  if (clauses.empty()) return Form::kPlain;
  for (const AcceptClause& clause : clauses) {
    if (clause.type != "application/json" && clause.type != "*/*" && clause.type != "application/*" &&
        clause.type != "application/yaml") {
      continue;
    }
    if (clause.Parameter("as").empty()) return Form::kPlain;
    if (clause.Parameter("as") == "APIGroupDiscoveryList" && clause.Parameter("g") == "apidiscovery.k8s.io" &&
        clause.Parameter("v") == "v2") {
      return Form::kAggregated;
    }
  }
  return Form::kNone;
}

}  // namespace

Task<void> Discovery::Serve(Call& call) {
  const auto set = resolver_->All(call.cluster);
  const auto docs = cache_.Get(set, [this](const auto& s) {
    return std::make_shared<const DiscoveryDocuments>(BuildDiscovery(*s, server_address_));
  });
  const RequestInfo& info = call.info;
  if (info.version.empty() && info.group.empty()) co_return co_await ServeRoot(call, *docs);

  auto representation = Negotiate(call.request.headers, info.query, {});
  if (!representation.ok()) co_return co_await SendError(call, representation.status());
  call.representation = *std::move(representation);
  call.representation.as = As::kObject;
  if (info.version.empty()) {
    auto it = docs->group.find(info.group);
    if (it == docs->group.end()) co_return co_await SendPageNotFound(call);
    co_return co_await SendJson(call, 200, it->second);
  }
  const std::string group_version = info.group.empty() ? info.version : Cat(info.group, "/", info.version);
  auto it = docs->resources.find(group_version);
  if (it != docs->resources.end()) co_return co_await SendJson(call, 200, it->second);
  if (resolver_->IsBuiltinGroup(info.group))
    co_return co_await SendError(call, WithEmptyDetails(api::ResourceNotFound()));
  co_await SendJson(call, 200, EmptyResourceList(group_version));
}

Task<void> Discovery::ServeRoot(Call& call, const DiscoveryDocuments& docs) {
  const bool core = call.info.api_prefix == "api";
  switch (WantedForm(call.request.headers.Get("accept"))) {
    case Form::kNone:
      co_return co_await SendError(
          call, api::NotAcceptable("only the following media types are accepted: application/json, application/yaml, "
                                   "application/vnd.kubernetes.protobuf"));
    case Form::kPlain:
      call.representation = NegotiateStatus(call.request.headers, call.info.query);
      co_return co_await SendJson(call, 200, core ? docs.core_versions : docs.groups);
    case Form::kAggregated:
      break;
  }
  const std::string& hash = core ? docs.aggregated_core_hash : docs.aggregated_groups_hash;
  http::Headers headers = CommonHeaders(call, kAggregatedType);
  headers.Set("etag", Cat("\"", hash, "\""));
  headers.Set("vary", "Accept");
  headers.Set("cache-control", "public");
  if (MatchesETag(call.request.headers.Get("if-none-match"), hash)) {
    headers.Remove("content-type");
    co_return co_await SendBytes(call, 304, std::move(headers), "");
  }
  co_await SendBytes(call, 200, std::move(headers), core ? docs.aggregated_core : docs.aggregated_groups);
}

}  // namespace atoll::endpoints
