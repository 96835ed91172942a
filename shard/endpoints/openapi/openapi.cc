#include "shard/endpoints/openapi/openapi.h"

#include "absl/time/time.h"
#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/discovery/etag.h"
#include "shard/endpoints/openapi/documents.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/status_details.h"

namespace atoll::endpoints {
namespace {

// The media type to answer with; empty when the client takes none of ours (protobuf only).
std::string AcceptedType(std::string_view accept) {
  auto clauses = ParseAccept(accept);
  if (clauses.empty()) return "application/json";
  for (const AcceptClause& clause : clauses) {
    if (clause.type == "application/json" || clause.type == "*/*" || clause.type == "application/*")
      return "application/json";
  }
  return "";
}

}  // namespace

Task<bool> OpenApi::Serve(Call& call) {
  const std::string& path = call.info.path;
  if (path != "/openapi/v2" && path != "/openapi/v3" && !path.starts_with("/openapi/v3/")) co_return false;
  if (call.request.method != "GET" && !call.head()) {
    co_await SendError(call, WithEmptyDetails(api::MethodNotAllowed()));
    co_return true;
  }
  std::string type = AcceptedType(call.request.headers.Get("accept"));
  if (type.empty()) {
    co_await SendBytes(call, 406, CommonHeaders(call, ""), "");
    co_return true;
  }
  const auto set = resolver_->All(call.cluster);
  if (path == "/openapi/v2") {
    co_await Send(call, V2(*For(set), *set), std::move(type));
  } else if (path == "/openapi/v3" || path == "/openapi/v3/") {
    co_await Send(call, Index(*For(set), *set), std::move(type));
  } else {
    co_await ServeV3(call, path.substr(std::string_view("/openapi/v3/").size()));
  }
  co_return true;
}

Task<void> OpenApi::ServeV3(Call& call, std::string path) {
  const auto set = resolver_->All(call.cluster);
  DocumentPtr document = V3(*For(set), *set, path);
  if (document == nullptr) co_return co_await SendPageNotFound(call);
  std::string_view asked = call.info.query.Get("hash");
  if (!asked.empty() && asked != document->hash) {
    http::Headers headers = CommonHeaders(call, "");
    headers.Set("location", Cat("/openapi/v3/", path, "?hash=", document->hash));
    co_return co_await SendBytes(call, 301, std::move(headers), "");
  }
  co_await Send(call, std::move(document), "application/json");
}

Task<void> OpenApi::Send(Call& call, DocumentPtr document, std::string content_type) {
  http::Headers headers = CommonHeaders(call, content_type);
  headers.Set("etag", Cat("\"", document->hash, "\""));
  headers.Set("vary", "Accept");
  if (!call.info.query.Get("hash").empty()) {
    headers.Set("cache-control", "public, immutable");
    headers.Set("expires", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", clock_->Now() + absl::Hours(24 * 365),
                                            absl::UTCTimeZone()));
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

OpenApi::DocumentPtr OpenApi::V3(Documents& documents, const registry::Resolver::Set& set, const std::string& path) {
  absl::MutexLock lock(&documents.mutex);
  if (auto it = documents.v3.find(path); it != documents.v3.end()) return it->second;
  const auto paths = GroupVersionPaths(set);
  if (std::find(paths.begin(), paths.end(), path) == paths.end()) return nullptr;
  std::string body = BuildOpenApiV3(set, path);
  std::string hash = HashOf(body);
  return documents.v3[path] = std::make_shared<const Document>(Document{std::move(body), std::move(hash)});
}

OpenApi::DocumentPtr OpenApi::Index(Documents& documents, const registry::Resolver::Set& set) {
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
  std::string body = json::Write(json::Value(std::move(index)));
  std::string hash = HashOf(body);
  absl::MutexLock lock(&documents.mutex);
  return documents.index = std::make_shared<const Document>(Document{std::move(body), std::move(hash)});
}

OpenApi::DocumentPtr OpenApi::V2(Documents& documents, const registry::Resolver::Set& set) {
  absl::MutexLock lock(&documents.mutex);
  if (documents.v2 != nullptr) return documents.v2;
  std::string body = BuildOpenApiV2(set);
  std::string hash = HashOf(body);
  return documents.v2 = std::make_shared<const Document>(Document{std::move(body), std::move(hash)});
}

}  // namespace atoll::endpoints
