// Which of a logical cluster's objects other shards must know: who carries the annotation internal.kcp.io/replicate,
// and which words it says (spec/tenancy.md 3.8). Pure.
//
//   apis.kcp.io     roles that let bind an export or see its content, bindings of such roles; bindings to subjects of
//                   a maximal permission policy and the roles they name; clusters with exports
//   tenancy.kcp.io  roles that let use, initialize or terminate a workspace type, and their bindings; clusters with
//                   types
//   core.kcp.io     roles that let into the cluster, and their bindings, in clusters that are themselves replicated
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"

namespace atoll::controllers {

using Words = std::set<std::string, std::less<>>;

// The words that a ClusterRole's rules ask for.
Words WordsOfRules(const json::Value& role, bool cluster_replicated);
// True when a subject is one of a maximal permission policy (`apis.kcp.io:binding:<name>`).
bool BindsPolicySubject(const json::Value& binding);
// Of a role or a binding by itself, in a cluster that is not replicated: false when it surely gets no mark, but for a
// role of the cluster that a binding names.
bool MayBeMarked(const json::Value& object);
// The annotation's value with our three words as `wanted` says. Words of others stay; sorted; "" for none.
std::string MarkWith(std::string_view now, const Words& wanted);

// What decides in one logical cluster.
struct ClusterMarks {
  std::vector<json::Value> roles, bindings;
  std::map<std::string, json::Value, std::less<>> shared_roles;  // of system:admin, by name
  json::Value logical_cluster;                                   // null: there is none
  bool has_exports = false, has_types = false;
};

struct MarkChange {
  enum class Kind : uint8_t { kRole, kBinding, kLogicalCluster } kind;
  std::string name;
  std::string mark;  // "": the annotation goes
};
std::vector<MarkChange> MarkChanges(const ClusterMarks& cluster);

// The name of the ClusterRole that a binding is to; "" for another kind.
std::string_view ClusterRoleOf(const json::Value& binding);

}  // namespace atoll::controllers
