#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/encoding.h"
#include "common/base/strings.h"
#include "common/tls/certificates.h"
#include "shard/controllers/cleaner/controller.h"
#include "shard/controllers/framework/controller_testing.h"

namespace atoll::controllers {
namespace {

const CleaningRule& Rule(std::string_view queue) {
  for (const CleaningRule& rule : CleaningRules()) {
    if (rule.queue == queue) return rule;
  }
  FAIL("no rule");
  std::abort();
}

TEST_CASE("cleaner: when a request for a certificate has come to its end", "[controllers]") {
  auto ca = tls::NewCertificateAuthority("test");
  CHECK_OK(ca);
  auto leaf = tls::IssueCertificate(*ca, {.subject = {"a", {}}, .client = true, .lifetime = absl::Minutes(1)});
  CHECK_OK(leaf);
  const std::string certificate = StrCat(R"("certificate":")", Base64Encode(leaf->certificate_pem), "\"");
  const auto at = [](int hour) { return absl::FromUnixSeconds(3600LL * hour); };
  const auto condition = [](const char* type, int hour) {
    return StrCat(R"({"type":")", type, R"(","lastUpdateTime":"1970-01-01T0)", hour, R"(:00:00Z"})");
  };
  struct Row {
    std::string status;
    std::optional<absl::Time> due;
  };
  const Row rows[] = {
      {"", at(25)},
      {StrCat(R"("conditions":[)", condition("Approved", 3), "]"), at(27)},
      {StrCat(R"("conditions":[)", condition("Denied", 3), "]"), at(4)},
      {StrCat(R"("conditions":[)", condition("Approved", 3), ",", condition("Failed", 5), "]"), at(6)},
      {StrCat(R"("conditions":[)", condition("Approved", 3), "],", certificate), at(4)},
      {StrCat(R"("conditions":[)", condition("Other", 3), "]"), at(25)},
      {R"("conditions":[{"type":"Approved"}])", std::nullopt},
      // Issued, nobody says when: its own end.
      {StrCat(R"("conditions":[{"type":"Approved"}],)", certificate), *tls::NotAfter(leaf->certificate_pem)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    auto request =
        json::Parse(StrCat(R"({"metadata":{"creationTimestamp":"1970-01-01T01:00:00Z"},"status":{)", row.status, "}}"));
    CHECK_OK(request);
    CHECK(Rule("csr_cleaner").due(*request) == row.due);
  }
}

struct Fixture : ControllerFixture {
  Fixture() : ControllerFixture([](const Context& c) { return NewCleaner(c, Rule("token_cleaner")); }) {}

  client::ObjectRef Ref(std::string name, std::string ns) const {
    return {cluster, {"", "v1", "secrets"}, std::move(ns), std::move(name), ""};
  }
  std::string Expiration(absl::Duration from_now) {
    return Base64Encode(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", loop.clock().Now() + from_now, absl::UTCTimeZone()));
  }
  void Make(std::string name, std::string expiration, std::string ns = "kube-system",
            std::string_view type = "bootstrap.kubernetes.io/token") {
    const std::string text = StrCat(R"({"metadata":{"name":")", name, R"("},"type":")", type,
                                    R"(","data":{"expiration":")", expiration, R"("}})");
    CHECK_OK(Await(client.Create(Ref(name, ns), *json::Parse(text))));
  }
  bool Gone(std::string name, std::string ns = "kube-system") {
    auto found = Await(client.Get(Ref(std::move(name), std::move(ns))));
    return api::IsNotFound(found.status());
  }
};

TEST_CASE_METHOD(Fixture, "cleaner: bootstrap tokens go when they end, also across a restart", "[controllers]") {
  Make("soon", Expiration(absl::Minutes(10)));
  Make("later", Expiration(absl::Hours(10)));
  Make("unreadable", Base64Encode("next week"));
  Make("elsewhere", Expiration(-absl::Hours(1)), "default");
  Make("other", Expiration(-absl::Hours(1)), "kube-system", "Opaque");
  Until([&] { return Gone("unreadable"); });
  loop.Advance(absl::Minutes(9));
  CHECK_FALSE(Gone("soon"));
  loop.Advance(absl::Minutes(2));
  Until([&] { return Gone("soon"); });

  // Prolonged, then the process is another one.
  CHECK_OK(Await(
      client.MergePatch(Ref("later", "kube-system"),
                        *json::Parse(StrCat(R"({"data":{"expiration":")", Expiration(absl::Hours(20)), R"("}})")))));
  Stop();
  Start();
  loop.Advance(absl::Hours(15));
  CHECK_FALSE(Gone("later"));
  loop.Advance(absl::Hours(6));
  Until([&] { return Gone("later"); });
  CHECK_FALSE(Gone("elsewhere", "default"));
  CHECK_FALSE(Gone("other"));
}

}  // namespace
}  // namespace atoll::controllers
