#include "shard/endpoints/negotiate.h"

#include <algorithm>
#include <optional>

#include "common/api/errors.h"
#include "common/api/protobuf/codec.h"
#include "common/base/strings.h"
#include "shard/endpoints/status_details.h"
#include "shard/endpoints/text.h"

namespace atoll::endpoints {
namespace {

constexpr size_t kClausesMax = 64;
// Interactive tools get indented JSON.
bool WantsPretty(const http::Headers& headers, const Query& query) {
  if (query.Has("pretty")) return query.Bool("pretty");
  std::string_view agent = headers.Get("user-agent");
  return agent.starts_with("curl") || agent.starts_with("Wget") || agent.starts_with("Mozilla/5.0");
}

// The conversion a clause asks for; nullopt when there is no such conversion here.
std::optional<As> ConversionOf(const AcceptClause& clause, const Offer& offer) {
  std::string_view as = clause.Parameter("as");
  if (as.empty()) return As::kObject;
  if (clause.Parameter("g") != "meta.k8s.io") return std::nullopt;
  if (std::string_view v = clause.Parameter("v"); v != "v1" && v != "v1beta1") return std::nullopt;
  if (as == "Table") return As::kTable;
  if (as == "PartialObjectMetadata") return As::kPartialMetadata;
  if (as == "PartialObjectMetadataList" && !offer.stream) return As::kPartialMetadataList;
  return std::nullopt;
}

bool Satisfies(const AcceptClause& clause, const Offer& offer, Representation* out) {
  auto media = MediaOf(clause.type);
  if (!media) return false;
  if (offer.stream && *media == Media::kYaml) return false;
  if (std::string_view s = clause.Parameter("stream"); !s.empty() && s != "watch") return false;
  if (std::string_view sv = clause.Parameter("sv"); !sv.empty() && sv != "v1") return false;
  auto as = ConversionOf(clause, offer);
  if (!as) return false;
  if (*media == Media::kProtobuf && (*as == As::kTable || (*as == As::kObject && !offer.protobuf))) return false;
  out->media = *media;
  out->as = *as;
  if (*as != As::kObject) out->meta_version = std::string(clause.Parameter("v"));
  if (clause.Parameter("pretty") == "1") out->pretty = true;
  return true;
}

AcceptClause ParseClause(std::string_view text) {
  AcceptClause clause;
  bool first = true;
  for (std::string_view part : Split(text, ';')) {
    part = Trim(part);
    if (first) {
      clause.type = Lower(part);
      first = false;
      continue;
    }
    auto kv = SplitOnce(part, '=');
    std::string key = Lower(Trim(kv.first));
    std::string_view value = Trim(kv.second);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (key == "q") {
      if (!ParseNumber(value, &clause.q) || !(clause.q >= 0 && clause.q <= 1)) clause.q = 1;
    } else {
      clause.parameters.emplace_back(std::move(key), std::string(value));
    }
  }
  return clause;
}

}  // namespace

std::optional<Media> MediaOf(std::string_view type) {
  if (type == "application/json" || type == "*/*" || type == "application/*") return Media::kJson;
  if (type == "application/yaml") return Media::kYaml;
  if (type == api::protobuf::kMediaType) return Media::kProtobuf;
  return std::nullopt;
}

absl::Status NothingFits(const std::vector<AcceptClause>& clauses, const Offer& offer) {
  // A type that the reference's router knows reaches its negotiator, which has other words than the router.
  bool known =
      std::any_of(clauses.begin(), clauses.end(), [](const AcceptClause& c) { return MediaOf(c.type).has_value(); });
  if (offer.stream && known) {
    return api::NotAcceptable(
        "only the following media types are accepted: application/json;stream=watch, "
        "application/vnd.kubernetes.protobuf;stream=watch");
  }
  if (offer.typed && !known) {
    const bool watchable = offer.list || offer.stream;
    return WithEmptyDetails(
        api::NotAcceptable(Cat("406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, ",
                               api::protobuf::kMediaType,
                               watchable ? Cat(", application/json;stream=watch, ", kProtobufWatch) : std::string())));
  }
  return api::NotAcceptable(
      "only the following media types are accepted: application/json, application/yaml, "
      "application/vnd.kubernetes.protobuf");
}

std::string_view ContentType(Media media) {
  switch (media) {
    case Media::kYaml:
      return "application/yaml";
    case Media::kProtobuf:
      return api::protobuf::kMediaType;
    case Media::kJson:
      break;
  }
  return "application/json";
}

std::string_view AcceptClause::Parameter(std::string_view name) const {
  for (const auto& [k, v] : parameters) {
    if (k == name) return v;
  }
  return "";
}

std::vector<AcceptClause> ParseAccept(std::string_view accept) {
  std::vector<AcceptClause> clauses;
  for (std::string_view part : Split(accept, ',')) {
    if (Trim(part).empty()) continue;
    clauses.push_back(ParseClause(part));
    if (clauses.size() == kClausesMax) break;
  }
  std::stable_sort(clauses.begin(), clauses.end(),
                   [](const AcceptClause& a, const AcceptClause& b) { return a.q > b.q; });
  return clauses;
}

absl::StatusOr<Representation> Negotiate(const http::Headers& headers, const Query& query, const Offer& offer) {
  Representation representation;
  representation.pretty = WantsPretty(headers, query);
  std::string_view accept = headers.Get("accept");
  if (accept.empty() || accept == "application/json" || accept == "*/*") return representation;  // nearly every request
  auto clauses = ParseAccept(accept);
  if (clauses.empty()) return representation;
  for (const AcceptClause& clause : clauses) {
    if (!Satisfies(clause, offer, &representation)) continue;
    if (query.Has("pretty")) representation.pretty = query.Bool("pretty");
    return representation;
  }
  return NothingFits(clauses, offer);
}

bool AcceptsGzip(const http::Headers& headers) {
  std::string_view accepted = headers.Get("accept-encoding");
  if (accepted == "gzip") return true;  // nearly every request
  for (const AcceptClause& coding : ParseAccept(accepted)) {
    if (coding.type == "gzip") return coding.q > 0;
  }
  return false;
}

Representation NegotiateStatus(const http::Headers& headers, const Query& query) {
  auto clauses = ParseAccept(headers.Get("accept"));
  for (AcceptClause& clause : clauses) {
    Representation representation;
    representation.pretty = WantsPretty(headers, query);
    if (clause.Parameter("as").empty() && Satisfies(clause, {.protobuf = true}, &representation)) return representation;
  }
  Representation fallback;
  fallback.pretty = !clauses.empty() || WantsPretty(headers, query);
  return fallback;
}

}  // namespace atoll::endpoints
