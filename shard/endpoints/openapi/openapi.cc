#include "shard/endpoints/openapi/openapi.h"

#include "absl/time/time.h"
#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/discovery/etag.h"
#include "shard/endpoints/openapi/documents.h"
#include "shard/endpoints/openapi/protobuf.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/status_details.h"

namespace atoll::endpoints {
namespace {

constexpr std::string_view kJsonType = "application/json";
// Before media types had to be well-formed.
constexpr std::string_view kOpenApiV2ProtobufAlias = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

// The media type to answer with; empty when the client takes none of ours.
std::string_view AcceptedType(std::string_view accept, bool protobuf) {
  auto clauses = ParseAccept(accept);
  if (clauses.empty()) return kJsonType;
  for (const AcceptClause& clause : clauses) {
    if (clause.type == kJsonType || clause.type == "*/*" || clause.type == "application/*") return kJsonType;
    if (protobuf && (clause.type == kOpenApiV2Protobuf || clause.type == kOpenApiV2ProtobufAlias))
      return kOpenApiV2Protobuf;
  }
  return "";
}

std::string HttpDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

}  // namespace

Task<bool> OpenApi::Serve(Call& call) {
  const std::string& path = call.info.path;
  if (path != "/openapi/v2" && path != "/openapi/v3" && !path.starts_with("/openapi/v3/")) co_return false;
  if (call.request.method != "GET" && !call.head()) {
    co_await SendError(call, WithEmptyDetails(api::MethodNotAllowed()));
    co_return true;
  }
  if (path == "/openapi/v2") {
    co_await ServeV2(call);
  } else if (path == "/openapi/v3" || path == "/openapi/v3/") {
    const auto set = resolver_->All(call.cluster);
    co_await Send(call, Index(*For(set), *set), std::string(kJsonType));  // whatever is accepted, as the reference does
  } else {
    co_await ServeV3(call, path.substr(std::string_view("/openapi/v3/").size()));
  }
  co_return true;
}

Task<void> OpenApi::ServeV2(Call& call) {
  const std::string type(AcceptedType(call.request.headers.Get("accept"), /*protobuf=*/true));
  if (type.empty()) co_return co_await SendBytes(call, 406, CommonHeaders(call, ""), "");
  const auto set = resolver_->All(call.cluster);
  const auto documents = For(set);
  co_await Send(call, type == kJsonType ? V2(*documents, *set) : V2Protobuf(*documents, *set), type);
}

Task<void> OpenApi::ServeV3(Call& call, std::string path) {
  if (AcceptedType(call.request.headers.Get("accept"), /*protobuf=*/false).empty())
    co_return co_await SendBytes(call, 406, CommonHeaders(call, ""), "");
  const auto set = resolver_->All(call.cluster);
  DocumentPtr document = V3(*For(set), *set, path);
  if (document == nullptr) co_return co_await SendPageNotFound(call);
  std::string_view asked = call.info.query.Get("hash");
  if (!asked.empty() && asked != document->hash) {
    http::Headers headers = CommonHeaders(call, "");
    headers.Set("location", Cat("/openapi/v3/", path, "?hash=", document->hash));
    co_return co_await SendBytes(call, 301, std::move(headers), "");
  }
  co_await Send(call, std::move(document), std::string(kJsonType));
}

Task<void> OpenApi::Send(Call& call, DocumentPtr document, std::string content_type) {
  http::Headers headers = CommonHeaders(call, content_type);
  headers.Set("etag", Cat("\"", document->hash, "\""));
  headers.Set("vary", "Accept");
  headers.Set("last-modified", HttpDate(document->built));
  if (!call.info.query.Get("hash").empty()) {
    headers.Set("cache-control", "public, immutable");
    headers.Set("expires", HttpDate(clock_->Now() + absl::Hours(24 * 365)));
  }
  if (MatchesETag(call.request.headers.Get("if-none-match"), document->hash)) {
    headers.Remove("content-type");
    co_return co_await SendBytes(call, 304, std::move(headers), "");
  }
  co_await SendBytes(call, 200, std::move(headers), document->body);
}

std::shared_ptr<OpenApi::Documents> OpenApi::For(const std::shared_ptr<const registry::Resolver::Set>& set) {
  return cache_.Get(set, [](const auto&) { return std::make_shared<Documents>(); });
}

OpenApi::DocumentPtr OpenApi::Finish(std::string body) const {
  std::string hash = HashOf(body);
  return std::make_shared<const Document>(Document{std::move(body), std::move(hash), clock_->Now()});
}

OpenApi::DocumentPtr OpenApi::V3(Documents& documents, const registry::Resolver::Set& set,
                                 const std::string& path) const {
  absl::MutexLock lock(&documents.mutex);
  if (auto it = documents.v3.find(path); it != documents.v3.end()) return it->second;
  const auto paths = GroupVersionPaths(set);
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) return nullptr;
  return documents.v3[path] = Finish(BuildOpenApiV3(*definitions_, set, path));
}

OpenApi::DocumentPtr OpenApi::Index(Documents& documents, const registry::Resolver::Set& set) const {
  {
    absl::MutexLock lock(&documents.mutex);
    if (documents.index != nullptr) return documents.index;
  }
  // The hashes need every document once.
  json::Object paths;
  for (const std::string& path : GroupVersionPaths(set)) {
    json::Object entry;
    entry.Append("serverRelativeURL", json::Value(Cat("/openapi/v3/", path, "?hash=", V3(documents, set, path)->hash)));
    paths.Append(path, json::Value(std::move(entry)));
  }
  json::Object index;
  index.Append("paths", json::Value(std::move(paths)));
  DocumentPtr built = Finish(json::Write(json::Value(std::move(index))));
  absl::MutexLock lock(&documents.mutex);
  return documents.index = std::move(built);
}

OpenApi::DocumentPtr OpenApi::V2(Documents& documents, const registry::Resolver::Set& set) const {
  absl::MutexLock lock(&documents.mutex);
  if (documents.v2 == nullptr) documents.v2 = Finish(json::Write(BuildOpenApiV2(*definitions_, set)));
  return documents.v2;
}

OpenApi::DocumentPtr OpenApi::V2Protobuf(Documents& documents, const registry::Resolver::Set& set) const {
  absl::MutexLock lock(&documents.mutex);
  if (documents.v2_protobuf == nullptr)
    documents.v2_protobuf = Finish(EncodeOpenApiV2(BuildOpenApiV2(*definitions_, set)));
  return documents.v2_protobuf;
}

}  // namespace atoll::endpoints
