// Policy: which requests are recorded, and how much of them (audit.k8s.io/v1 Policy; spec/api-machinery.md 12.4). The
// first rule that matches decides; what matches none is not recorded. Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/user.h"

namespace atoll::audit {

// Each includes what those before it record.
enum class Level : uint8_t { kNone, kMetadata, kRequest, kRequestResponse };
std::string_view LevelName(Level level);

enum class Stage : uint8_t { kRequestReceived, kResponseStarted, kResponseComplete, kPanic };
std::string_view StageName(Stage stage);

// What rules look at. Everything outlives the call.
struct Subject {
  const auth::User* user = nullptr;  // null: nobody was authenticated
  std::string_view verb;
  bool resource_request = false;
  std::string_view path;  // without the cluster prefix
  std::string_view group, resource, subresource, ns, name;
};

struct Verdict {
  Level level = Level::kNone;
  uint8_t omitted = 0;  // stages, one bit each
  bool omit_managed_fields = false;

  bool Omits(Stage stage) const { return ((omitted >> static_cast<int>(stage)) & 1) != 0; }
};

class Policy {
 public:
  // Reads YAML or JSON. Unknown members are told in `warnings` and ignored, as Kubernetes does. Errors:
  // InvalidArgument that names every field.
  static absl::StatusOr<Policy> Parse(std::string_view text, std::vector<std::string>* warnings);

  Verdict Evaluate(const Subject& subject) const;

 private:
  struct GroupResources {
    std::string group;
    std::vector<std::string> resources, names;
  };
  struct Rule {
    Verdict verdict;
    std::vector<std::string> users, groups, verbs, namespaces, paths;
    std::vector<GroupResources> resources;

    bool Matches(const Subject& subject) const;
    bool MatchesResource(const Subject& subject) const;
  };

  std::vector<Rule> rules_;
  Verdict otherwise_;
};

}  // namespace atoll::audit
