// When objects that end by themselves are to be removed. Pure: no I/O.
//
// Source: the API machinery spec, §10.4 and §10.5 (CertificateSigningRequests, bootstrap tokens).
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/api/gvr.h"
#include "common/json/value.h"

namespace atoll::controllers {

struct CleaningRule {
  const char* queue;  // the controller's name
  api::Gvr resource;
  const char* ns;            // only objects of this namespace; nullptr: all
  std::string_view mention;  // stored bytes without it concern no rule; "": all do
  // When to delete the object as it stands. Nullopt: not for what time brings.
  std::optional<absl::Time> (*due)(const json::Value& object);
};

const std::vector<CleaningRule>& CleaningRules();

}  // namespace atoll::controllers
