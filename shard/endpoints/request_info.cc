#include "shard/endpoints/request_info.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/http/message.h"
#include "shard/endpoints/text.h"

namespace atoll::endpoints {
namespace {

constexpr std::string_view kClusterPrefix = "/clusters/";

// Moves `/clusters/<x>` from the path to `cluster`. Only the first one: a nested prefix stays and finds nothing.
void StripClusterPrefix(RequestInfo* info) {
  if (!info->path.starts_with(kClusterPrefix)) return;
  std::string_view after = std::string_view(info->path).substr(kClusterPrefix.size());
  size_t slash = after.find('/');
  info->has_cluster = true;
  info->cluster = std::string(after.substr(0, slash));
  info->path = slash == std::string_view::npos ? "/" : std::string(after.substr(slash));
}

std::string_view VerbOfMethod(std::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return "";
}

// The value of an exact `metadata.name` requirement in a field selector, or "". Escapes make a value that no name has,
// so they end the search.
std::string NameFromFieldSelector(std::string_view selector) {
  if ((selector.find('\\') != std::string_view::npos)) return "";
  for (std::string_view term : Split(selector, ',')) {
    if (!ConsumePrefix(&term, "metadata.name")) continue;
    if (!ConsumePrefix(&term, "==") && !ConsumePrefix(&term, "=")) continue;
    return std::string(term);
  }
  return "";
}

// `namespaces/<ns>/...`: the namespace, and what is left after it. The namespace object itself and its own subresources
// keep "namespaces" as their resource and have the namespace as well, so that a RoleBinding inside can grant access to
// it.
void TakeNamespace(std::vector<std::string_view>* parts, RequestInfo* info) {
  if (parts->size() < 2 || (*parts)[0] != "namespaces") return;
  info->ns = std::string((*parts)[1]);
  if (parts->size() > 2 && (*parts)[2] != "status" && (*parts)[2] != "finalize")
    parts->erase(parts->begin(), parts->begin() + 2);
}

void TakeResource(const std::vector<std::string_view>& parts, RequestInfo* info) {
  if (!parts.empty()) {
    auto split = SplitOnce(parts[0], ':');
    info->resource = std::string(split.first);
    info->identity = std::string(split.second);
  }
  if (parts.size() > 1) info->name = std::string(parts[1]);
  if (parts.size() > 2) info->subresource = std::string(parts[2]);
  for (size_t i = 3; i < parts.size(); ++i) info->rest.emplace_back(parts[i]);
}

// A `get` of a collection is a list or a watch, a `delete` of one is a deletecollection.
void RefineVerb(RequestInfo* info) {
  if (info->name.empty() && info->verb == "get") info->verb = info->query.Bool("watch") ? "watch" : "list";
  if (info->name.empty() && info->verb == "delete") info->verb = "deletecollection";
  if (info->name.empty() && (info->verb == "list" || info->verb == "watch")) {
    std::string name = NameFromFieldSelector(info->query.Get("fieldSelector"));
    std::string why;
    if (!name.empty() && IsPathSegmentName(name, &why)) info->name = std::move(name);
  }
}

}  // namespace

Query::Query(std::string_view raw) : parameters_(http::ParseQuery(raw)) {}

bool Query::Has(std::string_view key) const {
  return std::any_of(parameters_.begin(), parameters_.end(), [&](const auto& p) { return p.first == key; });
}

std::string_view Query::Get(std::string_view key) const {
  for (const auto& [k, v] : parameters_) {
    if (k == key) return v;
  }
  return "";
}

std::vector<std::string> Query::GetAll(std::string_view key) const {
  std::vector<std::string> values;
  for (const auto& [k, v] : parameters_) {
    if (k == key) values.push_back(v);
  }
  return values;
}

bool Query::Bool(std::string_view key) const {
  if (!Has(key)) return false;
  std::string_view v = Get(key);
  return v != "0" && Lower(v) != "false";
}

absl::StatusOr<RequestInfo> ParseRequestInfo(std::string_view method, std::string_view target) {
  RequestInfo info;
  auto split = SplitOnce(target, '?');
  if (!http::PercentDecode(split.first, /*plus_is_space=*/false, &info.path))
    return api::BadRequest("invalid URL escape in the path");
  if (info.path.empty() || info.path[0] != '/') info.path.insert(info.path.begin(), '/');
  info.query = Query(split.second);
  info.verb = Lower(method);
  StripClusterPrefix(&info);

  std::string_view trimmed = info.path;
  while (ConsumePrefix(&trimmed, "/")) {
  }
  while (ConsumeSuffix(&trimmed, "/")) {
  }
  std::vector<std::string_view> parts;
  if (!trimmed.empty()) parts = Split(trimmed, '/');
  if (parts.empty() || (parts[0] != "api" && parts[0] != "apis")) return info;

  const bool core = parts[0] == "api";
  info.api_prefix = std::string(parts[0]);
  const size_t head = core ? 2 : 3;  // prefix, group, version
  if (!core && parts.size() > 1) info.group = std::string(parts[1]);
  if (parts.size() >= head) info.version = std::string(parts[head - 1]);
  if (parts.size() <= head) return info;

  info.resource_request = true;
  parts.erase(parts.begin(), parts.begin() + static_cast<ptrdiff_t>(head));
  if (parts[0] == "watch" || parts[0] == "proxy") {
    if (parts.size() == 1) {
      return api::BadRequest(Cat("unable to determine kind and namespace from url, ", info.path));
    }
    info.verb = std::string(parts[0]);
    parts.erase(parts.begin());
  } else {
    info.verb = std::string(VerbOfMethod(method));
  }
  TakeNamespace(&parts, &info);
  TakeResource(parts, &info);
  RefineVerb(&info);
  return info;
}

bool IsPathSegmentName(std::string_view name, std::string* why) {
  std::vector<std::string_view> reasons;
  if (name == ".") reasons.push_back("may not be '.'");
  if (name == "..") reasons.push_back("may not be '..'");
  if ((name.find('/') != std::string_view::npos)) reasons.push_back("may not contain '/'");
  if ((name.find('%') != std::string_view::npos)) reasons.push_back("may not contain '%'");
  *why = StrJoin(reasons, ";");
  return reasons.empty();
}

}  // namespace atoll::endpoints
