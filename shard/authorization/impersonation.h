// Impersonation: acting as somebody else by Impersonate-* headers (spec/tenancy.md 5.10, spec/api-machinery.md 9.4,
// KEP-5284).
#pragma once

#include "absl/status/statusor.h"
#include "common/auth/user.h"
#include "common/http/message.h"
#include "common/loop/task.h"
#include "shard/authorization/authorizer.h"

namespace atoll::authorization {

// True when the request asks for it; then, and only then, call Impersonate.
bool WantsImpersonation(const http::Headers& headers);

// The user that the request of `target.user` acts as. `target` describes the request itself: its cluster is where the
// right to impersonate is looked for, and the only one where the result may act, unless masters ask. The caller removes
// the headers (StripImpersonation). Errors: BadRequest; Forbidden.
struct Impersonated {
  auth::User user;
  std::string constraint;  // the verb that allowed it, `impersonate:user-info`; "" for the legacy one
};
Task<absl::StatusOr<Impersonated>> Impersonate(Authorizer& authorizer, const Attributes& target,
                                               const http::Headers& headers);

void StripImpersonation(http::Headers* headers);

}  // namespace atoll::authorization
