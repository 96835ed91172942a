#include "tools/atoll/ws/connection.h"

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "tools/atoll/ws/testing_directory.h"

namespace atoll::cli {
namespace {

constexpr char kConfig[] = R"(clusters:
- {name: inline, cluster: {server: "https://h/clusters/root", certificate-authority-data: UEVN, tls-server-name: api}}
- {name: file, cluster: {server: "https://f", certificate-authority: ca.crt}}
- {name: open, cluster: {server: "https://o", insecure-skip-tls-verify: true}}
- {name: bad, cluster: {server: "https://b", certificate-authority-data: "***"}}
- {name: proxied, cluster: {server: "https://p", proxy-url: "http://proxy"}}
contexts:
- {name: token, context: {cluster: inline, user: token}}
- {name: token-file, context: {cluster: file, user: token-file}}
- {name: basic, context: {cluster: open, user: basic}}
- {name: certificate, context: {cluster: open, user: certificate}}
- {name: half, context: {cluster: open, user: half}}
- {name: exec, context: {cluster: open, user: exec}}
- {name: nobody, context: {cluster: open, user: nobody}}
- {name: nowhere, context: {cluster: nowhere, user: token}}
- {name: bad, context: {cluster: bad, user: token}}
- {name: proxied, context: {cluster: proxied, user: token}}
users:
- {name: token, user: {token: secret}}
- {name: token-file, user: {token: old, tokenFile: token}}
- {name: basic, user: {username: joe, password: pw}}
- {name: certificate, user: {client-certificate-data: Q1JU, client-key-data: S0VZ}}
- {name: half, user: {client-certificate-data: Q1JU}}
- {name: exec, user: {exec: {command: helper}}}
)";

TEST_CASE("cli connection: what contexts say") {
  TestDirectory directory;
  REQUIRE(WriteFileAtomic(directory.File("config"), kConfig).ok());
  REQUIRE(WriteFileAtomic(directory.File("ca.crt"), "CA").ok());
  REQUIRE(WriteFileAtomic(directory.File("token"), "fresh\n").ok());
  auto config = Kubeconfig::Load({{directory.File("config")}, true});
  REQUIRE(config.ok());
  const auto of = [&](std::string_view context, const ConnectionFlags& flags = {}) {
    config->OverrideCurrentContext(context);
    return ConnectionOf(*config, flags);
  };
  SECTION("good ones") {
    auto c = of("token");
    REQUIRE(c.ok());
    CHECK(c->server == "https://h/clusters/root");
    CHECK(c->server_name == "api");
    CHECK(c->ca_pem == "PEM");
    CHECK(c->authorization == "Bearer secret");
    CHECK(!c->insecure);
    c = of("token-file");
    REQUIRE(c.ok());
    CHECK(c->ca_pem == "CA");
    CHECK(c->authorization == "Bearer fresh");
    CHECK(of("basic")->authorization == "Basic am9lOnB3");
    CHECK(of("basic")->insecure);
    CHECK(of("certificate")->client_certificate_pem == "CRT");
    CHECK(of("certificate")->client_key_pem == "KEY");
  }
  SECTION("flags win") {
    CHECK(of("exec", {.token = "t"})->authorization == "Bearer t");
    CHECK(of("nowhere", {.server = "https://x"})->server == "https://x");
    CHECK(of("exec", {.user = "basic"})->authorization == "Basic am9lOnB3");
    CHECK(of("token", {.insecure = true})->insecure);
    CHECK(of("basic", {.certificate_authority = directory.File("ca.crt")})->ca_pem == "CA");
    CHECK(!of("basic", {.certificate_authority = directory.File("ca.crt")})->insecure);
  }
  SECTION("refusals") {
    for (const char* context : {"half", "exec", "nobody", "nowhere", "bad", "proxied", "missing", ""}) {
      CAPTURE(context);
      CHECK(!of(context).ok());
    }
    CHECK(of("missing").status().message() == "context \"missing\" does not exist");
    CHECK(of("exec").status().code() == absl::StatusCode::kFailedPrecondition);
  }
}

TEST_CASE("cli connection: server URLs") {
  struct Case {
    std::string url, host;  // no host: refused
    int port = 443;
    bool tls = true;
    std::string path = "";
  };
  for (const Case& c : std::vector<Case>{
           {"https://h:6443/clusters/root/", "h", 6443, true, "/clusters/root"},
           {"https://h", "h"},
           {"http://h", "h", 80, false},
           {"https://[::1]:8443/x", "::1", 8443, true, "/x"},
           {"https://[::1]", "::1"},
           {"h:6443", ""},
           {"https://", ""},
           {"https://[::1", ""},
           {"https://h:0", ""},
           {"https://h:99999", ""},
           {"https://h:x", ""},
           {"https://u@h", ""},
       }) {
    CAPTURE(c.url);
    auto got = ParseServerUrl(c.url);
    REQUIRE(got.ok() == !c.host.empty());
    if (!got.ok()) continue;
    CHECK(got->host == c.host);
    CHECK(got->port == c.port);
    CHECK(got->tls == c.tls);
    CHECK(got->path == c.path);
  }
}

}  // namespace
}  // namespace atoll::cli
