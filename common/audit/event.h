// Event: what is known of one request for the audit log, in the shape of audit.k8s.io/v1 Event. Filled while the
// request is served; written once a stage. A value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/audit/policy.h"
#include "common/auth/user.h"
#include "common/http/message.h"

namespace atoll::audit {

struct ObjectRef {
  std::string resource, ns, name, uid, group, version, resource_version, subresource;
};

struct Event {
  Level level = Level::kNone;
  std::string audit_id, request_uri, verb;
  std::optional<auth::User> user;  // nullopt: nobody was authenticated
  std::optional<auth::User> impersonated;
  std::string impersonation_constraint;
  std::vector<std::string> source_ips;
  std::string user_agent;
  std::optional<ObjectRef> object;
  int code = 0;                 // 0: nothing was answered yet
  std::string status;           // members of a Status that was the answer, as JSON (`"reason":"NotFound",...`); or ""
  std::string request_object;   // JSON; "" for none
  std::string response_object;  // JSON; "" for none
  absl::Time received;
  std::map<std::string, std::string> annotations;
};

// One line, without its end.
std::string ToJson(const Event& event, Stage stage, absl::Time now);

// Where a request came from: X-Forwarded-For, X-Real-Ip, the peer; words that are no address are left out. The peer
// stands last, since nobody can forge it. At most kSourcesMax.
inline constexpr size_t kSourcesMax = 64;
std::vector<std::string> SourceIps(const http::Request& request);

// The header, cut at 1024 bytes.
std::string UserAgent(const http::Request& request);

// `credentials` that a refused request tried: `Authentication failed, attempted: bearer`.
std::string FailedAuthentication(const http::Request& request);

// A JSON object without its managedFields, those of its items and of its rows; as it is when it has none.
std::string WithoutManagedFields(std::string json);

}  // namespace atoll::audit
