#include "shard/endpoints/issuer.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/status_details.h"

namespace atoll::endpoints {
namespace {

constexpr char kConfigurationPath[] = "/.well-known/openid-configuration";
constexpr char kKeysPath[] = "/openid/v1/jwks";
constexpr std::string_view kJson = "application/json", kKeySet = "application/jwk-set+json";

bool MayPublish(std::string_view issuer) {
  return issuer.starts_with("https://") && issuer.find_first_of("?#") == std::string_view::npos;
}

json::Value List(std::set<std::string> words) {
  json::Array out;
  for (const std::string& word : words) out.emplace_back(word);
  return json::Value(std::move(out));
}

// Weights aside: a client that names a type at all takes it.
bool Accepts(const http::Headers& headers, std::string_view type) {
  bool named = false;
  for (std::string_view header : headers.GetAll("accept")) {
    for (absl::string_view range : absl::StrSplit(ToAbsl(header), ',')) {
      range = absl::StripAsciiWhitespace(range.substr(0, range.find(';')));
      if (range.empty()) continue;
      named = true;
      if (ToStd(range) == type || range == "*/*" || range == "application/*") return true;
    }
  }
  return !named;
}

}  // namespace

IssuerDiscovery::IssuerDiscovery(const Options& options) {
  if (!MayPublish(options.issuer)) return;
  std::set<std::string> algorithms;
  if (const json::Value* keys = options.jwks.Find("keys"); keys != nullptr && keys->is_array()) {
    for (const json::Value& key : keys->array()) algorithms.emplace(key.StringAt({"alg"}));
  }
  json::Object out;
  out.Append("issuer", options.issuer);
  out.Append("jwks_uri", options.jwks_uri);
  out.Append("response_types_supported", List({"id_token"}));
  out.Append("subject_types_supported", List({"public"}));
  out.Append("id_token_signing_alg_values_supported", List(std::move(algorithms)));
  configuration_ = json::Write(json::Value(std::move(out)));
  keys_ = json::Write(options.jwks);
}

Task<bool> IssuerDiscovery::Serve(Call& call) const {
  const bool configuration = call.info.path == kConfigurationPath;
  if (!published() || (!configuration && call.info.path != kKeysPath)) co_return false;
  if (call.request.method != "GET" && !call.head()) {
    co_await SendError(call, WithEmptyDetails(api::MethodNotAllowed()));
    co_return true;
  }
  const std::string_view type = configuration ? kJson : kKeySet;
  if (!Accepts(call.request.headers, type)) {
    co_await SendError(
        call, WithEmptyDetails(api::NotAcceptable(Cat("406: Not Acceptable\n\nAvailable representations: ", type))));
    co_return true;
  }
  http::Headers headers = CommonHeaders(call, type);
  headers.Set("cache-control", "public, max-age=3600");
  co_await SendBytes(call, 200, std::move(headers), configuration ? configuration_ : keys_);
  co_return true;
}

}  // namespace atoll::endpoints
