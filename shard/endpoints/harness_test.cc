#include "shard/endpoints/harness.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/store/kv/engine.h"
#include "shard/endpoints/text.h"
#include "shard/endpoints/version.h"
#include "shard/resources/all.h"
#include "shard/resources/schemas.h"

namespace atoll::endpoints::testing {
namespace {

class StringBody final : public http::Body {
 public:
  explicit StringBody(std::string bytes) : bytes_(std::move(bytes)) {}
  Task<absl::StatusOr<std::string>> Next() override { co_return std::exchange(bytes_, {}); }

 private:
  std::string bytes_;
};

}  // namespace

json::Value Answer::Json() const {
  auto value = json::Parse(body);
  return value.ok() ? *std::move(value) : json::Value();
}

std::string Answer::Message() const { return std::string(Json().StringAt({"message"})); }

std::vector<json::Value> Answer::Lines() const {
  std::vector<json::Value> lines;
  for (std::string_view line : Split(body, '\n')) {
    if (line.empty()) continue;
    auto value = json::Parse(line);
    REQUIRE(value.ok());
    lines.push_back(*std::move(value));
  }
  return lines;
}

Task<absl::Status> RecordingWriter::Start(int status, http::Headers headers) {
  answer.code = status;
  answer.headers = std::move(headers);
  co_return absl::OkStatus();
}

Task<absl::Status> RecordingWriter::Write(std::string_view bytes, bool) {
  answer.body += bytes;
  if (after_first_write) std::exchange(after_first_write, {})();
  if (++writes_ == writes_max_) cancellation_.Cancel();
  co_return absl::OkStatus();
}

Task<absl::Status> RecordingWriter::End() {
  answer.ended = true;
  co_return absl::OkStatus();
}

Task<absl::Status> RecordingWriter::Send(int status, http::Headers headers, std::string body) {
  answer = {status, std::move(headers), std::move(body), true};
  co_return absl::OkStatus();
}

class ApiHarness::TestUsers final : public auth::Authenticator {
 public:
  Task<absl::StatusOr<std::optional<auth::User>>> Authenticate(const http::Request& request) override {
    std::string_view name = request.headers.Get("x-test-user");
    if (name == "bad") co_return absl::UnauthenticatedError("bad credentials");
    if (name == "anonymous") co_return std::optional<auth::User>();
    auth::User user{.name = std::string(name.empty() ? "admin" : name), .groups = {std::string(auth::kAuthenticated)}};
    co_return std::optional<auth::User>(std::move(user));
  }
};

class ApiHarness::TestPolicy final : public authorization::Authorizer {
 public:
  explicit TestPolicy(const std::string* revoked) : revoked_(revoked) {}
  Task<authorization::Decision> Authorize(const authorization::Attributes& a) override {
    authorization::Decision decision;
    if (a.user.name == *revoked_) co_return decision;
    const bool reads = a.verb == "get" || a.verb == "list";
    if (a.user.name == "admin" || (a.user.name != "nobody" && a.user.name != auth::kAnonymous && reads)) {
      decision.kind = authorization::Decision::Kind::kAllow;
    }
    co_return decision;
  }
  Task<absl::StatusOr<std::vector<authorization::PolicyRule>>> RulesFor(const auth::User&, const LogicalClusterId&,
                                                                        std::string) override {
    co_return std::vector<authorization::PolicyRule>();
  }

 private:
  const std::string* const revoked_;
};

class ApiHarness::TestPaths final : public PathResolver {
 public:
  PathTarget Resolve(const WorkspacePath& path) const override {
    if (path.str() == "root:here") return {.kind = PathTarget::Kind::kLocal, .cluster = LogicalClusterId("c1")};
    if (path.str() == "root:there") return {.kind = PathTarget::Kind::kOtherShard};
    if (path.str() == "root:away") return {.kind = PathTarget::Kind::kUnavailable};
    return {};
  }
};

class ApiHarness::KeptEvents final : public audit::Backend {
 public:
  void Submit(audit::Line line, audit::Stored stored) override {
    auto event = json::Parse(*line);
    REQUIRE(event.ok());
    events.push_back(*std::move(event));
    if (stored) stored->Set(true);
  }
  std::vector<json::Value> events;  // of one loop
};

std::vector<json::Value> ApiHarness::AuditEvents() { return std::exchange(kept_events_->events, {}); }

ApiHarness::ApiHarness(std::string_view audit_rules)
    : loop_("test"),
      pool_({.threads = 1}),
      issuer_({.issuer = "https://issuer.test",
               .jwks_uri = "https://here.test/openid/v1/jwks",
               .jwks = *json::Parse(R"({"keys":[{"alg":"RS256"}]})")}) {
  loop_.Start();
  auto engine = store::kv::OpenEngine("memory", {});
  CHECK_OK(engine);
  auto store = store::Store::Open(*std::move(engine), {}, &pool_);
  CHECK_OK(store);
  store_ = *std::move(store);
  registry_ = registry::Registry::Create({.store = store_.get(), .pool = &pool_, .admission = &admission_});
  resolver_ = std::make_unique<registry::BuiltinResolver>(resources::BuiltinResources(), &clusters_);
  api_ = std::make_unique<ApiServer>(ApiServer::Options{.registry = registry_.get(),
                                                        .resolver = resolver_.get(),
                                                        .definitions = &resources::BuiltinSchemas(),
                                                        .clock = &SystemClock(),
                                                        .server_address = "127.0.0.1:6443"});
  users_ = std::make_unique<TestUsers>();
  policy_ = std::make_unique<TestPolicy>(&revoked_);
  paths_ = std::make_unique<TestPaths>();
  if (!audit_rules.empty()) {
    std::vector<std::string> warnings;
    auto policy =
        audit::Policy::Parse(StrCat("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n", audit_rules), &warnings);
    CHECK_OK(policy);
    auto kept = std::make_unique<KeptEvents>();
    kept_events_ = kept.get();
    std::vector<audit::Auditor::Sink> sinks;
    sinks.push_back({std::move(kept), audit::Mode::kBlocking, {}});
    auditor_ = std::make_unique<audit::Auditor>(*std::move(policy), std::move(sinks), &metrics_, &SystemClock());
  }
  handler_ = std::make_unique<ApiHandler>(ApiHandler::Options{.api = api_.get(),
                                                              .authenticator = users_.get(),
                                                              .authorizer = policy_.get(),
                                                              .clusters = &clusters_,
                                                              .paths = paths_.get(),
                                                              .health = &health_,
                                                              .issuer = &issuer_,
                                                              .auditor = auditor_.get(),
                                                              .metrics = &metrics_,
                                                              .clock = &SystemClock(),
                                                              .version_json = VersionJson({})});
}

ApiHarness::~ApiHarness() { loop_.Stop(); }

Answer ApiHarness::Do(std::string method, std::string target, std::string body, HeaderList headers, int writes_max) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::make_unique<StringBody>(std::move(body));
  for (const auto& [name, value] : headers) request.headers.Add(name, value);
  Answer answer;
  struct Run {
    static Task<void> One(ApiHandler* handler, http::Request request, int writes_max, std::function<void()> after,
                          Answer* answer) {
      RecordingWriter out(writes_max);
      out.after_first_write = std::move(after);
      co_await handler->Handle(std::move(request), out);
      *answer = std::move(out.answer);
    }
  };
  loop_.RunBlocking(
      Run::One(handler_.get(), std::move(request), writes_max, std::exchange(after_first_write_, {}), &answer));
  return answer;
}

}  // namespace atoll::endpoints::testing
