// One write through one plugin: attributes over real definitions, a few logical clusters, and an authorizer that knows
// a list. For the tests of the plugins.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/testing/run_task.h"
#include "shard/admission/plugin.h"
#include "shard/authorization/chain.h"
#include "shard/registry/clusters.h"
#include "shard/resources/all.h"

namespace atoll::admission::testing {

inline const auth::User kAlice{"alice", "u1", {"team-a", "system:authenticated"}, {}};
inline const auth::User kMaster{"shard-admin", "", {"system:masters", "system:authenticated"}, {}};

// "" is a missing object: null.
inline json::Value Json(std::string_view text) {
  if (text.empty()) return {};
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

// The definition of the preferred version of `workspaces.tenancy.kcp.io`, `namespaces`, ...
inline registry::DefinitionPtr Definition(std::string_view group_resource) {
  for (const registry::DefinitionPtr& d : resources::BuiltinResources()) {
    if (d->gr().ToString() == group_resource) return d;
  }
  CHECK(false);
  return nullptr;
}

// Allows what it was told, and knows the roles and rules it was given.
class FakeAuthorizer final : public authorization::Authorizer, public authorization::RoleSource {
 public:
  struct Right {
    std::string user, verb, resource, name;
    friend auto operator<=>(const Right&, const Right&) = default;
  };
  std::set<Right> allowed;
  std::vector<authorization::PolicyRule> held;                                  // by everybody
  std::map<std::string, std::vector<authorization::PolicyRule>> rules_of_role;  // by name
  std::vector<std::string> clusters_asked;

  Task<authorization::Decision> Authorize(const authorization::Attributes& a) override {
    clusters_asked.push_back(a.cluster.id.name());
    authorization::Decision decision;
    if (allowed.contains({a.user.name, a.verb, a.resource, a.name}))
      decision.kind = authorization::Decision::Kind::kAllow;
    co_return decision;
  }
  Task<absl::StatusOr<std::vector<authorization::PolicyRule>>> RulesFor(const auth::User&, const LogicalClusterId&,
                                                                        std::string) override {
    co_return held;
  }
  Task<absl::StatusOr<std::vector<authorization::PolicyRule>>> RoleRules(LogicalClusterId, authorization::RoleRef ref,
                                                                         std::string) override {
    const auto it = rules_of_role.find(ref.name);
    if (it == rules_of_role.end())
      co_return api::NotFound({"rbac.authorization.k8s.io", ref.kind == "Role" ? "roles" : "clusterroles"}, ref.name);
    co_return it->second;
  }
};

// `root`; `org` with path root:org and required groups; `going`, which is being deleted.
class World {
 public:
  World() {
    Put("root", R"({"metadata":{"annotations":{"kcp.io/path":"root"}},"status":{"phase":"Ready"}})");
    Put("org",
        R"({"metadata":{"annotations":{"kcp.io/path":"root:org","authorization.kcp.io/required-groups":"team-a"}},)"
        R"("status":{"phase":"Ready"}})");
    Put("going", R"({"metadata":{"deletionTimestamp":"2026-01-02T03:04:05Z"},"status":{"phase":"Deleting"}})");
  }
  void Put(const char* id, std::string_view object) { clusters.Put(LogicalClusterId(id), Json(object)); }

  registry::Clusters clusters;
  FakeAuthorizer authorizer;
};

// What a test says of a write; objects as JSON.
struct Write {
  Operation operation = Operation::kCreate;
  const char* resource = "";  // `workspaces.tenancy.kcp.io`
  std::string object, old_object;
  auth::User user = kAlice;
  const char* cluster = "org";
  const char* ns = "";
  const char* name = "";
  const char* subresource = "";
};

struct Outcome {
  absl::Status status;
  json::Value object;  // after the mutation
  int code() const { return status.ok() ? 0 : api::HttpCode(status); }
  // As clients read it; "" when the write passes.
  std::string message() const {
    return status.ok() ? "" : std::string(api::StatusObject(status).StringAt({"message"}));
  }
};

// Mutates, then validates.
inline Outcome Run(Plugin& plugin, const Write& write) {
  registry::CallContext ctx;
  ctx.user = write.user;
  ctx.cluster.id = LogicalClusterId(write.cluster);
  ctx.definition = Definition(write.resource);
  ctx.ns = write.ns;
  ctx.name = write.name;
  ctx.subresource = write.subresource;
  Outcome out{.status = absl::OkStatus(), .object = Json(write.object)};
  const json::Value old = Json(write.old_object);
  Attributes attributes{write.operation, ctx, out.object.is_null() ? nullptr : &out.object,
                        old.is_null() ? nullptr : &old};
  struct Both {
    static Task<void> Of(Plugin& plugin, Attributes& attributes, absl::Status* status) {
      *status = co_await plugin.Mutate(attributes);
      if (status->ok()) *status = co_await plugin.Validate(attributes);
    }
  };
  ::atoll::testing::RunTask(Both::Of(plugin, attributes, &out.status));
  return out;
}

}  // namespace atoll::admission::testing
