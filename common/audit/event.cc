#include "common/audit/event.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::audit {
namespace {

constexpr size_t kUserAgentBytesMax = 1024;

// `,"name":"text"`, unless the text is empty.
void Member(std::string_view name, std::string_view text, std::string* out) {
  if (text.empty()) return;
  StrAppend(out, out->ends_with('{') ? "\"" : ",\"", name, "\":");
  json::AppendQuoted(out, text);
}

void Time(std::string_view name, absl::Time time, std::string* out) {
  Member(name, ToStd(absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone())), out);
}

void Reference(const ObjectRef& object, std::string* out) {
  out->append(",\"objectRef\":{");
  Member("resource", object.resource, out);
  Member("namespace", object.ns, out);
  Member("name", object.name, out);
  Member("uid", object.uid, out);
  Member("apiGroup", object.group, out);
  Member("apiVersion", object.version, out);
  Member("resourceVersion", object.resource_version, out);
  Member("subresource", object.subresource, out);
  out->push_back('}');
}

// "127.0.0.1:4711", "[::1]:4711", or an address alone.
std::string_view HostOf(std::string_view peer) {
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  const size_t colon = peer.find(':');
  return peer.find(':', colon + 1) == std::string_view::npos ? peer.substr(0, colon) : peer;
}

// The address in its canonical form; "" when it is none.
std::string Address(std::string_view text) {
  const std::string word(ToStd(absl::StripAsciiWhitespace(ToAbsl(text))));
  char out[INET6_ADDRSTRLEN];
  for (const int family : {AF_INET, AF_INET6}) {
    unsigned char bytes[sizeof(in6_addr)];
    if (inet_pton(family, word.c_str(), bytes) == 1 && inet_ntop(family, bytes, out, sizeof out) != nullptr) return out;
  }
  return "";
}

}  // namespace

std::string ToJson(const Event& event, Stage stage, absl::Time now) {
  std::string out;
  out.reserve(1024 + event.request_object.size() + event.response_object.size());
  StrAppend(&out, R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":")", LevelName(event.level), "\"");
  Member("auditID", event.audit_id, &out);
  StrAppend(&out, ",\"stage\":\"", StageName(stage), "\"");
  Member("requestURI", event.request_uri, &out);
  Member("verb", event.verb, &out);
  StrAppend(&out, ",\"user\":", event.user ? json::Write(auth::UserInfo(*event.user)) : "{}");
  if (event.impersonated) StrAppend(&out, ",\"impersonatedUser\":", json::Write(auth::UserInfo(*event.impersonated)));
  if (!event.impersonation_constraint.empty()) {
    out.append(",\"authenticationMetadata\":{");
    Member("impersonationConstraint", event.impersonation_constraint, &out);
    out.push_back('}');
  }
  if (!event.source_ips.empty()) {
    out.append(",\"sourceIPs\":[");
    for (const std::string& ip : event.source_ips) {
      if (!out.ends_with('[')) out.push_back(',');
      json::AppendQuoted(&out, ip);
    }
    out.push_back(']');
  }
  Member("userAgent", event.user_agent, &out);
  if (event.object) Reference(*event.object, &out);
  if (event.code != 0) {
    StrAppend(&out, ",\"responseStatus\":{\"metadata\":{},", event.status, event.status.empty() ? "" : ",",
              "\"code\":", event.code, "}");
  }
  if (!event.request_object.empty()) StrAppend(&out, ",\"requestObject\":", event.request_object);
  if (!event.response_object.empty()) StrAppend(&out, ",\"responseObject\":", event.response_object);
  Time("requestReceivedTimestamp", event.received, &out);
  Time("stageTimestamp", stage == Stage::kRequestReceived ? event.received : now, &out);
  if (!event.annotations.empty()) {
    out.append(",\"annotations\":{");
    for (const auto& [name, value] : event.annotations) {
      if (!out.ends_with('{')) out.push_back(',');
      json::AppendQuoted(&out, name);
      out.push_back(':');
      json::AppendQuoted(&out, value);
    }
    out.push_back('}');
  }
  out.push_back('}');
  return out;
}

std::vector<std::string> SourceIps(const http::Request& request) {
  std::vector<std::string> out;
  std::string_view forwarded = request.headers.Get("x-forwarded-for");
  while (!forwarded.empty() && out.size() < kSourcesMax - 2) {
    const size_t comma = std::min(forwarded.find(','), forwarded.size());
    if (std::string ip = Address(forwarded.substr(0, comma)); !ip.empty()) out.push_back(std::move(ip));
    forwarded.remove_prefix(std::min(comma + 1, forwarded.size()));
  }
  if (std::string ip = Address(request.headers.Get("x-real-ip"));
      !ip.empty() && std::find(out.begin(), out.end(), ip) == out.end()) {
    out.push_back(std::move(ip));
  }
  if (std::string ip = Address(HostOf(request.peer_address)); !ip.empty() && (out.empty() || out.back() != ip)) {
    out.push_back(std::move(ip));
  }
  return out;
}

std::string UserAgent(const http::Request& request) {
  const std::string_view agent = request.headers.Get("user-agent");
  if (agent.size() <= kUserAgentBytesMax) return std::string(agent);
  return StrCat(agent.substr(0, kUserAgentBytesMax), "...TRUNCATED");
}

std::string FailedAuthentication(const http::Request& request) {
  std::string tried;
  const std::string_view authorization = request.headers.Get("authorization");
  for (std::string_view scheme : {"basic", "bearer"}) {
    if (absl::StartsWithIgnoreCase(ToAbsl(authorization), ToAbsl(StrCat(scheme, " "))))
      StrAppend(&tried, tried.empty() ? "" : ", ", scheme);
  }
  if (request.peer_certificates != nullptr) StrAppend(&tried, tried.empty() ? "" : ", ", "x509");
  return tried.empty() ? "Authentication failed, no credentials provided"
                       : StrCat("Authentication failed, attempted: ", tried);
}

std::string WithoutManagedFields(std::string json) {
  if (json.find("\"managedFields\"") == std::string::npos) return json;
  auto value = json::Parse(json);
  if (!value.ok()) return json;
  value->Remove({"metadata", "managedFields"});
  for (const auto& [list, member] : {std::pair{"items", ""}, {"rows", "object"}}) {
    json::Value* entries = value->Find(list);
    if (entries == nullptr || !entries->is_array()) continue;
    for (json::Value& entry : entries->array()) {
      json::Value* object = *member == '\0' ? &entry : entry.Find(member);
      if (object != nullptr) object->Remove({"metadata", "managedFields"});
    }
  }
  return json::Write(*value);
}

}  // namespace atoll::audit
