#include "shard/endpoints/limits.h"

#include <catch2/catch.hpp>

namespace atoll::endpoints {
namespace {

TEST_CASE("Limits that cannot be", "[endpoints]") {
  CHECK(Limits().Validate().ok());
  struct Case {
    const char* flag;
    void (*spoil)(Limits*);
  };
  const Case cases[] = {
      {"--max-requests-inflight", [](Limits* l) { l->max_requests_inflight = -1; }},
      {"--max-mutating-requests-inflight", [](Limits* l) { l->max_mutating_requests_inflight = -1; }},
      {"--request-timeout", [](Limits* l) { l->request_timeout = absl::ZeroDuration(); }},
      {"--min-request-timeout", [](Limits* l) { l->min_request_timeout = absl::Milliseconds(1); }},
      {"--goaway-chance", [](Limits* l) { l->goaway_chance = 0.03; }},
      {"--goaway-chance", [](Limits* l) { l->goaway_chance = -0.01; }},
      {"--shutdown-delay-duration", [](Limits* l) { l->shutdown_delay = absl::Seconds(-1); }},
      {"--strict-transport-security-directives", [](Limits* l) { l->strict_transport_security = {"max-age=x"}; }},
  };
  for (const Case& c : cases) {
    Limits limits;
    c.spoil(&limits);
    absl::Status status = limits.Validate();
    CHECK(absl::IsInvalidArgument(status));
    CHECK(std::string(status.message()).find(c.flag) == 0);
  }
  Limits limits;
  limits.strict_transport_security = {"max-age=31536000", "includeSubDomains", "preload"};
  CHECK(limits.Validate().ok());
}

}  // namespace
}  // namespace atoll::endpoints
