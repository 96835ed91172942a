#include "shard/controllers/cluster_role_aggregation/aggregate.h"

#include <algorithm>

#include "common/api/object.h"
#include "common/api/selectors.h"

namespace atoll::controllers {
namespace {

void AppendRules(const json::Value& role, json::Array* out) {
  const json::Value* rules = role.Find("rules");
  if (rules == nullptr || !rules->is_array()) return;
  for (const json::Value& rule : rules->array()) {
    if (std::find(out->begin(), out->end(), rule) == out->end()) out->push_back(rule);
  }
}

}  // namespace

bool Aggregates(const json::Value& role) {
  const json::Value* rule = role.Find("aggregationRule");
  return rule != nullptr && rule->is_object();
}

json::Array AggregatedRules(const json::Value& role, const std::vector<json::Value>& roles) {
  json::Array out;
  const json::Value* selectors = role.At({"aggregationRule", "clusterRoleSelectors"});
  if (selectors == nullptr || !selectors->is_array()) return out;
  for (const json::Value& wanted : selectors->array()) {
    auto selector = api::LabelSelector::FromObject(&wanted);
    if (!selector.ok()) continue;
    for (const json::Value& other : roles) {
      if (api::Name(other) != api::Name(role) && selector->Matches(other)) AppendRules(other, &out);
    }
  }
  return out;
}

bool HasRules(const json::Value& role, const json::Array& rules) {
  const json::Value* now = role.Find("rules");
  if (now == nullptr || !now->is_array()) return rules.empty();
  return now->array() == rules;
}

}  // namespace atoll::controllers
