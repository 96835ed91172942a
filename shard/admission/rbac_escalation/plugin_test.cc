#include "shard/admission/rbac_escalation/plugin.h"

#include <catch2/catch.hpp>

#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

constexpr char kRole[] =
    R"({"metadata":{"name":"r"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})";
constexpr char kBinding[] =
    R"({"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r"},)"
    R"("subjects":[{"kind":"User","name":"alice"}]})";
constexpr char kGrant[] =
    R"(user "alice" (groups=["team-a" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:)"
    "\n"
    R"({APIGroups:[""], Resources:["secrets"], Verbs:["get"]})";

const authorization::PolicyRule kGetSecrets{.verbs = {"get"}, .api_groups = {""}, .resources = {"secrets"}};

std::string Refused(std::string_view resource, std::string_view name) {
  return std::string(resource) + ".rbac.authorization.k8s.io \"" + std::string(name) + "\" is forbidden: " + kGrant;
}

struct Fixture : World {
  Fixture() { authorizer.rules_of_role["r"] = {kGetSecrets}; }
  std::unique_ptr<Plugin> plugin = NewRbacEscalation({&authorizer, &authorizer});
};

TEST_CASE_METHOD(Fixture, "RbacEscalation: nobody grants by a role what they do not hold", "[admission]") {
  for (const char* resource : {"roles", "clusterroles"}) {
    CAPTURE(resource);
    const std::string gr = std::string(resource) + ".rbac.authorization.k8s.io";
    const Write write{.resource = gr.c_str(), .object = kRole};
    const Outcome out = Run(*plugin, write);
    CHECK(out.message() == Refused(resource, "r"));
    CHECK(out.code() == 403);
    Write by_master = write;
    by_master.user = kMaster;
    CHECK(Run(*plugin, by_master).message() == "");
    authorizer.held = {kGetSecrets};
    CHECK(Run(*plugin, write).message() == "");
    authorizer.held.clear();
    // On create the right to escalate is asked without a name.
    authorizer.allowed = {{"alice", "escalate", resource, ""}};
    CHECK(Run(*plugin, write).message() == "");
    authorizer.allowed.clear();
  }
}

TEST_CASE_METHOD(Fixture, "RbacEscalation: nobody binds a role that grants more than they hold", "[admission]") {
  for (const char* resource : {"rolebindings", "clusterrolebindings"}) {
    CAPTURE(resource);
    const std::string gr = std::string(resource) + ".rbac.authorization.k8s.io";
    const Write write{.resource = gr.c_str(), .object = kBinding};
    CHECK(Run(*plugin, write).message() == Refused(resource, "b"));
    authorizer.held = {kGetSecrets};
    CHECK(Run(*plugin, write).message() == "");
    authorizer.held.clear();
    authorizer.allowed = {{"alice", "bind", "clusterroles", "r"}};
    CHECK(Run(*plugin, write).message() == "");
    authorizer.allowed.clear();
  }
}

TEST_CASE_METHOD(Fixture, "RbacEscalation: a binding to a missing role", "[admission]") {
  authorizer.rules_of_role.clear();
  const Write write{.resource = "clusterrolebindings.rbac.authorization.k8s.io", .object = kBinding};
  CHECK(Run(*plugin, write).message() == R"(clusterroles.rbac.authorization.k8s.io "r" not found)");
  authorizer.allowed = {{"alice", "bind", "clusterroles", "r"}};
  CHECK(Run(*plugin, write).message() == "");
}

TEST_CASE_METHOD(Fixture, "RbacEscalation: what grants nothing new is not asked about", "[admission]") {
  constexpr char kOwned[] = R"({"metadata":{"name":"r","finalizers":["f"],"ownerReferences":[{"uid":"u"}]},)"
                            R"("rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})";
  constexpr char kLabelled[] =
      R"({"metadata":{"name":"r","labels":{"a":"b"}},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})";
  Write write{.operation = Operation::kUpdate,
              .resource = "clusterroles.rbac.authorization.k8s.io",
              .object = kOwned,
              .old_object = kRole,
              .name = "r"};
  CHECK(Run(*plugin, write).message() == "");
  write.object = kLabelled;
  CHECK(Run(*plugin, write).message() == Refused("clusterroles", "r"));
  authorizer.allowed = {{"alice", "escalate", "clusterroles", "r"}};
  CHECK(Run(*plugin, write).message() == "");
  authorizer.allowed.clear();
  CHECK(
      Run(*plugin,
          {.operation = Operation::kDelete, .resource = "clusterroles.rbac.authorization.k8s.io", .old_object = kRole})
          .message() == "");
  CHECK(Run(*plugin, {.resource = "configmaps", .object = kRole}).message() == "");
}

}  // namespace
}  // namespace atoll::admission::testing
