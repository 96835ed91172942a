// Authorizer: may this user do this here? The chain of spec/tenancy.md 5.3, readable top to bottom in chain.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/user.h"
#include "common/loop/task.h"
#include "shard/registry/request.h"

namespace atoll::authorization {

// What each link of the chain said of a request, in order, for the audit log. Only for who asks: reasons cost strings.
struct Trail {
  struct Step {
    std::string_view link;      // `02-content`
    std::string_view decision;  // Allowed, Denied, NoOpinion
    std::string reason;
  };
  std::vector<Step> steps;

  // As annotations `<domain>/<link>-decision` and `-reason`.
  void Tell(std::string_view domain, const std::function<void(std::string_view, std::string_view)>& annotate) const;
};

struct Attributes {
  const auth::User& user;
  registry::ClusterScope cluster;
  std::string verb;  // RBAC's word; for non-resource requests the lower-case HTTP method
  bool resource_request = true;
  std::string group, version, resource, subresource, ns, name;
  std::string path;   // non-resource: without the cluster prefix
  bool deep = false;  // deep SAR (spec/tenancy.md 5.7)
  Trail* trail = nullptr;
};

struct Decision {
  enum class Kind : uint8_t { kNoOpinion, kAllow, kDeny } kind = Kind::kNoOpinion;
  std::string reason;
  bool allowed() const { return kind == Kind::kAllow; }
};

struct PolicyRule {
  std::vector<std::string> verbs, api_groups, resources, resource_names, non_resource_urls;
  friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // Any loop; cached decisions data, a miss reads the store. Fails closed.
  virtual Task<Decision> Authorize(const Attributes& attributes) = 0;
  // All rules that hold for `user` in the cluster and namespace, for SelfSubjectRulesReview (bootstrap and local ones).
  virtual Task<absl::StatusOr<std::vector<PolicyRule>>> RulesFor(const auth::User& user,
                                                                 const LogicalClusterId& cluster, std::string ns) = 0;
};

// The 403 of a denied request: `configmaps is forbidden: User "x" cannot list resource ...: access denied`
// (spec/api-machinery.md 9.6).
absl::Status ForbiddenError(const Attributes& attributes, std::string_view reason = "access denied");

}  // namespace atoll::authorization
