// Audit policies: whatever parses judges any request without trouble.
#include <cstdint>

#include "common/audit/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::audit;  // NOLINT
  std::vector<std::string> warnings;
  const auto policy = Policy::Parse({reinterpret_cast<const char*>(data), size}, &warnings);
  if (!policy.ok()) return 0;
  const atoll::auth::User user{.name = "ann", .uid = "", .groups = {"a", "b"}, .extra = {}};
  (void)policy->Evaluate({.user = &user, .verb = "get", .resource_request = false, .path = "/metrics"});
  (void)policy->Evaluate({.user = nullptr,
                          .verb = "list",
                          .resource_request = true,
                          .path = "/api/v1/namespaces/n/configmaps",
                          .group = "",
                          .resource = "configmaps",
                          .subresource = "status",
                          .ns = "n"});
  return 0;
}
