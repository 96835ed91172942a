// Reviews: create-only resources that answer "who am I?", "may she?", "whose token is this?", and the token subresource
// of service accounts. Evaluated in the cluster of the request, never stored (spec/api-machinery.md 9.2, 9.5;
// spec/tenancy.md 5.8).
#pragma once

#include <string>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/auth/authn/service_account/service_account.h"
#include "common/auth/cluster_tokens.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/http/message.h"
#include "shard/authorization/authorizer.h"
#include "shard/registry/connector.h"

namespace atoll::authorization {

// A shard's own question: judge by RBAC alone, without required groups, content and maximal permission policies
// (spec/tenancy.md 5.7). Only masters may ask it; from anybody else the header means nothing. The endpoint puts the
// answer into CallContext::deep_review.
inline constexpr std::string_view kDeepReviewHeader = "x-kcp-internal-deep-subjectaccessreview";
bool IsDeepReview(const http::Headers& headers, const auth::User& user);

struct ReviewOptions {
  Authorizer* authorizer = nullptr;
  auth::TokenAuthenticator* tokens = nullptr;              // TokenReview
  auth::ClusterTokens* cluster_tokens = nullptr;           // the same, for what they do not know; may be null
  auth::ServiceAccountLookup* service_accounts = nullptr;  // token requests
  const auth::JwtSigner* signer = nullptr;                 // null: token requests answer 404
  std::string issuer;
  std::vector<std::string> api_audiences;
  absl::Duration token_lifetime_max = absl::ZeroDuration();  // zero: no limit but 2^32 s
  const Clock* clock = &SystemClock();
  Random* random = &SystemRandom();
};

// Adds all of them.
void AddReviewConnectors(const ReviewOptions& options, registry::Connectors* connectors);

}  // namespace atoll::authorization
