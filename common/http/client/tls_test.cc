// Server and client over TLS on the real loop: both protocols by ALPN, client certificates, many streams, large bodies.
#include <catch2/catch.hpp>

#include "common/base/strings.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/loop/asio_loop.h"
#include "common/tls/certificates.h"

namespace atoll::http {
namespace {

Task<void> Describe(Request request, ResponseWriter& out) {
  auto body = co_await request.body->ReadAll(200'000'000);
  std::string who = request.peer_certificates == nullptr ? "nobody" : "somebody";
  (void)co_await out.Send(200, {}, StrCat(request.http_major, " ", who, " ", body.ok() ? body->size() : 0));
}

struct Fixture {
  tls::KeyPair ca = *tls::NewCertificateAuthority("ca");
  tls::KeyPair pair = *tls::IssueCertificate(
      ca, {.subject = {"server", {}}, .dns_names = {"localhost"}, .ip_addresses = {"127.0.0.1"}, .server = true});
  tls::KeyPair user = *tls::IssueCertificate(ca, {.subject = {"user", {}}, .client = true});
  AsioLoop loop{"test"};
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
  std::vector<std::string> results;

  Fixture() {
    loop.Start();
    server = NewServer(loop, *tls::ServerContext::Create(pair), {}, Describe);
    client = NewClient(loop);
    loop.RunBlocking(Begin(this));
  }
  ~Fixture() {
    loop.RunBlocking(End(this));
    loop.Stop();
  }
  static Task<void> Begin(Fixture* f) {
    CHECK_OK(f->server->Start());
    co_return;
  }
  static Task<void> End(Fixture* f) {
    f->client.reset();
    co_await f->server->Drain(absl::Seconds(1));
  }
  Origin Via(std::vector<std::string> alpn, bool with_certificate) {
    return {
        .host = "127.0.0.1",
        .port = server->port(),
        .server_name = "localhost",
        .tls = *tls::ClientContext::Create(ca.certificate_pem, with_certificate ? &user : nullptr, std::move(alpn))};
  }
  static Task<void> Call(Fixture* f, Origin origin, size_t bytes, TaskGroup*) {
    auto response = co_await f->client->Do(origin, {.method = "POST", .body = std::string(bytes, 'x')});
    if (!response.ok()) {
      f->results.push_back(response.status().ToString());
      co_return;
    }
    auto body = co_await response->body->ReadAll(1000);
    f->results.push_back(body.ok() ? *body : body.status().ToString());
  }
  static Task<void> CallMany(Fixture* f, Origin origin, size_t bytes, int times) {
    TaskGroup group(f->loop);
    for (int i = 0; i < times; ++i) group.Spawn(Call(f, origin, bytes, &group));
    co_await group.Join();
  }
};

TEST_CASE("Both protocols over TLS", "[http][tls]") {
  Fixture f;
  struct Case {
    std::vector<std::string> alpn;
    bool certificate;
    size_t bytes;
    int times;
    std::string want;
  };
  const Case cases[] = {
      {{"h2", "http/1.1"}, false, 10, 1, "2 nobody 10"},     {{"h2", "http/1.1"}, true, 0, 1, "2 somebody 0"},
      {{"http/1.1"}, true, 100'000, 1, "1 somebody 100000"}, {{"http/1.1"}, false, 10, 50, "1 nobody 10"},
      {{"h2"}, false, 1000, 1000, "2 nobody 1000"},          {{"h2"}, false, 20'000'000, 2, "2 nobody 20000000"},
  };
  for (const Case& c : cases) {
    f.results.clear();
    f.loop.RunBlocking(Fixture::CallMany(&f, f.Via(c.alpn, c.certificate), c.bytes, c.times));
    CHECK(f.results == std::vector<std::string>(static_cast<size_t>(c.times), c.want));
  }
}

TEST_CASE("A server with another authority's certificate is refused before anything is sent", "[http][tls]") {
  Fixture f;
  tls::KeyPair other = *tls::NewCertificateAuthority("other");
  Origin origin = f.Via({"h2"}, false);
  origin.tls = *tls::ClientContext::Create(other.certificate_pem);
  f.loop.RunBlocking(Fixture::CallMany(&f, origin, 1, 1));
  REQUIRE(f.results.size() == 1);
  CHECK(f.results[0].find("was not sent") != std::string::npos);
}

}  // namespace
}  // namespace atoll::http
