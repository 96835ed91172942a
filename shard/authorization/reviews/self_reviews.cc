// SelfSubjectReview: who am I? SelfSubjectRulesReview: what may I in this namespace?
#include <utility>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "shard/authorization/reviews/common.h"
#include "shard/authorization/rules.h"

namespace atoll::authorization::reviews {
namespace {

class SelfSubjectReview final : public registry::Connector {
 public:
  explicit SelfSubjectReview(const ReviewOptions& options) : options_(options) {}

  Task<absl::StatusOr<json::Value>> Connect(registry::CallContext& ctx, json::Value, registry::WriteOptions) override {
    json::Object metadata, status;
    metadata.Append("creationTimestamp", api::FormatTime(options_.clock->Now()));
    status.Append("userInfo", auth::UserInfo(ctx.user));
    json::Object out = NewReview("SelfSubjectReview", "authentication.k8s.io/v1");
    out.Append("metadata", json::Value(std::move(metadata)));
    out.Append("status", json::Value(std::move(status)));
    co_return json::Value(std::move(out));
  }

 private:
  const ReviewOptions options_;
};

class SelfSubjectRulesReview final : public registry::Connector {
 public:
  explicit SelfSubjectRulesReview(const ReviewOptions& options) : options_(options) {}

  Task<absl::StatusOr<json::Value>> Connect(registry::CallContext& ctx, json::Value body,
                                            registry::WriteOptions) override {
    const std::string ns(body.StringAt({"spec", "namespace"}));
    if (ns.empty()) co_return api::BadRequest("no namespace on request");
    CO_ASSIGN_OR_RETURN(const std::vector<PolicyRule> rules,
                        co_await options_.authorizer->RulesFor(ctx.user, ctx.cluster.id, ns));
    json::Array resource_rules, non_resource_rules;
    for (const PolicyRule& rule : rules) {
      if (!rule.resources.empty()) {
        PolicyRule part = rule;
        part.non_resource_urls.clear();
        resource_rules.push_back(RuleToJson(part));
      }
      if (!rule.non_resource_urls.empty())
        non_resource_rules.push_back(RuleToJson({.verbs = rule.verbs, .non_resource_urls = rule.non_resource_urls}));
    }
    json::Object status;
    status.Append("resourceRules", json::Value(std::move(resource_rules)));
    status.Append("nonResourceRules", json::Value(std::move(non_resource_rules)));
    status.Append("incomplete", false);
    json::Object out = NewReview("SelfSubjectRulesReview", "authorization.k8s.io/v1");
    out.Append("metadata", json::Value::MakeObject());
    out.Append("spec", json::Value::MakeObject());
    out.Append("status", json::Value(std::move(status)));
    co_return json::Value(std::move(out));
  }

 private:
  const ReviewOptions options_;
};

}  // namespace

std::unique_ptr<registry::Connector> NewSelfSubjectReview(const ReviewOptions& options) {
  return std::make_unique<SelfSubjectReview>(options);
}
std::unique_ptr<registry::Connector> NewSelfSubjectRulesReview(const ReviewOptions& options) {
  return std::make_unique<SelfSubjectRulesReview>(options);
}

}  // namespace atoll::authorization::reviews
