#include "cache-server/server/server.h"

#include <catch2/catch.hpp>

#include "common/http/client.h"
#include "common/loop/asio_loop.h"
#include "common/tls/certificates.h"

namespace atoll::cache_server {
namespace {

struct Answer {
  int status = 0;
  std::string body;
};

Task<void> Get(int port, std::string ca_pem, std::string path, Answer* out) {
  auto tls = tls::ClientContext::Create(ca_pem);
  REQUIRE(tls.ok());
  auto client = http::NewClient(*Loop::Current());
  auto response = co_await client->Do({.host = "127.0.0.1", .port = port, .server_name = "localhost", .tls = *tls},
                                      {.target = path});
  REQUIRE(response.ok());
  out->status = response->status;
  auto body = co_await response->body->ReadAll(1 << 20);
  REQUIRE(body.ok());
  out->body = *std::move(body);
  response->body.reset();
  client->Close();
}

Answer GetFrom(int port, const tls::KeyPair& ca, const std::string& path) {
  AsioLoop loop("test");
  loop.Start();
  Answer out;
  loop.RunBlocking(Get(port, ca.certificate_pem, path, &out));
  loop.Stop();
  return out;
}

TEST_CASE("The cache-server serves health and metrics", "[cache-server]") {
  const tls::KeyPair ca = *tls::NewCertificateAuthority("test");
  const tls::KeyPair pair =
      *tls::IssueCertificate(ca, {.subject = {"test", {}}, .dns_names = {"localhost"}, .server = true, .client = true});
  Options options{.root_directory = "",
                  .secure_port = 0,
                  .serving = pair,
                  .rpc_port = 0,
                  .rpc = pair,
                  .rpc_ca_pem = ca.certificate_pem};
  CHECK(absl::IsInvalidArgument(CacheServer::Start({.root_directory = ""}).status()));
  auto server = CacheServer::Start(options);
  REQUIRE(server.ok());
  for (const char* path : {"/livez", "/readyz", "/healthz"})
    CHECK(GetFrom((*server)->secure_port(), ca, path).body == "ok");
  CHECK(GetFrom((*server)->secure_port(), ca, "/services/cache").status == 404);
  CHECK(GetFrom((*server)->secure_port(), ca, "/metrics").body.find("kcp_cache_publishers 0") != std::string::npos);
  (*server)->Stop();
  (*server)->Stop();
}

}  // namespace
}  // namespace atoll::cache_server
