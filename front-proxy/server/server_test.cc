#include "front-proxy/server/server.h"

#include <catch2/catch.hpp>

#include "common/http/client.h"
#include "common/loop/asio_loop.h"
#include "common/tls/certificates.h"

namespace atoll::front_proxy {
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

TEST_CASE("The front-proxy lives at once and is ready with an index", "[front-proxy]") {
  const tls::KeyPair ca = *tls::NewCertificateAuthority("test");
  const tls::KeyPair pair =
      *tls::IssueCertificate(ca, {.subject = {"test", {}}, .dns_names = {"localhost"}, .server = true, .client = true});
  Options options{.root_directory = "",
                  .bind_address = "127.0.0.1",
                  .secure_port = 0,
                  .loops = 2,
                  .serving = pair,
                  .client_ca_pem = ca.certificate_pem,
                  .proxy_client = pair,
                  .shard_ca_pem = ca.certificate_pem,
                  .rpc = pair,
                  .rpc_ca_pem = ca.certificate_pem};
  CHECK(absl::IsInvalidArgument(FrontProxy::Start(options).status()));  // no shard, no cache-server
  options.shards["a"] = {.base_url = "https://127.0.0.1:1", .rpc_address = "127.0.0.1:1"};
  auto proxy = FrontProxy::Start(options);
  REQUIRE(proxy.ok());
  CHECK(GetFrom((*proxy)->port(), ca, "/livez").body == "ok");
  CHECK(GetFrom((*proxy)->port(), ca, "/readyz").status == 500);
  CHECK(GetFrom((*proxy)->port(), ca, "/clusters/root/api").status == 403);
  (*proxy)->Stop();
  (*proxy)->Stop();
}

}  // namespace
}  // namespace atoll::front_proxy
