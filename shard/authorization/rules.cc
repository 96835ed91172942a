#include "shard/authorization/rules.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "common/api/errors.h"
#include "common/base/strings.h"

namespace atoll::authorization {
namespace {

using Strings = std::vector<std::string>;

Strings ParseStrings(const json::Value* list) {
  Strings out;
  if (list == nullptr || !list->is_array()) return out;
  for (const json::Value& item : list->array()) {
    if (item.is_string()) out.push_back(item.string());
  }
  return out;
}

void AppendStrings(json::Object* out, const char* name, const Strings& strings) {
  if (strings.empty()) return;
  json::Array list;
  for (const std::string& s : strings) list.emplace_back(s);
  out->Append(name, json::Value(std::move(list)));
}

bool Has(const Strings& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}
bool HasOrAll(const Strings& words, std::string_view word) { return Has(words, "*") || Has(words, word); }

std::string CombinedResource(const Attributes& request) {
  return request.subresource.empty() ? request.resource : request.resource + "/" + request.subresource;
}

// `r`, `r/sub`, `*/sub`, `*`.
bool ResourceMatches(const Strings& resources, std::string_view combined, std::string_view subresource) {
  if (HasOrAll(resources, combined)) return true;
  return !subresource.empty() && Has(resources, Cat("*/", subresource));
}

bool UrlMatches(const Strings& urls, std::string_view path) {
  for (const std::string& url : urls) {
    if (url == "*" || url == path) return true;
    if (url.ends_with('*') && path.starts_with(std::string_view(url).substr(0, url.size() - 1))) return true;
  }
  return false;
}

size_t Bytes(const Strings& strings) {
  size_t out = strings.capacity() * sizeof(std::string);
  for (const std::string& s : strings) out += s.capacity() > 15 ? s.capacity() + 1 : 0;
  return out;
}

// One rule becomes rules of one verb, group, resource and name (or verb and URL) each.
void BreakDown(const PolicyRule& rule, std::vector<PolicyRule>* out) {
  for (const std::string& group : rule.api_groups) {
    for (const std::string& resource : rule.resources) {
      for (const std::string& verb : rule.verbs) {
        PolicyRule one{.verbs = {verb}, .api_groups = {group}, .resources = {resource}};
        if (rule.resource_names.empty()) {
          out->push_back(one);
          continue;
        }
        for (const std::string& name : rule.resource_names) {
          one.resource_names = {name};
          out->push_back(one);
        }
      }
    }
  }
  for (const std::string& url : rule.non_resource_urls) {
    for (const std::string& verb : rule.verbs) out->push_back({.verbs = {verb}, .non_resource_urls = {url}});
  }
}

// `one` is broken down.
bool Covers(const PolicyRule& held, const PolicyRule& one) {
  if (!HasOrAll(held.verbs, one.verbs[0])) return false;
  if (!one.non_resource_urls.empty()) {
    const std::string& url = one.non_resource_urls[0];
    for (const std::string& mine : held.non_resource_urls) {
      if (mine == url ||
          (mine.ends_with('*') && std::string_view(url).starts_with(std::string_view(mine).substr(0, mine.size() - 1))))
        return true;
    }
    return false;
  }
  if (!HasOrAll(held.api_groups, one.api_groups[0])) return false;
  const std::string& resource = one.resources[0];
  const size_t slash = resource.find('/');
  const std::string_view subresource =
      slash == std::string::npos ? std::string_view() : std::string_view(resource).substr(slash + 1);
  if (!ResourceMatches(held.resources, resource, subresource)) return false;
  return held.resource_names.empty() ||
         (!one.resource_names.empty() && Has(held.resource_names, one.resource_names[0]));
}

void AppendList(std::string* out, const char* name, const Strings& strings) {
  if (strings.empty()) return;
  if (out->size() > 1) *out += ", ";
  *out += Cat(name, ":[");
  for (size_t i = 0; i < strings.size(); ++i) *out += Cat(i == 0 ? "" : " ", api::GoQuote(strings[i]));
  *out += "]";
}

}  // namespace

std::vector<PolicyRule> ParseRules(const json::Value* rules) {
  std::vector<PolicyRule> out;
  if (rules == nullptr || !rules->is_array()) return out;
  out.reserve(rules->array().size());
  for (const json::Value& rule : rules->array()) {
    out.push_back({.verbs = ParseStrings(rule.Find("verbs")),
                   .api_groups = ParseStrings(rule.Find("apiGroups")),
                   .resources = ParseStrings(rule.Find("resources")),
                   .resource_names = ParseStrings(rule.Find("resourceNames")),
                   .non_resource_urls = ParseStrings(rule.Find("nonResourceURLs"))});
  }
  return out;
}

json::Value RuleToJson(const PolicyRule& rule) {
  json::Object out;
  AppendStrings(&out, "verbs", rule.verbs);
  AppendStrings(&out, "apiGroups", rule.api_groups);
  AppendStrings(&out, "resources", rule.resources);
  AppendStrings(&out, "resourceNames", rule.resource_names);
  AppendStrings(&out, "nonResourceURLs", rule.non_resource_urls);
  return json::Value(std::move(out));
}

bool RuleAllows(const PolicyRule& rule, const Attributes& request) {
  if (!HasOrAll(rule.verbs, request.verb)) return false;
  if (!request.resource_request) return UrlMatches(rule.non_resource_urls, request.path);
  return HasOrAll(rule.api_groups, request.group) &&
         ResourceMatches(rule.resources, CombinedResource(request), request.subresource) &&
         (rule.resource_names.empty() || Has(rule.resource_names, request.name));
}

// FNV-1a. Collisions cost a string comparison, nothing else.
uint32_t HashWord(std::string_view word) {
  uint32_t h = 2166136261u;
  for (char c : word) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h;
}

Question::Question(const Attributes& request)
    : request(request),
      resource(CombinedResource(request)),
      verb(HashWord(request.verb)),
      group(HashWord(request.group)),
      resource_hash(HashWord(resource)),
      any_sub_hash(HashWord(Cat("*/", request.subresource))),
      name(HashWord(request.name)) {}

CompiledRule::Words CompiledRule::Compile(const Strings& words) {
  Words out;
  out.hashes.reserve(words.size());
  for (const std::string& word : words) {
    out.hashes.push_back(HashWord(word));
    out.all |= word == "*";
  }
  return out;
}

CompiledRule::CompiledRule(PolicyRule rule)
    : rule_(std::move(rule)),
      verbs_(Compile(rule_.verbs)),
      groups_(Compile(rule_.api_groups)),
      resources_(Compile(rule_.resources)),
      names_(Compile(rule_.resource_names)) {}

bool CompiledRule::Words::Has(uint32_t hash, std::string_view word, const Strings& words) const {
  for (size_t i = 0; i < hashes.size(); ++i) {
    if (hashes[i] == hash && words[i] == word) return true;
  }
  return false;
}

bool CompiledRule::Allows(const Question& q) const {
  const Attributes& request = q.request;
  if (!verbs_.all && !verbs_.Has(q.verb, request.verb, rule_.verbs)) return false;
  if (!request.resource_request) return UrlMatches(rule_.non_resource_urls, request.path);
  if (!resources_.all && !resources_.Has(q.resource_hash, q.resource, rule_.resources)) {
    if (request.subresource.empty() || !resources_.Has(q.any_sub_hash, Cat("*/", request.subresource), rule_.resources))
      return false;
  }
  if (!groups_.all && !groups_.Has(q.group, request.group, rule_.api_groups)) return false;
  return rule_.resource_names.empty() || names_.Has(q.name, request.name, rule_.resource_names);
}

size_t CompiledRule::bytes() const {
  const PolicyRule& r = rule_;
  const size_t words = r.verbs.size() + r.api_groups.size() + r.resources.size() + r.resource_names.size();
  return sizeof(*this) + words * sizeof(uint32_t) + Bytes(r.verbs) + Bytes(r.api_groups) + Bytes(r.resources) +
         Bytes(r.resource_names) + Bytes(r.non_resource_urls);
}

std::vector<PolicyRule> MissingRules(const std::vector<PolicyRule>& held, const std::vector<PolicyRule>& wanted) {
  std::vector<PolicyRule> parts, missing;
  for (const PolicyRule& rule : wanted) BreakDown(rule, &parts);
  for (PolicyRule& part : parts) {
    const bool covered =
        std::any_of(held.begin(), held.end(), [&](const PolicyRule& rule) { return Covers(rule, part); });
    if (!covered) missing.push_back(std::move(part));
  }
  return missing;
}

std::vector<PolicyRule> CompactRules(std::vector<PolicyRule> rules) {
  std::vector<PolicyRule> out;
  std::map<std::tuple<std::string, std::string, std::string>, size_t> seen;  // group, resource, name -> index in `out`
  for (PolicyRule& rule : rules) {
    const bool simple = rule.api_groups.size() == 1 && rule.resources.size() == 1 && rule.resource_names.size() <= 1 &&
                        rule.non_resource_urls.empty();
    if (!simple) {
      out.push_back(std::move(rule));
      continue;
    }
    auto [it, is_new] = seen.try_emplace({rule.api_groups[0], rule.resources[0],
                                          rule.resource_names.empty() ? std::string() : "=" + rule.resource_names[0]},
                                         out.size());
    if (is_new) {
      out.push_back(std::move(rule));
      continue;
    }
    Strings& verbs = out[it->second].verbs;
    for (std::string& verb : rule.verbs) {
      if (!Has(verbs, verb)) verbs.push_back(std::move(verb));
    }
  }
  return out;
}

std::string RuleText(const PolicyRule& rule) {
  std::string out = "{";
  AppendList(&out, "APIGroups", rule.api_groups);
  AppendList(&out, "Resources", rule.resources);
  AppendList(&out, "NonResourceURLs", rule.non_resource_urls);
  AppendList(&out, "ResourceNames", rule.resource_names);
  AppendList(&out, "Verbs", rule.verbs);
  return out + "}";
}

}  // namespace atoll::authorization
