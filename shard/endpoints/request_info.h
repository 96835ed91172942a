// RequestInfo: what a request asks for, from its method and URL alone (spec/api-machinery.md 1.1, spec/tenancy.md 1.2).
//
//   /clusters/<cluster> /api  /v1               [/watch] [/namespaces/<ns>] /<resource>[:<identity>] [/<name>
//   [/<subresource>]]
//   `---- optional ---' /apis /<group>/<version> ...
//
// Pure: no look-ups, no I/O. Everything else on the request's way reads the URL through this.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace atoll::endpoints {

// Query parameters in order, decoded. Unknown ones are ignored by whoever reads them.
class Query {
 public:
  Query() = default;
  explicit Query(std::string_view raw);

  bool Has(std::string_view key) const;
  // The first value, or "".
  std::string_view Get(std::string_view key) const;
  std::vector<std::string> GetAll(std::string_view key) const;
  // Absent, `false` and `0` are false; anything else is true, an empty value too.
  bool Bool(std::string_view key) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

struct RequestInfo {
  // The cluster as it stands in the URL: an id, a path or `*`; empty without a prefix. Not resolved.
  bool has_cluster = false;
  std::string cluster;
  std::string path;  // decoded, without the cluster prefix; begins with '/'
  Query query;

  bool resource_request = false;
  std::string verb;  // RBAC's word; for non-resource requests the lower-case method; "" for a method without meaning
  std::string api_prefix;  // "api" or "apis", also for discovery paths
  std::string group, version, ns, resource, identity, name, subresource;
  // What follows a subresource, uninterpreted.
  std::vector<std::string> rest;

  bool wildcard() const { return cluster == "*"; }
  bool mutating() const {
    return verb != "get" && verb != "list" && verb != "watch" && verb != "head" && verb != "options";
  }
};

// Errors: BadRequest for a URL that names no kind after `watch` or `proxy`, or whose path has a malformed escape.
absl::StatusOr<RequestInfo> ParseRequestInfo(std::string_view method, std::string_view target);

// True when `name` may stand in a URL as an object's name. `why` receives the reasons, joined with ';'.
bool IsPathSegmentName(std::string_view name, std::string* why);

}  // namespace atoll::endpoints
