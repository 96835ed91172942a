#include "shard/endpoints/handle.h"

#include <exception>
#include <utility>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/loop/loop.h"
#include "shard/authorization/impersonation.h"
#include "shard/endpoints/attributes.h"
#include "shard/endpoints/audit/audit_writer.h"
#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/clean_path.h"
#include "shard/endpoints/options.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/service_account_cluster.h"
#include "shard/endpoints/status_details.h"

namespace atoll::endpoints {
namespace {

constexpr size_t kAuditIdBytesMax = 64;

// The client's own, cut, or a new one.
std::string AuditId(const http::Request& request, Random& random) {
  std::string_view given = request.headers.Get("audit-id");
  if (given.empty()) return random.Uuid();
  return std::string(given.substr(0, kAuditIdBytesMax));
}

bool IsProbe(std::string_view path) { return path == "/healthz" || path == "/livez" || path == "/readyz"; }

// Open to everybody: the probes, at the bare path and in root.
bool AlwaysAllowed(const RequestInfo& info) {
  return IsProbe(info.path) && (!info.has_cluster || info.cluster == RootCluster().name());
}

auth::User Anonymous() {
  return {.name = std::string(auth::kAnonymous), .groups = {std::string(auth::kUnauthenticated)}};
}

// Ends when its client wants it to. What a virtual workspace is asked is parsed only there, so its URL has to tell.
bool IsLongRunning(const RequestInfo& info) {
  if (info.resource_request) return info.verb == "watch";
  return info.path.starts_with("/services/") &&
         (info.query.Bool("watch") || info.path.find("/watch/") != std::string::npos);
}

// True once in 1/`chance` calls.
bool Chance(Random& random, double chance) {
  constexpr uint64_t kSteps = 1'000'000;
  return static_cast<double>(random.Below(kSteps)) < chance * kSteps;
}

bool IsHome(const Call& call) {
  const RequestInfo& info = call.info;
  return info.name == "~" && info.verb == "get" && info.resource == "workspaces" && info.group == "tenancy.kcp.io" &&
         info.version == "v1alpha1" && info.subresource.empty() && call.cluster.id == RootCluster();
}

// Beside the call, in processes that audit.
struct Audited {
  Audited(audit::Auditor& auditor, http::ResponseWriter& out) : audit(auditor), writer(out, audit) {}
  RequestAudit audit;
  AuditWriter writer;
};

}  // namespace

ApiHandler::ApiHandler(Options options)
    : options_(std::move(options)),
      strict_transport_(StrJoin(options_.limits.strict_transport_security, "; ")),
      flow_(options_.metrics, options_.limits, options_.loops),
      deadlines_(
          [usual = options_.limits.request_timeout](Loop& loop) { return std::make_shared<Deadlines>(loop, usual); }),
      metrics_(options_.metrics) {}

void ApiHandler::Drain() {
  draining_.store(true, std::memory_order_release);
  options_.api->Drain();
  if (options_.virtual_workspaces != nullptr) options_.virtual_workspaces->Drain();
}

Task<void> ApiHandler::Handle(http::Request request, http::ResponseWriter& out) {
  const Clock& clock = *options_.clock;
  const absl::Duration start = clock.Monotonic();
  std::unique_ptr<Audited> audited;
  if (options_.auditor != nullptr) audited = std::make_unique<Audited>(*options_.auditor, out);
  DeadlineWriter writer(audited != nullptr ? audited->writer : out);
  Call call(request, writer);
  call.strict_transport = strict_transport_;
  call.audit_id = AuditId(request, Loop::Current()->random());
  if (audited == nullptr) {
    co_await ServeToEnd(call, writer);
  } else {
    call.audit = &audited->audit;
    std::exception_ptr escaped;
    std::string what;
    try {
      co_await ServeToEnd(call, writer);
    } catch (const std::exception& e) {
      escaped = std::current_exception();
      what = e.what();
    }
    if (escaped) {
      co_await audited->audit.Panicked(what);
      std::rethrow_exception(escaped);
    }
    co_await audited->audit.Complete();
  }
  metrics_.Record(call, clock.Monotonic() - start);
}

Task<void> ApiHandler::ServeToEnd(Call& call, DeadlineWriter& writer) {
  co_await Serve(call, writer);
  if (writer.expired()) {
    co_await writer.Told();
    call.code = 504;
  }
}

Task<void> ApiHandler::Serve(Call& call, DeadlineWriter& writer) {
  call.request.target = TargetWithServiceAccountCluster(call.request);
  auto info = ParseRequestInfo(call.request.method, call.request.target);
  if (!info.ok()) co_return co_await SendError(call, info.status());
  call.info = *std::move(info);
  if (options_.limits.goaway_chance > 0 && call.request.http_major == 2 &&
      Chance(Loop::Current()->random(), options_.limits.goaway_chance)) {
    call.out.CloseConnectionAfter();
  }
  if (!co_await SetDeadline(call, writer)) co_return;

  if (!co_await ResolveCluster(call)) co_return;
  if (!co_await CheckActive(call)) co_return;
  if (!co_await Authenticate(call)) co_return;
  if (call.audit != nullptr && !co_await BeginAudit(call)) co_return;
  if (!co_await Impersonate(call)) co_return;
  if (!co_await Enter(call)) co_return;
  if (call.info.path.starts_with("/services/") && !call.info.has_cluster) {
    using Outcome = VirtualWorkspaces::Outcome;
    const Outcome outcome =
        options_.virtual_workspaces == nullptr ? Outcome::kUnknown : co_await options_.virtual_workspaces->Handle(call);
    if (outcome == Outcome::kAnswered) co_return;
    if (outcome == Outcome::kUnknown) {
      co_return co_await SendError(
          call, authorization::ForbiddenError(AttributesOf(call), "Path not resolved to a valid virtual workspace"));
    }
    // What a cluster's URL may not ask for cannot be had this way either.
    if (!co_await ResolveCluster(call)) co_return;
    if (!co_await CheckActive(call)) co_return;
  }
  if (options_.homes != nullptr && IsHome(call)) co_return co_await options_.homes->Serve(call);
  if (!co_await Authorize(call)) co_return;
  const bool watching = call.info.resource_request && call.info.verb == "watch";
  if (watching) metrics_.WatchStarted(call, +1);
  co_await Dispatch(call);
  if (watching) metrics_.WatchStarted(call, -1);
}

Task<bool> ApiHandler::ResolveCluster(Call& call) {
  const RequestInfo& info = call.info;
  if (info.path == "/metrics") {
    if (info.has_cluster) {
      co_await SendText(call, 501, "shard-level endpoint not available at workspace scope\n");
      co_return false;
    }
    call.cluster.id = RootCluster();  // who may see the shard's metrics is decided there
    co_return true;
  }
  if (!info.has_cluster) co_return true;
  if (info.wildcard()) {
    call.cluster.wildcard = true;
    co_return true;
  }
  auto path = WorkspacePath::Parse(info.cluster);
  if (!path.ok()) {
    co_await SendError(
        call, api::BadRequest(Cat("invalid cluster: ", api::GoQuote(info.cluster), " does not match the regex")));
    co_return false;
  }
  if (path->IsCluster()) {
    // Taken as it is: whether there is such a cluster is for authorization to know.
    auto id = LogicalClusterId::Parse(path->str());
    if (id.ok()) {
      call.cluster.id = *std::move(id);
      co_return true;
    }
    co_await SendError(
        call, api::BadRequest(Cat("invalid cluster: ", api::GoQuote(info.cluster), " does not match the regex")));
    co_return false;
  }
  PathTarget target = options_.paths->Resolve(*path);
  if (target.kind == PathTarget::Kind::kUnknown) target = co_await options_.paths->ResolveCommitted(*path);
  switch (target.kind) {
    case PathTarget::Kind::kLocal:
      call.cluster.id = std::move(target.cluster);
      co_return true;
    case PathTarget::Kind::kOtherShard: {
      http::Headers retry;
      retry.Add("retry-after", "1");
      co_await SendText(call, 429, "Not found on this shard\n", std::move(retry));
      co_return false;
    }
    case PathTarget::Kind::kUnavailable:
      co_await SendText(call, 503, "Not available.\n");
      co_return false;
    case PathTarget::Kind::kMount:
      if (options_.mounts != nullptr) {
        co_await options_.mounts->Forward(call, std::move(target.mount_url));
        co_return false;
      }
      break;
    case PathTarget::Kind::kUnknown:
      break;
  }
  co_await SendError(call, api::NotFound({"tenancy.kcp.io", "workspaces"}, info.cluster));
  co_return false;
}

Task<bool> ApiHandler::CheckActive(Call& call) {
  if (call.cluster.wildcard || call.cluster.id.empty()) co_return true;
  auto cluster = options_.clusters->Find(call.cluster.id);
  if (cluster == nullptr || !cluster->inactive) co_return true;
  // What it takes to activate it again.
  const std::string& path = call.info.path;
  if (path.starts_with("/openapi") || path.starts_with("/apis/core.kcp.io/v1alpha1/logicalclusters")) co_return true;
  co_await SendError(call, api::Forbidden({"core.kcp.io", "logicalclusters"}, call.cluster.id.name(),
                                          "logical cluster is marked inactive"));
  co_return false;
}

Task<bool> ApiHandler::Authenticate(Call& call) {
  auto user = co_await options_.authenticator->Authenticate(call.request);
  if (!user.ok() && options_.cluster_tokens != nullptr && !call.cluster.id.empty()) {
    std::string token(auth::BearerToken(call.request));
    if (!token.empty()) {
      auto theirs = co_await options_.cluster_tokens->AuthenticateToken(call.cluster.id, std::move(token));
      if (theirs.ok() && theirs->has_value()) user = std::move(theirs);
    }
  }
  if (!user.ok()) {
    if (call.audit != nullptr) {
      AnnotateCluster(call);
      call.audit->BeginUnauthenticated(call);
    }
    co_await SendError(call, api::Unauthorized());
    co_return false;
  }
  call.user = user->has_value() ? **std::move(user) : Anonymous();
  co_return true;
}

void ApiHandler::AnnotateCluster(Call& call) const {
  if (call.cluster.id.empty()) return;
  const std::string& id = call.cluster.id.name();
  const auto cluster = options_.clusters->Find(call.cluster.id);
  call.audit->Annotate("kcp.io/path", cluster == nullptr || cluster->path == id ? "" : cluster->path);
  call.audit->Annotate("kcp.io/cluster", id);
  call.audit->Annotate("tenancy.kcp.io/workspace", id);
}

Task<bool> ApiHandler::BeginAudit(Call& call) {
  AnnotateCluster(call);
  const bool recorded = co_await call.audit->Begin(call, IsLongRunning(call.info));
  if (!recorded) co_await SendError(call, api::InternalError("failed to store audit event"));
  co_return recorded;
}

Task<bool> ApiHandler::Impersonate(Call& call) {
  if (!authorization::WantsImpersonation(call.request.headers)) co_return true;
  const authorization::Attributes attributes = AttributesOf(call);
  auto user = co_await authorization::Impersonate(*options_.authorizer, attributes, call.request.headers);
  if (!user.ok()) {
    co_await SendError(call, user.status());
    co_return false;
  }
  authorization::StripImpersonation(&call.request.headers);
  if (call.audit != nullptr) call.audit->Impersonated(user->user, user->constraint);
  call.user = std::move(user->user);
  co_return true;
}

Task<bool> ApiHandler::SetDeadline(Call& call, DeadlineWriter& writer) {
  if (IsLongRunning(call.info)) co_return true;
  auto own = ParseTimeout(call.info.query);
  if (!own.ok()) {
    co_await SendError(call, own.status());
    co_return false;
  }
  deadlines_.Here().Watch(writer, call.audit_id, *own);
  co_return true;
}

Task<bool> ApiHandler::Enter(Call& call) {
  const RequestInfo& info = call.info;
  if (draining_.load(std::memory_order_acquire) && !IsProbe(info.path) && info.path != "/metrics") {
    http::Headers headers;
    headers.Add("retry-after", "5");
    call.out.CloseConnectionAfter();
    co_await SendText(call, 429, "The apiserver is shutting down, please try again later.\n", std::move(headers));
    co_return false;
  }
  const Gate::Asked asked{
      .level = AlwaysAllowed(info) || info.path == "/metrics" ? Level::kExempt : FlowControl::LevelOf(call.user),
      .mutating = info.mutating(),
      .flow = FlowControl::FlowOf(call.cluster, call.user)};
  Gate& gate = flow_.Here();
  if (gate.TryEnter(asked, &call.seat)) co_return call.admitted = true;
  Gate::Verdict verdict = co_await gate.Wait(asked, &call.out.cancellation(), &call.seat);
  if (verdict == Gate::Verdict::kGo) co_return call.admitted = true;
  if (verdict == Gate::Verdict::kGone) co_return false;
  metrics_.Terminated(call);
  http::Headers headers;
  headers.Add("retry-after", "1");
  co_await SendText(call, 429, "Too many requests, please try again later.\n", std::move(headers));
  co_return false;
}

Task<bool> ApiHandler::Authorize(Call& call) {
  if (AlwaysAllowed(call.info)) co_return true;
  authorization::Attributes attributes = AttributesOf(call);
  authorization::Trail trail;
  const bool audited = call.audit != nullptr && call.audit->on();
  if (audited) attributes.trail = &trail;
  authorization::Decision decision = co_await options_.authorizer->Authorize(attributes);
  if (audited) {
    trail.Tell("request.auth.kcp.io", [&call](auto name, auto value) { call.audit->Annotate(name, value); });
    call.audit->Annotate("authorization.k8s.io/decision", decision.allowed() ? "allow" : "forbid");
    call.audit->Annotate("authorization.k8s.io/reason", decision.reason);
  }
  if (decision.allowed()) co_return true;
  co_await SendError(call, decision.reason.empty() ? authorization::ForbiddenError(attributes)
                                                   : authorization::ForbiddenError(attributes, decision.reason));
  co_return false;
}

Task<absl::Status> ApiHandler::AuthorizeCreate(Call& call) {
  authorization::Attributes attributes = AttributesOf(call);
  attributes.verb = "create";
  const authorization::Decision decision = co_await options_.authorizer->Authorize(attributes);
  if (decision.allowed()) co_return absl::OkStatus();
  co_return decision.reason.empty() ? authorization::ForbiddenError(attributes)
                                    : authorization::ForbiddenError(attributes, decision.reason);
}

Task<bool> ApiHandler::MayGoOn(Call& call) {
  const auto cluster = call.cluster.id.empty() ? nullptr : options_.clusters->Find(call.cluster.id);
  if (cluster != nullptr && cluster->inactive) co_return false;
  if (call.may_stay && !co_await call.may_stay()) co_return false;
  const authorization::Attributes attributes = AttributesOf(call);
  const authorization::Decision decision = co_await options_.authorizer->Authorize(attributes);
  co_return decision.allowed();
}

Task<void> ApiHandler::Dispatch(Call& call) {
  const RequestInfo& info = call.info;
  if (auto clean = CleanPath(info.path)) {
    std::string location = info.has_cluster ? Cat("/clusters/", info.cluster) : "";
    location += http::PercentEncode(*clean, "-._~/:");
    if (std::string_view query = call.request.query(); !query.empty()) StrAppend(&location, "?", query);
    http::Headers headers;
    headers.Add("location", location);
    co_return co_await SendText(call, 307, "", std::move(headers));
  }
  if ((info.verb == "update" || info.verb == "patch") && !call.authorize_create)
    call.authorize_create = [this, &call] { return AuthorizeCreate(call); };
  if (info.verb == "watch") call.may_go_on = [this, &call] { return MayGoOn(call); };
  if (options_.issuer != nullptr && co_await options_.issuer->Serve(call)) co_return;
  if (co_await options_.api->Serve(call)) co_return;
  if (co_await options_.health->Serve(call)) co_return;
  const bool get = call.request.method == "GET" || call.head();
  if (get && (info.path == "/version" || info.path == "/version/")) {
    call.representation.pretty = true;  // as the reference does for everybody
    co_return co_await SendJson(call, 200, options_.version_json);
  }
  if (get && info.path == "/metrics") {
    co_return co_await SendBytes(call, 200, CommonHeaders(call, "text/plain; version=0.0.4; charset=utf-8"),
                                 options_.metrics->Text());
  }
  if (get && (info.path == "/" || info.path == "/index.html")) co_return co_await ServeIndex(call);
  co_await SendPageNotFound(call);
}

Task<void> ApiHandler::ServeIndex(Call& call) {
  json::Array paths;
  if (options_.issuer != nullptr) paths.emplace_back("/.well-known/openid-configuration");
  for (const char* path :
       {"/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3"}) {
    paths.emplace_back(path);
  }
  if (options_.issuer != nullptr) paths.emplace_back("/openid/v1/jwks");
  for (const char* path : {"/readyz", "/version"}) paths.emplace_back(path);
  json::Object index;
  index.Append("paths", json::Value(std::move(paths)));
  call.representation.pretty = true;
  co_await SendValue(call, 200, json::Value(std::move(index)));
}

}  // namespace atoll::endpoints
