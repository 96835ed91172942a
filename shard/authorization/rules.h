// RBAC rules: what one rule allows, whether rules cover others, and how error texts print them
// (spec/api-machinery.md 9.7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "shard/authorization/authorizer.h"

namespace atoll::authorization {

// The `rules` of a Role or ClusterRole; what is malformed is left out (it grants nothing).
std::vector<PolicyRule> ParseRules(const json::Value* rules);
json::Value RuleToJson(const PolicyRule& rule);

// True when `rule` allows the request. The meaning of a rule in one plain function; CompiledRule says the same faster.
bool RuleAllows(const PolicyRule& rule, const Attributes& request);

uint32_t HashWord(std::string_view word);

// The hashes of what a request asks, computed once for thousands of rules.
struct Question {
  explicit Question(const Attributes& request);
  const Attributes& request;
  std::string resource;  // with its subresource: `deployments/scale`
  uint32_t verb, group, resource_hash, any_sub_hash, name;
};

// A rule with hashes of its words: a mismatch costs an integer comparison, a match is confirmed on the words.
class CompiledRule {
 public:
  explicit CompiledRule(PolicyRule rule);
  bool Allows(const Question& question) const;
  const PolicyRule& rule() const { return rule_; }
  size_t bytes() const;

 private:
  struct Words {
    std::vector<uint32_t> hashes;
    bool all = false;  // contains "*"
    bool Has(uint32_t hash, std::string_view word, const std::vector<std::string>& words) const;
  };
  static Words Compile(const std::vector<std::string>& words);

  PolicyRule rule_;
  Words verbs_, groups_, resources_, names_;
};

// The parts of `wanted` that no rule of `held` covers, one verb, group, resource and name each. Empty: all is covered.
std::vector<PolicyRule> MissingRules(const std::vector<PolicyRule>& held, const std::vector<PolicyRule>& wanted);
// Joins rules that differ in verbs only, for shorter messages.
std::vector<PolicyRule> CompactRules(std::vector<PolicyRule> rules);
// `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`.
std::string RuleText(const PolicyRule& rule);

}  // namespace atoll::authorization
