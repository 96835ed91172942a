// Who may be called what: the names that a CustomResourceDefinition asks for against those that others of its group
// have (spec/api-machinery.md 7.7), without I/O.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/json/value.h"

namespace atoll::controllers {

// Accepted names of the other definitions of a group.
struct TakenNames {
  std::set<std::string, std::less<>> resources;  // plurals, singulars, short names
  std::set<std::string, std::less<>> kinds;      // kinds and list kinds
  // `names`: a status.acceptedNames.
  void Add(const json::Value& names);
};

// Sets status.acceptedNames to what may be accepted, and the conditions NamesAccepted, Established and
// KubernetesAPIApprovalPolicyConformant. What was accepted once stays accepted. True when anything changed.
bool AcceptNames(const TakenNames& taken, absl::Time now, json::Value* crd);

// True when all names it asks for are accepted.
bool HasItsNames(const json::Value& crd);

}  // namespace atoll::controllers
