#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/loop/asio_loop.h"
#include "common/loop/sim/sim_loop.h"
#include "common/loop/sync.h"
#include "common/tls/certificates.h"
#include "common/tls/context.h"

namespace atoll::tls {
namespace {

struct Pki {
  KeyPair ca = *NewCertificateAuthority("test CA");
  KeyPair server = *IssueCertificate(ca, {.subject = {"server", {}},
                                          .dns_names = {"localhost", "a.example"},
                                          .ip_addresses = {"127.0.0.1", "::1"},
                                          .server = true});
  KeyPair client = *IssueCertificate(ca, {.subject = {"alice", {"team-a", "team-b"}}, .client = true});
};
const Pki& ThePki() {
  static const Pki pki;
  return pki;
}

struct Ends {
  absl::StatusOr<std::unique_ptr<TlsStream>> client = absl::UnknownError("");
  absl::StatusOr<std::unique_ptr<TlsStream>> server = absl::UnknownError("");
};

Task<void> AcceptOne(Listener* listener, std::shared_ptr<ServerContext> context, Ends* ends) {
  auto raw = co_await listener->Accept();
  ends->server = co_await Accept(*std::move(raw), context);
}

Task<Ends> Meet(std::shared_ptr<ServerContext> server, std::shared_ptr<ClientContext> client, std::string name) {
  Loop& loop = *Loop::Current();
  auto listener = *loop.net().Listen("127.0.0.1", 0, false);
  TaskGroup group(loop);
  Ends ends;
  group.Spawn(AcceptOne(listener.get(), std::move(server), &ends));
  auto raw = co_await loop.net().Connect("127.0.0.1", listener->port(), absl::Seconds(10));
  ends.client = co_await Connect(*std::move(raw), std::move(client), std::move(name));
  co_await group.Join();
  co_return ends;
}

void OnBothLoops(Task<void> (*body)()) {
  SECTION("asio") {
    AsioLoop loop("test");
    loop.Start();
    loop.RunBlocking(body());
  }
  SECTION("sim") {
    SimLoop loop;
    loop.RunBlocking(body());
  }
}

Task<void> WriteAll(Stream* stream, const std::string* bytes) {
  absl::Status status = co_await stream->Write(*bytes);
  CHECK(status.ok());
}
Task<void> ExpectBytes(Stream* stream, const std::string* want) {
  std::string got, buffer(30'000, ' ');
  while (got.size() < want->size()) {
    co_await stream->WaitReadable();
    auto n = co_await stream->Read(buffer.data(), buffer.size());
    REQUIRE(n.ok());
    REQUIRE(*n > 0);
    got.append(buffer, 0, *n);
  }
  CHECK(got == *want);
}

Task<void> Exchange() {
  const Pki& pki = ThePki();
  auto ends = co_await Meet(*ServerContext::Create(pki.server),
                            *ClientContext::Create(pki.ca.certificate_pem, &pki.client), "localhost");
  REQUIRE(ends.server.ok());
  REQUIRE(ends.client.ok());
  CHECK((*ends.server)->alpn() == "h2");
  CHECK((*ends.client)->alpn() == "h2");
  auto certificates = (*ends.server)->peer_certificates();
  REQUIRE(certificates != nullptr);
  CHECK(certificates->chain_der.size() == 1);
  CHECK(certificates->leaf_sha256.size() == 64);
  auto subject = (*TrustPool::FromPem(pki.ca.certificate_pem))->VerifyClient(*certificates);
  REQUIRE(subject.ok());
  CHECK(subject->common_name == "alice");
  CHECK(subject->organizations == std::vector<std::string>{"team-a", "team-b"});

  // Both directions at once, more than the buffers hold.
  std::string up, down;
  for (int i = 0; up.size() < (3u << 20); ++i) up += std::to_string(i);
  down.assign(up.rbegin(), up.rend());
  TaskGroup group(*Loop::Current());
  group.Spawn(WriteAll(ends.client->get(), &up));
  group.Spawn(WriteAll(ends.server->get(), &down));
  group.Spawn(ExpectBytes(ends.client->get(), &down));
  group.Spawn(ExpectBytes(ends.server->get(), &up));
  co_await group.Join();

  (*ends.client)->Close();
  char byte;
  CHECK(*co_await (*ends.server)->Read(&byte, 1) == 0);
  CHECK((co_await (*ends.client)->Read(&byte, 1)).status().code() == absl::StatusCode::kCancelled);
}
TEST_CASE("TLS carries bytes both ways", "[tls]") { OnBothLoops(Exchange); }

Task<void> Names() {
  const Pki& pki = ThePki();
  auto server = *ServerContext::Create(pki.server, {"http/1.1"});
  auto client = *ClientContext::Create(pki.ca.certificate_pem);
  struct Case {
    const char* name;
    absl::StatusCode code;
  };
  const Case cases[] = {{"localhost", absl::StatusCode::kOk},
                        {"a.example", absl::StatusCode::kOk},
                        {"127.0.0.1", absl::StatusCode::kOk},
                        {"::1", absl::StatusCode::kOk},
                        {"b.example", absl::StatusCode::kUnauthenticated},
                        {"127.0.0.2", absl::StatusCode::kUnauthenticated},
                        {"", absl::StatusCode::kInvalidArgument}};
  for (const Case& c : cases) {
    INFO(c.name);
    auto ends = co_await Meet(server, client, c.name);
    CHECK(ends.client.status().code() == c.code);
    if (!ends.client.ok()) continue;
    CHECK((*ends.client)->alpn() == "http/1.1");
    CHECK((*ends.server)->peer_certificates() == nullptr);  // requested, not required
  }
  KeyPair other = *NewCertificateAuthority("other CA");
  auto ends = co_await Meet(server, *ClientContext::Create(other.certificate_pem), "localhost");
  CHECK(ends.client.status().code() == absl::StatusCode::kUnauthenticated);
  CHECK(ends.server.status().code() == absl::StatusCode::kUnavailable);
}
TEST_CASE("TLS verifies the server's name and chain", "[tls]") { OnBothLoops(Names); }

Task<void> AnyClient() {
  const Pki& pki = ThePki();
  KeyPair other_ca = *NewCertificateAuthority("other CA");
  KeyPair stranger = *IssueCertificate(other_ca, {.subject = {"mallory", {}}, .client = true});
  stranger.certificate_pem += other_ca.certificate_pem;
  auto ends = co_await Meet(*ServerContext::Create(pki.server),
                            *ClientContext::Create(pki.ca.certificate_pem, &stranger), "localhost");
  REQUIRE(ends.server.ok());
  auto certificates = (*ends.server)->peer_certificates();
  REQUIRE(certificates->chain_der.size() == 2);
  auto pool = *TrustPool::FromPem(pki.ca.certificate_pem);
  CHECK(pool->VerifyClient(*certificates).status().code() == absl::StatusCode::kUnauthenticated);
  CHECK((*TrustPool::FromPem(other_ca.certificate_pem))->VerifyClient(*certificates).ok());
}
TEST_CASE("TLS lets any client certificate in and the pool judges it", "[tls]") { OnBothLoops(AnyClient); }

Task<void> Reloads() {
  const Pki& pki = ThePki();
  auto server = *ServerContext::Create(pki.server);
  auto client = *ClientContext::Create(pki.ca.certificate_pem);
  auto before = co_await Meet(server, client, "localhost");
  CHECK_FALSE(server->Reload({"", ""}).ok());
  CHECK_FALSE(server->Reload({pki.server.certificate_pem, pki.client.key_pem}).ok());
  KeyPair renewed =
      *IssueCertificate(pki.ca, {.subject = {"server", {}}, .dns_names = {"renewed.example"}, .server = true});
  CHECK(server->Reload(renewed).ok());
  CHECK((co_await Meet(server, client, "renewed.example")).client.ok());
  CHECK_FALSE((co_await Meet(server, client, "localhost")).client.ok());
  std::string text = "still here";
  co_await WriteAll(before.client->get(), &text);
  co_await ExpectBytes(before.server->get(), &text);
}
TEST_CASE("A reload reaches new handshakes only", "[tls]") { OnBothLoops(Reloads); }

Task<void> Silent() {
  Loop& loop = *Loop::Current();
  auto listener = *loop.net().Listen("127.0.0.1", 0, false);
  auto silent = *co_await loop.net().Connect("127.0.0.1", listener->port(), absl::Seconds(10));
  auto raw = *co_await listener->Accept();
  auto stream = co_await Accept(std::move(raw), *ServerContext::Create(ThePki().server));
  CHECK(stream.status().code() == absl::StatusCode::kDeadlineExceeded);

  auto noisy = *co_await loop.net().Connect("127.0.0.1", listener->port(), absl::Seconds(10));
  raw = *co_await listener->Accept();
  CHECK((co_await noisy->Write("GET / HTTP/1.1\r\n\r\n")).ok());
  stream = co_await Accept(std::move(raw), *ServerContext::Create(ThePki().server));
  CHECK(stream.status().code() == absl::StatusCode::kUnavailable);
}
TEST_CASE("A handshake ends in time", "[tls]") {
  SimLoop loop;
  loop.RunBlocking(Silent());
}

TEST_CASE("Certificates", "[tls]") {
  const Pki& pki = ThePki();
  auto pool = *TrustPool::FromPem(pki.ca.certificate_pem);
  CHECK(pool->VerifyClient({}).status().code() == absl::StatusCode::kUnauthenticated);
  CHECK(pool->VerifyClient({.chain_der = {"junk"}}).status().code() == absl::StatusCode::kUnauthenticated);
  auto until = NotAfter(pki.client.certificate_pem);
  REQUIRE(until.ok());
  CHECK(*until > SystemClock().Now() + absl::Hours(24 * 364));
  CHECK(*until < SystemClock().Now() + absl::Hours(24 * 366));
  for (const char* pem : {"", "junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    CHECK_FALSE(TrustPool::FromPem(pem).ok());
    CHECK_FALSE(NotAfter(pem).ok());
  }
  CHECK_FALSE(IssueCertificate(pki.ca, {.ip_addresses = {"not an address"}}).ok());
  CHECK_FALSE(IssueCertificate({pki.ca.certificate_pem, pki.client.key_pem}, {}).ok());
  CHECK(NewRsaKey(2048)->find("BEGIN PRIVATE KEY") != std::string::npos);
  CHECK_FALSE(NewRsaKey(512).ok());
}

Task<void> ServerCertificateAsClient() {
  const Pki& pki = ThePki();
  auto ends = co_await Meet(*ServerContext::Create(pki.server),
                            *ClientContext::Create(pki.ca.certificate_pem, &pki.server), "localhost");
  REQUIRE(ends.server.ok());
  auto subject = (*TrustPool::FromPem(pki.ca.certificate_pem))->VerifyClient(*(*ends.server)->peer_certificates());
  CHECK(subject.status().code() == absl::StatusCode::kUnauthenticated);  // serverAuth only
}
TEST_CASE("A server certificate is no client certificate", "[tls]") { OnBothLoops(ServerCertificateAsClient); }

}  // namespace
}  // namespace atoll::tls
