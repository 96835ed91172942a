// An API server in memory, for tests of the endpoints: the real handler, registry, resolver and store, with no sockets,
// one user a call and an authorizer that knows three names.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "common/loop/asio_loop.h"
#include "common/store/store.h"
#include "shard/admission/plugin.h"
#include "shard/endpoints/handle.h"
#include "shard/registry/resolver_builtin.h"

namespace atoll::endpoints::testing {

struct Answer {
  int code = 0;
  http::Headers headers;
  std::string body;
  bool ended = false;
  json::Value Json() const;                // null when the body is none
  std::string Message() const;             // of a Status
  std::vector<json::Value> Lines() const;  // of a watch
};

// Remembers what is written. Cancels itself after `writes_max` writes, as a peer that goes away; 0: never.
class RecordingWriter final : public http::ResponseWriter {
 public:
  explicit RecordingWriter(int writes_max = 0) : writes_max_(writes_max) {}
  Task<absl::Status> Start(int status, http::Headers headers) override;
  Task<absl::Status> Write(std::string_view bytes, bool flush) override;
  Task<absl::Status> End() override;
  Task<absl::Status> Send(int status, http::Headers headers, std::string body) override;
  void CloseConnectionAfter() override {}
  void Abort() override { aborted = true; }
  bool started() const override { return answer.code != 0; }
  Cancellation& cancellation() override { return cancellation_; }

  Answer answer;
  bool aborted = false;
  std::function<void()> after_first_write;

 private:
  int writes_max_, writes_ = 0;
  Cancellation cancellation_;
};

// Users: the header x-test-user names one; `admin` may all, `nobody` nothing, anybody else may get and list. `bad`
// fails authentication.
class ApiHarness {
 public:
  // With an audit policy (the text of its `rules`), its events are kept.
  explicit ApiHarness(std::string_view audit_rules = "");
  ~ApiHarness();

  // What was recorded since the last call. Events of a handled request are there when Do returns.
  std::vector<json::Value> AuditEvents();

  using HeaderList = std::vector<std::pair<std::string, std::string>>;
  Answer Do(std::string method, std::string target, std::string body = "", HeaderList headers = {}, int writes_max = 0);
  // On the loop, while the next request is answered: after its first write.
  void AfterFirstWrite(std::function<void()> then) { after_first_write_ = std::move(then); }
  // From now on `user` may nothing.
  void Revoke(std::string user) { revoked_ = std::move(user); }
  Answer Get(std::string target, HeaderList headers = {}) {
    return Do("GET", std::move(target), "", std::move(headers));
  }
  Answer Post(std::string target, std::string body, HeaderList headers = {}) {
    return Do("POST", std::move(target), std::move(body), std::move(headers));
  }

  ApiHandler& handler() { return *handler_; }
  ApiServer& api() { return *api_; }
  HealthChecks& health() { return health_; }
  registry::Clusters& clusters() { return clusters_; }

 private:
  class TestUsers;
  class TestPolicy;
  class TestPaths;

  AsioLoop loop_;
  BlockingPool pool_;
  std::unique_ptr<store::Store> store_;
  admission::Chain admission_;
  registry::Clusters clusters_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<registry::BuiltinResolver> resolver_;
  std::unique_ptr<ApiServer> api_;
  std::unique_ptr<TestUsers> users_;
  std::unique_ptr<TestPolicy> policy_;
  std::unique_ptr<TestPaths> paths_;
  HealthChecks health_;
  IssuerDiscovery issuer_;
  metrics::Registry metrics_;
  std::function<void()> after_first_write_;
  std::string revoked_;
  class KeptEvents;
  KeptEvents* kept_events_ = nullptr;  // auditor_'s
  std::unique_ptr<audit::Auditor> auditor_;
  std::unique_ptr<ApiHandler> handler_;
};

}  // namespace atoll::endpoints::testing
