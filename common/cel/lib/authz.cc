// Kubernetes' authorizer: `authorizer.group('apps').resource('deployments').check('create').allowed()`.
#include "common/api/validation.h"
#include "common/base/strings.h"
#include "common/cel/authorizer.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"

namespace atoll::cel {
namespace {

// An authorizer, a path or resource check: a question that is filled in call by call.
class CheckValue final : public Opaque {
 public:
  CheckValue(const Type* type, Authorizer* a, AuthorizerQuery q) : authorizer(a), query(std::move(q)), type_(type) {}
  const Type* type() const override { return type_; }

  Authorizer* const authorizer;
  const AuthorizerQuery query;

 private:
  const Type* const type_;
};

class DecisionValue final : public Opaque {
 public:
  explicit DecisionValue(AuthorizerDecision d) : decision(std::move(d)) {}
  const Type* type() const override {
    static const Type* type = Type::Named("kubernetes.authorization.Decision");
    return type;
  }

  const AuthorizerDecision decision;
};

}  // namespace

const Type* AuthorizerType() { return Type::Named("kubernetes.authorization.Authorizer"); }
const Type* ResourceCheckType() { return Type::Named("kubernetes.authorization.ResourceCheck"); }

Value AuthorizerValue(Authorizer* authorizer, Arena& arena) {
  return Value::Of(arena.Own(std::make_unique<CheckValue>(AuthorizerType(), authorizer, AuthorizerQuery())));
}
Value ResourceCheckValue(Authorizer* authorizer, AuthorizerQuery resource, Arena& arena) {
  return Value::Of(arena.Own(std::make_unique<CheckValue>(ResourceCheckType(), authorizer, std::move(resource))));
}

namespace lib {
namespace {

constexpr uint64_t kCheckCost = 350'000;  // two of them fit into one expression

const CheckValue& Get(const Value& v) { return static_cast<const CheckValue&>(v.opaque()); }
const AuthorizerDecision& Decision(const Value& v) { return static_cast<const DecisionValue&>(v.opaque()).decision; }

// The same question with one member set.
Value With(CallContext& c, Arguments a, const Type* type, std::string AuthorizerQuery::* member) {
  AuthorizerQuery query = Get(a[0]).query;
  query.*member = std::string(a[1].text());
  return Value::Of(c.arena().Own(std::make_unique<CheckValue>(type, Get(a[0]).authorizer, std::move(query))));
}
bool IsBlank(std::string_view s) { return s.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos; }

Value Path(CallContext& c, Arguments a) {
  if (IsBlank(a[1].text())) return Value::StaticError("path must not be empty");
  return With(c, a, Type::Named("kubernetes.authorization.PathCheck"), &AuthorizerQuery::path);
}
Value Group(CallContext& c, Arguments a) {
  return With(c, a, Type::Named("kubernetes.authorization.GroupCheck"), &AuthorizerQuery::group);
}
Value Resource(CallContext& c, Arguments a) {
  if (IsBlank(a[1].text())) return Value::StaticError("resource must not be empty");
  return With(c, a, ResourceCheckType(), &AuthorizerQuery::resource);
}
template <std::string AuthorizerQuery::* kMember>
Value Set(CallContext& c, Arguments a) {
  return With(c, a, ResourceCheckType(), kMember);
}
Value ServiceAccount(CallContext& c, Arguments a) {
  if (!api::CheckName(api::NameRule::kDns1123Subdomain, a[2].text()).empty()) {
    return Value::StaticError("Invalid service account name");
  }
  if (!api::CheckName(api::NameRule::kDns1123Label, a[1].text()).empty()) {
    return Value::StaticError("Invalid service account namespace");
  }
  AuthorizerQuery query = Get(a[0]).query;
  query.service_account_namespace = a[1].text();
  query.service_account = a[2].text();
  return Value::Of(
      c.arena().Own(std::make_unique<CheckValue>(AuthorizerType(), Get(a[0]).authorizer, std::move(query))));
}
Value Check(CallContext& c, Arguments a) {
  if (!c.Affords(kCheckCost)) return a[0];  // its cost ends the run
  AuthorizerQuery query = Get(a[0]).query;
  query.verb = a[1].text();
  return Value::Of(c.arena().Own(std::make_unique<DecisionValue>(Get(a[0]).authorizer->Check(query))));
}
Value Allowed(CallContext&, Arguments a) { return Value::Bool(Decision(a[0]).allowed); }
Value Errored(CallContext&, Arguments a) { return Value::Bool(!Decision(a[0]).error.empty()); }
Value Reason(CallContext&, Arguments a) { return Value::String(Decision(a[0]).reason); }
Value ErrorOf(CallContext&, Arguments a) { return Value::String(Decision(a[0]).error); }

uint64_t CheckCost(Arguments, const Value&) { return kCheckCost; }
CallEstimate CheckEstimate(const EstimateContext&, std::span<const Operand>) {
  return {.cost = Range::Fixed(kCheckCost), .size = {}};
}

// A selector is a list; each requirement, two characters at least, a structure with a list.
Range SelectorRange(const Range& length) {
  return Range::Fixed(kListCost) + length * kStringTraversalFactor +
         length * 0.5 * static_cast<double>(kListCost + kStructCost);
}
uint64_t SelectorCost(Arguments a, const Value&) { return SelectorRange(Range::Fixed(CostSize(a[1]))).max; }
CallEstimate SelectorEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return {.cost = SelectorRange(c.Size(a[1])), .size = {}};
}

#define AUTHORIZER "kubernetes.authorization.Authorizer"
#define PATH_CHECK "kubernetes.authorization.PathCheck"
#define GROUP_CHECK "kubernetes.authorization.GroupCheck"
#define RESOURCE_CHECK "kubernetes.authorization.ResourceCheck"
#define DECISION "kubernetes.authorization.Decision"

constexpr OverloadRow kRows[] = {
    {"path", "authorizer_path", Style::kMember, AUTHORIZER ",string", PATH_CHECK, &Path},
    {"group", "authorizer_group", Style::kMember, AUTHORIZER ",string", GROUP_CHECK, &Group},
    {"serviceAccount", "authorizer_serviceaccount", Style::kMember, AUTHORIZER ",string,string", AUTHORIZER,
     &ServiceAccount},
    {"resource", "groupcheck_resource", Style::kMember, GROUP_CHECK ",string", RESOURCE_CHECK, &Resource},
    {"subresource", "resourcecheck_subresource", Style::kMember, RESOURCE_CHECK ",string", RESOURCE_CHECK,
     &Set<&AuthorizerQuery::subresource>},
    {"namespace", "resourcecheck_namespace", Style::kMember, RESOURCE_CHECK ",string", RESOURCE_CHECK,
     &Set<&AuthorizerQuery::namespace_name>},
    {"name", "resourcecheck_name", Style::kMember, RESOURCE_CHECK ",string", RESOURCE_CHECK,
     &Set<&AuthorizerQuery::name>},
    {"check", "pathcheck_check", Style::kMember, PATH_CHECK ",string", DECISION, &Check, &CheckCost, &CheckEstimate},
    {"check", "resourcecheck_check", Style::kMember, RESOURCE_CHECK ",string", DECISION, &Check, &CheckCost,
     &CheckEstimate},
    {"allowed", "decision_allowed", Style::kMember, DECISION, "bool", &Allowed},
    {"errored", "decision_errored", Style::kMember, DECISION, "bool", &Errored},
    {"reason", "decision_reason", Style::kMember, DECISION, "string", &Reason},
    {"error", "decision_error", Style::kMember, DECISION, "string", &ErrorOf},
};

constexpr OverloadRow kSelectors[] = {
    {"fieldSelector", "authorizer_fieldselector", Style::kMember, RESOURCE_CHECK ",string", RESOURCE_CHECK,
     &Set<&AuthorizerQuery::field_selector>, &SelectorCost, &SelectorEstimate},
    {"labelSelector", "authorizer_labelselector", Style::kMember, RESOURCE_CHECK ",string", RESOURCE_CHECK,
     &Set<&AuthorizerQuery::label_selector>, &SelectorCost, &SelectorEstimate},
};

}  // namespace

Library Authz() { return {.name = "kubernetes.authz", .introduced = 27, .rows = kRows}; }
Library AuthzSelectors() { return {.name = "kubernetes.authzSelectors", .introduced = 31, .rows = kSelectors}; }

}  // namespace lib
}  // namespace atoll::cel
