#include "common/auth/jwt.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "common/auth/testing_keys.h"
#include "common/base/strings.h"

namespace atoll::auth {
namespace {

std::string Encode(std::string_view text) {
  std::string out;
  absl::WebSafeBase64Escape(ToAbsl(text), &out);
  while (out.ends_with('=')) out.pop_back();
  return out;
}

json::Value Claims() {
  json::Value claims = json::Value::MakeObject();
  claims.object().Append("sub", "someone");
  return claims;
}

TEST_CASE("what is signed verifies, with RSA and with EC") {
  for (const std::string& pem : {testing::RsaKey(), testing::EcKey()}) {
    auto signer = JwtSigner::FromPem(pem);
    REQUIRE(signer.ok());
    auto token = (*signer)->Sign(Claims());
    REQUIRE(token.ok());
    for (const std::string& source : {pem, (*signer)->PublicKeyPem()}) {
      auto verifier = JwtVerifier::FromPems({source});
      REQUIRE(verifier.ok());
      auto claims = (*verifier)->Verify(*token);
      REQUIRE(claims.ok());
      CHECK(claims->StringAt({"sub"}) == "someone");
      const json::Value keys = (*verifier)->Jwks();
      CHECK(keys.Find("keys")->array()[0].StringAt({"kid"}) == (*signer)->key_id());
    }
    CHECK(PeekClaims(*token)->StringAt({"sub"}) == "someone");
  }
}

TEST_CASE("forged tokens are refused") {
  auto signer = *JwtSigner::FromPem(testing::RsaKey());
  auto verifier = *JwtVerifier::FromPems({testing::RsaKey()});
  const std::string token = *signer->Sign(Claims());
  const size_t first = token.find('.'), second = token.rfind('.');
  const std::string header = token.substr(0, first), claims = token.substr(first + 1, second - first - 1),
                    signature = token.substr(second + 1);
  const std::string other_claims = Encode(R"({"sub":"system:masters"})");

  const std::pair<const char*, std::string> cases[] = {
      {"other claims", Cat(header, ".", other_claims, ".", signature)},
      {"alg none", Cat(Encode(R"({"alg":"none"})"), ".", other_claims, ".")},
      {"alg none with a signature", Cat(Encode(R"({"alg":"none"})"), ".", claims, ".", signature)},
      {"alg None", Cat(Encode(R"({"alg":"None"})"), ".", claims, ".", signature)},
      {"public key as HMAC secret", Cat(Encode(R"({"alg":"HS256"})"), ".", claims, ".", signature)},
      {"another algorithm of the family", Cat(Encode(R"({"alg":"RS512"})"), ".", claims, ".", signature)},
      {"no algorithm", Cat(Encode(R"({})"), ".", claims, ".", signature)},
      {"unknown kid", Cat(Encode(R"({"alg":"RS256","kid":"x"})"), ".", claims, ".", signature)},
      {"critical extension", Cat(Encode(R"({"alg":"RS256","crit":["b64"]})"), ".", claims, ".", signature)},
      {"no signature", Cat(header, ".", claims, ".")},
      {"two parts", Cat(header, ".", claims)},
      {"four parts", Cat(token, ".x")},
      {"padding", Cat(token, "=")},
      {"trailing bits", token.substr(0, token.size() - 1) + (token.back() == 'A' ? "B" : "A")},
      {"not base64", "a.b!.c"},
      {"header no object", Cat(Encode("[]"), ".", claims, ".", signature)},
      {"empty", ""},
      {"too long", std::string(20'000, 'a')},
  };
  for (const auto& [name, forged] : cases) {
    CAPTURE(name);
    CHECK(absl::IsUnauthenticated(verifier->Verify(forged).status()));
  }
}

TEST_CASE("another key does not verify") {
  auto signer = *JwtSigner::FromPem(testing::RsaKey());
  auto verifier = *JwtVerifier::FromPems({testing::OtherRsaKey(), testing::EcKey()});
  CHECK_FALSE(verifier->Verify(*signer->Sign(Claims())).ok());
}

TEST_CASE("bad keys are refused") {
  CHECK_FALSE(JwtSigner::FromPem("nonsense").ok());
  CHECK_FALSE(JwtVerifier::FromPems({"nonsense"}).ok());
  CHECK_FALSE(JwtSigner::FromPem(testing::ShortRsaKey()).ok());
}

}  // namespace
}  // namespace atoll::auth
