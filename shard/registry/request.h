// ApiRequest: one call of the API after parsing and before anything else, from a socket and from a controller alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/api/gvr.h"
#include "common/auth/user.h"
#include "common/json/value.h"
#include "common/path/path.h"

namespace atoll::registry {

enum class Verb : uint8_t { kGet, kList, kWatch, kCreate, kUpdate, kPatch, kDelete, kDeleteCollection };
const char* VerbName(Verb verb);  // "get", ..., "deletecollection": RBAC's words

enum class PatchType : uint8_t { kJson, kMerge, kStrategicMerge, kApply };

struct WriteOptions {
  bool dry_run = false;
  std::string field_manager;  // resolved: never empty for writes
  enum class FieldValidation : uint8_t { kIgnore, kWarn, kStrict } field_validation = FieldValidation::kWarn;
  bool force = false;
  std::vector<std::string> duplicates;  // keys that the body repeats (json::ParseOptions); judged with unknown fields
};

struct DeleteOptions {
  bool dry_run = false;
  std::optional<std::string> uid, resource_version;  // preconditions
  std::string propagation_policy;                    // "", Foreground, Background, Orphan
  std::optional<bool> orphan_dependents;             // the deprecated option; never with a policy
};

struct ListOptions {
  std::string label_selector, field_selector;
  std::string resource_version, resource_version_match;
  int64_t limit = 0;
  std::string continue_token;
  bool allow_bookmarks = false;
  std::optional<bool> send_initial_events;
  absl::Duration timeout = absl::ZeroDuration();  // watch; zero: the server chooses
};

// The cluster a request is for: one id, or all of this shard's.
struct ClusterScope {
  LogicalClusterId id;
  bool wildcard = false;
};

}  // namespace atoll::registry
