// The two methods that rest on client certificates, with certificates of a CA made for the test.
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>

#include "common/auth/authn/all.h"
#include "common/auth/testing_run.h"

namespace atoll::auth {
namespace {

using testing::RunNow;

std::shared_ptr<const http::PeerCertificates> Presented(const tls::KeyPair& pair, std::string id) {
  BIO* bio = BIO_new_mem_buf(pair.certificate_pem.data(), static_cast<int>(pair.certificate_pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  auto out = std::make_shared<http::PeerCertificates>();
  out->chain_der.emplace_back(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  out->leaf_sha256 = std::move(id);  // any unique text serves as the cache's key
  OPENSSL_free(der);
  X509_free(certificate);
  BIO_free(bio);
  return out;
}

struct Fixture {
  tls::KeyPair ca = *tls::NewCertificateAuthority("clients"), proxy_ca = *tls::NewCertificateAuthority("proxies");
  ManualClock clock{absl::Now()};

  std::shared_ptr<const http::PeerCertificates> Client(const tls::KeyPair& issuer, std::string name,
                                                       std::vector<std::string> groups = {}, bool client = true) {
    return Presented(*tls::IssueCertificate(
                         issuer, {.subject = {name, groups}, .dns_names = {"a"}, .server = !client, .client = client}),
                     &issuer == &ca ? name : "proxies/" + name);
  }
  Authentication New(std::vector<std::string> allowed = {"front-proxy"}) {
    AuthenticationOptions options;
    options.client_ca = *tls::TrustPool::FromPem(ca.certificate_pem);
    options.request_header_ca = *tls::TrustPool::FromPem(proxy_ca.certificate_pem);
    options.request_header_allowed_names = std::move(allowed);
    options.clock = &clock;
    return NewAuthentication(std::move(options));
  }
  static absl::StatusOr<std::optional<User>> Ask(const Authentication& authentication,
                                                 std::shared_ptr<const http::PeerCertificates> peer, bool headers) {
    http::Request request;
    request.peer_certificates = std::move(peer);
    if (headers) {
      request.headers.Add("x-remote-user", "bob");
      request.headers.Add("x-remote-group", "devs");
    }
    return RunNow(authentication.requests->Authenticate(request));
  }
};

TEST_CASE_METHOD(Fixture, "CVE-2018-16886: client certificates name users by their own authority and purpose alone") {
  Authentication authentication = New();
  const auto alice = Client(ca, "alice", {"a", "b"});
  for (int i = 0; i < 2; ++i) {  // verified, then remembered
    auto user = Ask(authentication, alice, false);
    REQUIRE(user.ok());
    CHECK((*user)->name == "alice");
    CHECK((*user)->groups == std::vector<std::string>{"a", "b", "system:authenticated"});
    CHECK((*user)->extra.at("authentication.kubernetes.io/credential-id") ==
          std::vector<std::string>{"X509SHA256=alice"});
  }
  CHECK(absl::IsUnauthenticated(Ask(authentication, Client(proxy_ca, "mallory"), false).status()));
  CHECK(absl::IsUnauthenticated(Ask(authentication, Client(ca, "server", {}, false), false).status()));
}

TEST_CASE_METHOD(Fixture, "identity headers count from the front proxy alone") {
  Authentication authentication = New();
  auto bob = Ask(authentication, Client(proxy_ca, "front-proxy"), true);
  REQUIRE(bob.ok());
  CHECK((*bob)->name == "bob");
  CHECK((*bob)->groups == std::vector<std::string>{"devs", "system:authenticated"});
  // The right name from the wrong CA, and the right CA with the wrong name, are judged by their own certificates.
  CHECK((*Ask(authentication, Client(ca, "front-proxy"), true))->name == "front-proxy");
  CHECK(absl::IsUnauthenticated(Ask(authentication, Client(proxy_ca, "other"), true).status()));
  CHECK((*Ask(New({}), Client(proxy_ca, "other"), true))->name == "bob");
  CHECK((*Ask(authentication, nullptr, true))->name == "system:anonymous");
}

}  // namespace
}  // namespace atoll::auth
