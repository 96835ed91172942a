#include "shard/endpoints/audit/request_audit.h"

#include <utility>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/endpoints/call.h"

namespace atoll::endpoints {
namespace {

using audit::Stage;

constexpr char kTruncated[] = "audit.k8s.io/truncated";

// The request's URI without the cluster prefix, which the annotations tell.
std::string UriWithin(const http::Request& request, const RequestInfo& info) {
  std::string_view uri = request.target;
  if (!info.has_cluster) return std::string(uri);
  uri.remove_prefix(std::string_view("/clusters/").size());
  uri.remove_prefix(std::min(uri.find_first_of("/?"), uri.size()));
  return uri.starts_with('/') ? std::string(uri) : StrCat("/", uri);
}

// The members of a Status that the log keeps, as text between the braces.
std::string StatusMembers(const json::Value& status) {
  json::Object kept;
  for (std::string_view name : {"status", "message", "reason", "details"}) {
    if (const json::Value* member = status.Find(name)) kept.Append(std::string(name), *member);
  }
  std::string text = json::Write(json::Value(std::move(kept)));
  return text.substr(1, text.size() - 2);
}

}  // namespace

void RequestAudit::Annotate(std::string_view name, std::string_view value) {
  if (begun_ && !on()) return;
  event_.annotations.try_emplace(std::string(name), value);
}

void RequestAudit::Fill(const Call& call, const auth::User* user) {
  const RequestInfo& info = call.info;
  verdict_ = auditor_.Evaluate({.user = user,
                                .verb = info.verb,
                                .resource_request = info.resource_request,
                                .path = info.path,
                                .group = info.group,
                                .resource = info.resource,
                                .subresource = info.subresource,
                                .ns = info.ns,
                                .name = info.name});
  begun_ = true;
  if (!on()) return;
  event_.level = verdict_.level;
  event_.audit_id = call.audit_id;
  event_.request_uri = UriWithin(call.request, info);
  event_.verb = info.verb;
  if (user != nullptr) event_.user = *user;
  event_.source_ips = audit::SourceIps(call.request);
  event_.user_agent = audit::UserAgent(call.request);
  if (!info.resource_request) return;
  event_.object = audit::ObjectRef{.resource = info.resource,
                                   .ns = info.ns,
                                   .name = info.name,
                                   .uid = "",
                                   .group = info.group,
                                   .version = info.version,
                                   .resource_version = "",
                                   .subresource = info.subresource};
}

Task<bool> RequestAudit::Begin(const Call& call, bool long_running) {
  long_running_ = long_running;
  Fill(call, &call.user);
  if (!on()) co_return true;
  const bool stored = co_await Emit(Stage::kRequestReceived);
  if (!stored) auditor_.metrics().rejected.Add();
  co_return stored;
}

void RequestAudit::BeginUnauthenticated(const Call& call) {
  unauthenticated_ = true;
  Fill(call, nullptr);
  if (!on()) return;
  json::Value status = json::Value::MakeObject();
  status.Ensure({"message"}) = audit::FailedAuthentication(call.request);
  event_.status = StatusMembers(status);
}

void RequestAudit::Impersonated(const auth::User& user, std::string_view constraint) {
  if (!on()) return;
  event_.impersonated = user;
  event_.impersonation_constraint = std::string(constraint);
}

std::string RequestAudit::Bounded(std::string json) {
  if (verdict_.omit_managed_fields) json = audit::WithoutManagedFields(std::move(json));
  if (json.size() <= kObjectBytesMax) return json;
  event_.annotations[kTruncated] = "true";
  return "";
}

void RequestAudit::RequestObject(const json::Value& object) {
  if (!on()) return;
  if (event_.object) {
    audit::ObjectRef& ref = *event_.object;
    auto complete = [&object](std::string* into, std::string_view member) {
      if (into->empty()) *into = std::string(object.StringAt({"metadata", member}));
    };
    complete(&ref.ns, "namespace");
    complete(&ref.name, "name");
    complete(&ref.uid, "uid");
    complete(&ref.resource_version, "resourceVersion");
  }
  RequestBody(object);
}

void RequestAudit::RequestBody(const json::Value& body) {
  if (wants_request() && !body.is_null()) event_.request_object = Bounded(json::Write(body));
}

void RequestAudit::ResponsePiece(std::string_view json) {
  if (!wants_response() || response_cut_) return;
  event_.response_object.append(json);
  // Before managed fields are taken out: what is kept meanwhile is bounded, too.
  if (event_.response_object.size() <= 2 * kObjectBytesMax) return;
  response_cut_ = true;
  event_.response_object = std::string();
  event_.annotations[kTruncated] = "true";
}

void RequestAudit::ResponseStatus(const json::Value& status) {
  if (!on()) return;
  event_.status = StatusMembers(status);
  if (wants_response()) event_.response_object = json::Write(status);
}

Task<bool> RequestAudit::Emit(Stage stage) {
  if (verdict_.Omits(stage)) co_return true;
  const bool stored = co_await auditor_.Record(event_, stage);
  co_return stored;
}

Task<void> RequestAudit::Answered(int code) {
  if (!on() || std::exchange(answered_, true)) co_return;
  event_.code = code;
  if (!long_running_) co_return;
  std::string object = std::exchange(event_.response_object, "");
  (void)co_await Emit(Stage::kResponseStarted);
  event_.response_object = std::move(object);
}

Task<void> RequestAudit::Complete() {
  if (!on() || std::exchange(complete_, true)) co_return;
  if (!std::exchange(answered_, true)) {
    // Nobody was told anything: the client had left.
    event_.code = 200;
    event_.status = R"("status":"Success","message":"Connection closed early")";
    if (long_running_) (void)co_await Emit(Stage::kResponseStarted);
  }
  event_.response_object = Bounded(std::move(event_.response_object));
  // Refused credentials have this one stage, under this name.
  (void)co_await Emit(unauthenticated_ ? Stage::kResponseStarted : Stage::kResponseComplete);
}

Task<void> RequestAudit::Panicked(std::string_view what) {
  if (!on() || std::exchange(complete_, true)) co_return;
  event_.code = 500;
  json::Value status = json::Value::MakeObject();
  status.Ensure({"status"}) = "Failure";
  status.Ensure({"message"}) = StrCat("the handler ended by an exception: ", what);
  status.Ensure({"reason"}) = "InternalError";
  event_.status = StatusMembers(status);
  event_.response_object.clear();
  (void)co_await Emit(Stage::kPanic);
}

}  // namespace atoll::endpoints
