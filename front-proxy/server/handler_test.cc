#include "front-proxy/server/handler.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "common/base/strings.h"
#include "common/testing/run_task.h"
#include "front-proxy/forward/forward.h"

namespace atoll::front_proxy {
namespace {

TEST_CASE("SplitClusterTarget", "[front-proxy]") {
  struct Case {
    const char* target;
    bool ok;
    const char* cluster;
    const char* rest;
  };
  const Case cases[] = {
      {"/clusters/root/api", true, "root", "/api"},
      {"/clusters/root:org:team/api/v1?x=/y", true, "root:org:team", "/api/v1?x=/y"},
      {"/clusters/root", true, "root", ""},
      {"/clusters/root?watch=1", true, "root", "?watch=1"},
      {"/clusters/root%3Aorg/api", true, "root:org", "/api"},
      {"/clusters/*/api", true, "*", "/api"},
      {"/clusters/a/clusters/b/api", true, "a", "/clusters/b/api"},
      {"/clusters/", false, "", ""},
      {"/clusters//api", false, "", ""},
      {"/clusters/%zz/api", false, "", ""},
      {"/clustersroot/api", false, "", ""},
      {"/services/x", false, "", ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.target) {
      std::string cluster;
      std::string_view rest;
      REQUIRE(SplitClusterTarget(c.target, &cluster, &rest) == c.ok);
      if (!c.ok) continue;
      CHECK(cluster == c.cluster);
      CHECK(rest == c.rest);
    }
  }
}

TEST_CASE("ClusterOfToken reads the claim and nothing else", "[front-proxy]") {
  auto token = [](std::string_view claims) {
    return StrCat("e30.", absl::WebSafeBase64Escape(ToAbsl(claims)), ".sig");
  };
  CHECK(ClusterOfToken(token(R"({"kubernetes.io":{"clusterName":"c1abc"}})")) == "c1abc");
  CHECK(ClusterOfToken(token(R"({"kubernetes.io/serviceaccount/clusterName":"c2abc"})")) == "c2abc");
  CHECK(ClusterOfToken(token(R"({"kubernetes.io":{"clusterName":"../etc"}})")).empty());
  CHECK(ClusterOfToken(token("not json")).empty());
  CHECK(ClusterOfToken("opaque-token").empty());
  CHECK(ClusterOfToken("").empty());
}

class NoBody final : public http::Body {
 public:
  Task<absl::StatusOr<std::string>> Next() override { co_return std::string(); }
};

// Keeps what would be sent, and answers 200.
class KeepingClient final : public http::Client {
 public:
  Task<absl::StatusOr<http::ClientResponse>> Do(http::Origin, http::ClientRequest request) override {
    sent.push_back(std::move(request));
    http::ClientResponse answer;
    answer.status = 200;
    answer.body = std::make_unique<NoBody>();
    co_return answer;
  }
  void Close() override {}
  std::vector<http::ClientRequest> sent;
};

class NullWriter final : public http::ResponseWriter {
 public:
  Task<absl::Status> Start(int, http::Headers) override { co_return absl::OkStatus(); }
  Task<absl::Status> Write(std::string_view, bool) override { co_return absl::OkStatus(); }
  Task<absl::Status> End() override { co_return absl::OkStatus(); }
  Task<absl::Status> Send(int, http::Headers, std::string) override { co_return absl::OkStatus(); }
  void CloseConnectionAfter() override {}
  bool started() const override { return false; }
  Cancellation& cancellation() override { return cancellation_; }

 private:
  Cancellation cancellation_;
};

class Fixed final : public auth::Authenticator {
 public:
  Task<absl::StatusOr<std::optional<auth::User>>> Authenticate(const http::Request&) override { co_return user; }
  std::optional<auth::User> user;
};

// Whether somebody is authenticated or nobody, what a client says of itself never reaches a shard.
TEST_CASE("GHSA-c8w2-fgvx-vhv4: forged identity headers are not forwarded", "[front-proxy]") {
  ::atoll::testing::RunTask([]() -> Task<void> {
    index::WorkspaceIndex index;
    index.PutCluster("root", "root", {});
    metrics::Registry registry;
    Metrics metrics(&registry);
    Fixed users;
    ProxyHandler handler({.index = &index,
                          .authenticator = &users,
                          .group_filter = auth::DefaultGroupFilter(),
                          .origin_of = [](std::string_view, http::Origin*) { return true; },
                          .ready = [] { return true; },
                          .registry = &registry,
                          .metrics = &metrics});
    KeepingClient client;
    for (const bool known : {false, true}) {
      for (const char* path : {"/clusters/root/api", "/metrics"}) {
        users.user.reset();
        if (known) users.user = auth::User{.name = "ann", .uid = "", .groups = {"devs"}, .extra = {}};
        http::Request request;
        request.method = "GET";
        request.target = path;
        request.body = std::make_unique<NoBody>();
        for (const char* name : {"x-remote-user", "X-Remote-Group", "x_remote_user", "X-Remote-Extra-Scopes",
                                 "X-REMOTE-UID", "x-remote-extra-authentication.kcp.io%2fscopes"}) {
          request.headers.Add(name, "forged");
        }
        NullWriter out;
        co_await handler.Handle(client, std::move(request), out);
        REQUIRE_FALSE(client.sent.empty());
        for (const auto& [name, value] : client.sent.back().headers.fields()) CHECK(value != "forged");
        CHECK(client.sent.back().headers.Get("x-remote-user") == (known ? "ann" : ""));
      }
    }
    CHECK(client.sent.size() == 4);
  }());
}

TEST_CASE("hop-by-hop headers stay behind, named ones too", "[front-proxy]") {
  http::Headers headers;
  for (auto [name, value] : {std::pair{"connection", "keep-alive, x-secret"},
                             {"x-secret", "1"},
                             {"te", "trailers"},
                             {"accept", "a"},
                             {"upgrade", "h2c"}}) {
    headers.Add(name, value);
  }
  RemoveHopByHop(&headers);
  REQUIRE(headers.fields().size() == 1);
  CHECK(headers.Get("accept") == "a");
}

}  // namespace
}  // namespace atoll::front_proxy
