// Certificates: who may approve and sign CertificateSigningRequests, and what nobody may ask for (spec/api-machinery.md
// 8.7: CertificateApproval, CertificateSigning, CertificateSubjectRestriction). Also stamps conditions with their
// times, which takes a clock. Nothing here signs: whoever holds the right does.
#pragma once

#include <memory>

#include "common/base/clock.h"
#include "shard/admission/plugin.h"
#include "shard/authorization/authorizer.h"

namespace atoll::admission {

std::unique_ptr<Plugin> NewCertificates(authorization::Authorizer* authorizer, const Clock* clock);

// lastUpdateTime and lastTransitionTime where they are missing; a condition that says what it said keeps its
// transition.
void StampConditions(const json::Value& old, absl::Time now, json::Value* object);

// True when a status update signs or fails the request.
bool Signs(const json::Value& object, const json::Value& old);

}  // namespace atoll::admission
