#include "shard/admission/certificates/plugin.h"

#include <catch2/catch.hpp>

#include "common/base/strings.h"
#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

constexpr char kResource[] = "certificatesigningrequests.certificates.k8s.io";
// Requests of /CN=joe/O=devs and /CN=joe/O=system:masters, in base64 of PEM.
constexpr char kDevs[] =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWU1IOENBUUF3SFRFTU1Bb0dBMVVFQXd3RGFtOWxNUTB3Q3dZ"
    "RFZRUUtEQVJrWlhaek1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUUzcHhHcTE0OTlXOEFQTmpCc0NRQlhFaFRx"
    "cThOakJsRnpOMzhRWHBuClZ5d0FRRlhjT1JZOVNKRGFsaUdJeVh3dTQyQllRbXY1QTRFajZNSk1OMXNaVmFBQU1Bb0dDQ3FHU000"
    "OUJBTUMKQTBrQU1FWUNJUURHNWxjWjc2STBmMGxJc0ZibWpzcGcvZ1luU1EwcWlPNUZoazlDakZ3Y3NRSWhBSnVmZm5VTwpTbTM5"
    "TWpiNGtXeTdOd1k1LzNOV3NTakx4Z21QSFl3cGZuVTYKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==";
constexpr char kMastersRequest[] =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIaE1JR0pBZ0VBTUNjeEREQUtCZ05WQkFNTUEycHZaVEVYTUJV"
    "R0ExVUVDZ3dPYzNsemRHVnRPbTFoYzNSbApjbk13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVROTCtKWDVQNDdh"
    "Z0lrQkhwNDZBL0xLWjU0CmZTSU0vd1paamdZSFp0dUNlVHNTVmI1SC9maGVnTFU3akF5bmtCa0RTODdnb3k2NVhaeDA5ekVHMW4r"
    "SG9BQXcKQ2dZSUtvWkl6ajBFQXdJRFJ3QXdSQUlnRk9LbVRBb282ZzZ4aEdEYVZKc0R3RUJhZno1anJWNG13QUF4SnhWbApNaXdD"
    "SUZGSTdqZHk0R3I1czg4ZXdZaTNXbXpnNVpOaVIrd1RXa3g3cG9qekNGbTQKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0t"
    "LS0tCg==";

std::string Csr(std::string_view signer, std::string_view request, std::string_view status = "{}") {
  return StrCat(R"({"metadata":{"name":"c"},"spec":{"signerName":")", signer, R"(","request":")", request,
                R"("},"status":)", status, "}");
}

struct Fixture : World {
  ManualClock clock;
  std::unique_ptr<Plugin> plugin = NewCertificates(&authorizer, &clock);

  std::string Update(const char* subresource, std::string_view status, std::string_view old_status = "{}") {
    return Run(*plugin, {.operation = Operation::kUpdate,
                         .resource = kResource,
                         .object = Csr("example.com/s", kDevs, status),
                         .old_object = Csr("example.com/s", kDevs, old_status),
                         .name = "c",
                         .subresource = subresource})
        .message();
  }
};

TEST_CASE_METHOD(Fixture, "Certificates: nobody asks for system:masters", "[admission]") {
  const auto create = [&](const char* signer, const char* request) {
    return Run(*plugin, {.resource = kResource, .object = Csr(signer, request), .user = kMaster}).message();
  };
  CHECK(create("kubernetes.io/kube-apiserver-client", kDevs) == "");
  CHECK(
      create("kubernetes.io/kube-apiserver-client", kMastersRequest) ==
      R"(certificatesigningrequests.certificates.k8s.io "c" is forbidden: use of kubernetes.io/kube-apiserver-client )"
      R"(signer with system:masters group is not allowed)");
  CHECK(create("example.com/s", kMastersRequest) == "");
  CHECK(create("kubernetes.io/kube-apiserver-client", "bm90aGluZw==") == "");
}

TEST_CASE_METHOD(Fixture, "Certificates: who may approve and sign", "[admission]") {
  constexpr char kApproved[] = R"({"conditions":[{"type":"Approved","status":"True"}]})";
  constexpr char kFailed[] = R"({"conditions":[{"type":"Failed","status":"True"}]})";
  constexpr char kSigned[] = R"({"certificate":"eA=="})";
  const std::string refused =
      R"(certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to @ requests with )"
      R"(signerName "example.com/s")";
  const auto to = [&](const char* verb) { return std::string(refused).replace(refused.find('@'), 1, verb); };
  CHECK(Update("approval", kApproved) == to("approve"));
  CHECK(Update("status", kSigned) == to("sign"));
  CHECK(Update("status", kFailed) == to("sign"));
  CHECK(Update("status", kApproved, kApproved) == "");  // neither signed nor failed
  CHECK(Update("", kApproved) == "");
  for (const char* name : {"example.com/s", "example.com/*"}) {
    CAPTURE(name);
    authorizer.allowed = {{"alice", "approve", "signers", name}};
    CHECK(Update("approval", kApproved) == "");
    CHECK(Update("status", kSigned) == to("sign"));
    authorizer.allowed = {{"alice", "sign", "signers", name}};
    CHECK(Update("status", kSigned) == "");
  }
}

TEST_CASE("Certificates: conditions are stamped", "[admission]") {
  const json::Value old = Json(
      R"({"status":{"conditions":[{"type":"Approved","status":"True","lastTransitionTime":"2020-01-01T00:00:00Z"}]}})");
  json::Value object =
      Json(R"({"status":{"conditions":[{"type":"Approved","status":"True"},{"type":"Failed","status":"True"},)"
           R"({"type":"X","status":"True","lastUpdateTime":"a","lastTransitionTime":"b"},"junk"]}})");
  StampConditions(old, absl::FromUnixSeconds(0), &object);
  CHECK(
      json::Write(*object.At({"status", "conditions"})) ==
      R"([{"type":"Approved","status":"True","lastUpdateTime":"1970-01-01T00:00:00Z","lastTransitionTime":"2020-01-01T00:00:00Z"},)"
      R"({"type":"Failed","status":"True","lastUpdateTime":"1970-01-01T00:00:00Z","lastTransitionTime":"1970-01-01T00:00:00Z"},)"
      R"({"type":"X","status":"True","lastUpdateTime":"a","lastTransitionTime":"b"},"junk"])");
  json::Value none = Json("{}");
  StampConditions(old, absl::FromUnixSeconds(0), &none);
  CHECK(json::Write(none) == "{}");
}

}  // namespace
}  // namespace atoll::admission::testing
