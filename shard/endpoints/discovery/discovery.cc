#include "shard/endpoints/discovery/discovery.h"

#include <optional>
#include <vector>

#include "common/api/errors.h"
#include "common/api/protobuf/codec.h"
#include "common/base/strings.h"
#include "shard/endpoints/discovery/etag.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/status_details.h"

namespace atoll::endpoints {
namespace {

constexpr std::string_view kAggregatedParameters = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

enum class Form : uint8_t { kPlain, kAggregated, kNone };

// The first form that the client wants and this server has; older versions of the aggregated one are skipped.
struct Wanted {
  Form form = Form::kPlain;
  Media media = Media::kJson;
};

Wanted WantedForm(const std::vector<AcceptClause>& clauses, bool plain) {
  if (clauses.empty()) return {};
  for (const AcceptClause& clause : clauses) {
    const std::optional<Media> media = MediaOf(clause.type);
    if (!media) continue;
    if (clause.Parameter("as").empty()) return {Form::kPlain, *media};
    if (!plain && clause.Parameter("as") == "APIGroupDiscoveryList" && clause.Parameter("g") == "apidiscovery.k8s.io" &&
        clause.Parameter("v") == "v2" && *media != Media::kYaml) {
      return {Form::kAggregated, *media};
    }
  }
  return {Form::kNone};
}

}  // namespace

Task<void> Discovery::Serve(Call& call) {
  const auto set = resolver_->All(call.cluster);
  const auto docs = cache_.Get(set, [this](const auto& s) {
    return std::make_shared<const DiscoveryDocuments>(BuildDiscovery(*s, server_address_));
  });
  const RequestInfo& info = call.info;
  if (info.version.empty() && info.group.empty()) co_return co_await ServeRoot(call, *docs);

  const std::string* found = nullptr;
  std::string none;
  if (info.version.empty()) {
    auto it = docs->group.find(info.group);
    if (it == docs->group.end()) co_return co_await SendPageNotFound(call);
    found = &it->second;
  } else {
    const std::string group_version = info.group.empty() ? info.version : Cat(info.group, "/", info.version);
    auto it = docs->resources.find(group_version);
    if (it == docs->resources.end() && resolver_->IsBuiltinGroup(info.group))
      co_return co_await SendError(call, WithEmptyDetails(api::ResourceNotFound()));
    if (it == docs->resources.end() && plain_) co_return co_await SendPageNotFound(call);
    if (it == docs->resources.end()) none = EmptyResourceList(group_version);
    found = it == docs->resources.end() ? &none : &it->second;
  }
  auto representation =
      Negotiate(call.request.headers, info.query, {.typed = resolver_->IsBuiltinGroup(info.group), .protobuf = true});
  if (!representation.ok()) co_return co_await SendError(call, representation.status());
  call.representation = *std::move(representation);
  call.representation.as = As::kObject;
  co_await SendJson(call, 200, *found);
}

Task<void> Discovery::ServeRoot(Call& call, const DiscoveryDocuments& docs) {
  const bool core = call.info.api_prefix == "api";
  const auto clauses = ParseAccept(call.request.headers.Get("accept"));
  const Wanted wanted = WantedForm(clauses, plain_);
  if (wanted.form == Form::kNone) co_return co_await SendError(call, NothingFits(clauses, {.typed = true}));
  if (wanted.form == Form::kPlain) {
    auto plain = Negotiate(call.request.headers, call.info.query, {.typed = true, .protobuf = true});
    if (plain.ok()) call.representation = *std::move(plain);
    call.representation.as = As::kObject;
    call.representation.media = wanted.media;
    co_return co_await SendJson(call, 200, core ? docs.core_versions : docs.groups);
  }
  const bool protobuf = wanted.media == Media::kProtobuf;
  const std::string& hash = core ? docs.aggregated_core_hash : docs.aggregated_groups_hash;
  http::Headers headers = CommonHeaders(call, Cat(ContentType(wanted.media), kAggregatedParameters));
  headers.Set("etag", Cat("\"", hash, "\""));
  headers.Set("vary", "Accept");
  headers.Set("cache-control", "public");
  if (MatchesETag(call.request.headers.Get("if-none-match"), hash)) {
    headers.Remove("content-type");
    co_return co_await SendBytes(call, 304, std::move(headers), "");
  }
  const std::string& json = core ? docs.aggregated_core : docs.aggregated_groups;
  co_await SendBytes(call, 200, std::move(headers), protobuf ? api::protobuf::EncodeObject(json).value_or("") : json);
}

}  // namespace atoll::endpoints
