// Service account issuer discovery: where others find the keys that sign our tokens (OpenID Connect Discovery 1.0,
// RFC 7517; spec/api-machinery.md 1.11). Both documents are made once; who may read them is RBAC's to say
// (system:service-account-issuer-discovery). Served in every logical cluster. Immutable, any loop.
#pragma once

#include <string>

#include "common/json/value.h"
#include "common/loop/task.h"
#include "shard/endpoints/call.h"

namespace atoll::endpoints {

class IssuerDiscovery {
 public:
  struct Options {
    std::string issuer;    // not an https URL, or one with a query or a fragment: nothing is served
    std::string jwks_uri;  // where clients find the keys
    json::Value jwks;      // auth::JwtVerifier::Jwks()
  };
  explicit IssuerDiscovery(const Options& options);
  bool published() const { return !configuration_.empty(); }
  // True when it has answered. REQUIRES: the user may.
  Task<bool> Serve(Call& call) const;

 private:
  std::string configuration_, keys_;  // empty: not served
};

}  // namespace atoll::endpoints
