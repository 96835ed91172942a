// Short ways to make RBAC objects, policies and chains in tests.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "common/api/object.h"
#include "common/json/parse.h"
#include "shard/authorization/bootstrap/bootstrap.h"
#include "shard/authorization/chain.h"
#include "shard/authorization/policy_cache.h"

namespace atoll::authorization::testing {

inline json::Value Json(const std::string& text) {
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

// A chain over clusters whose objects are kept in memory.
class World {
 public:
  explicit World(const ReplicaSource* replicas = nullptr)
      : cache({.load =
                   [this](const LogicalClusterId& c) {
                     return absl::StatusOr<RbacObjects>(SortByKind(objects[c.name()]));
                   },
               .fallback = BootstrapPolicy()}),
        exports(&clusters),
        chain({.clusters = &clusters,
               .policies = &cache,
               .bootstrap = BootstrapPolicy(),
               .replicas = replicas,
               .exports = &exports}) {
    objects["root"] = RootObjects();
    AddCluster("root");
  }

  void AddCluster(const std::string& id, const std::string& phase = "Ready", const std::string& annotations = "{}") {
    clusters.Put(LogicalClusterId(id), Json(R"({"metadata":{"name":"cluster","annotations":)" + annotations +
                                            R"(},"status":{"phase":")" + phase + R"("}})"));
  }
  void Add(const std::string& cluster, const std::string& object) { objects[cluster].push_back(Json(object)); }
  void BindClusterRole(const std::string& cluster, const std::string& role, const std::string& kind,
                       const std::string& subject) {
    Add(cluster, R"({"kind":"ClusterRoleBinding","metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":")" +
                     role + R"("},"subjects":[{"kind":")" + kind + R"(","name":")" + subject + R"("}]})");
  }

  std::map<std::string, std::vector<json::Value>> objects;
  registry::Clusters clusters;
  PolicyCache cache;
  RootExportPolicies exports;
  Chain chain;
};

}  // namespace atoll::authorization::testing
