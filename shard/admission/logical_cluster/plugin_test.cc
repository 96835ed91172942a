#include "shard/admission/logical_cluster/plugin.h"

#include <catch2/catch.hpp>

#include "shard/admission/testing.h"

namespace atoll::admission::testing {
namespace {

constexpr char kResource[] = "logicalclusters.core.kcp.io";
constexpr std::string_view kFinalizers = R"("finalizers":["core.kcp.io/logicalcluster-deletion"])";

auth::User InGroup(std::string_view group) { return {"x", "", {std::string(group)}, {}}; }

std::string Object(std::string_view phase, std::string_view spec = "{}", std::string_view initializers = "[]",
                   std::string_view annotations = "{}") {
  return R"({"metadata":{"name":"cluster",)" + std::string(kFinalizers) + R"(,"annotations":)" +
         std::string(annotations) + R"(},"spec":)" + std::string(spec) + R"(,"status":{"phase":")" +
         std::string(phase) + R"(","initializers":)" + std::string(initializers) + "}}";
}

std::string Refused(std::string_view why) {
  return why.empty() ? "" : R"(logicalclusters.core.kcp.io "cluster" is forbidden: )" + std::string(why);
}

TEST_CASE("LogicalCluster: only the system creates and deletes", "[admission]") {
  auto plugin = NewLogicalCluster();
  const std::string object = Object("Ready");
  struct Case {
    auth::User user;
    Operation operation;
    std::string old_object;
    const char* why;
  };
  const std::string deletable = Object("Ready", R"({"directlyDeletable":true})");
  const Case cases[] = {
      {kAlice, Operation::kCreate, "", "LogicalCluster cannot be created"},
      {kMaster, Operation::kCreate, "", ""},
      {InGroup(auth::kLogicalClusterAdmin), Operation::kCreate, "", ""},
      {InGroup(auth::kExternalLogicalClusterAdmin), Operation::kCreate, "", ""},
      {InGroup(auth::kWorkspaceBootstrapper), Operation::kCreate, "", ""},
      {InGroup(auth::kKcpAdmin), Operation::kCreate, "", "LogicalCluster cannot be created"},
      {kAlice, Operation::kDelete, object, "LogicalCluster cannot be deleted"},
      {kAlice, Operation::kDelete, deletable, ""},
      {kMaster, Operation::kDelete, object, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.user.groups, c.why);
    const Outcome out = Run(*plugin, {.operation = c.operation,
                                      .resource = kResource,
                                      .object = c.operation == Operation::kDelete ? "" : object,
                                      .old_object = c.old_object,
                                      .user = c.user,
                                      .name = "cluster"});
    CHECK(out.message() == Refused(c.why));
    CHECK(out.code() == (*c.why == '\0' ? 0 : 403));
  }
}

TEST_CASE("LogicalCluster: what ordinary users may change", "[admission]") {
  auto plugin = NewLogicalCluster();
  constexpr char kInactive[] = R"({"core.kcp.io/inactive":"true"})";
  constexpr char kOldInactive[] = R"({"internal.kcp.io/inactive":"true"})";
  constexpr char kA[] = R"({"initializers":["a","b"]})";
  struct Case {
    std::string old_object, object, why;
  };
  const Case cases[] = {
      {Object("Ready"), Object("Ready"), ""},
      {Object("Ready", R"({"createdBy":{"username":"u"}})"), Object("Ready", R"({"createdBy":{"username":"v"}})"),
       R"(spec.createdBy: Invalid value: {"username":"v"}: field is immutable)"},
      {Object("Ready", R"({"createdBy":{"username":"u"}})"), Object("Ready"),
       "spec.createdBy: Invalid value: null: field is immutable"},
      {Object("Ready", kA), Object("Ready", R"({"initializers":["a"]})"), "spec.initializers is immutable"},
      {Object("Ready", kA), Object("Ready", R"({"initializers":["b","a"]})"), ""},
      // Nobody has to say what the list is on the way in: it is copied.
      {Object("Scheduling", kA), Object("Initializing", kA, R"(["a","b"])"), ""},
      {Object("Scheduling", kA), Object("Initializing", kA, R"(["z"])"), ""},
      {Object("Initializing", kA, R"(["a","b"])"), Object("Initializing", kA, R"(["b"])"), ""},
      {Object("Initializing", kA, R"(["b"])"), Object("Initializing", kA, R"(["a","b"])"),
       "status.initializers must not grow"},
      {Object("Initializing", kA, R"(["b"])"), Object("Ready", kA, R"(["b"])"), "status.initializers is not empty"},
      {Object("Initializing", kA), Object("Ready", kA), ""},
      {Object("Ready", kA), Object("Ready", kA, R"(["a"])"), "status.initializers is immutable after initialization"},
      {Object("Scheduling", kA), Object("Scheduling", kA, R"(["a"])"),
       "status.initializers is immutable after initialization"},
      {Object("Ready"), Object("Scheduling"), R"(cannot transition from "Ready" to "Scheduling")"},
      {Object("Ready"), Object("Initializing"), R"(cannot transition from "Ready" to "Initializing")"},
      {Object("Ready"), Object("Inactive"), R"(cannot transition from "Ready" to "Inactive")"},
      {Object("Ready"), Object(""), R"(cannot transition from "Ready" to "")"},
      {Object("Scheduling"), Object("Ready"), ""},
      {Object("Inactive"), Object("Ready"), ""},
      {Object("Ready"), Object("Ready", "{}", "[]", kInactive), ""},
      {Object("Terminating"), Object("Terminating", "{}", "[]", kInactive),
       R"(LogicalCluster can only be marked inactive in phase "Ready", but is in phase "Terminating")"},
      {Object("Initializing"), Object("Initializing", "{}", "[]", kOldInactive),
       R"(LogicalCluster can only be marked inactive in phase "Ready", but is in phase "Initializing")"},
      {Object("Inactive", "{}", "[]", kInactive), Object("Inactive", "{}", "[]", kInactive), ""},
      {Object("Inactive", "{}", "[]", kInactive), Object("Inactive"), ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.old_object, c.object);
    Write write{.operation = Operation::kUpdate,
                .resource = kResource,
                .object = c.object,
                .old_object = c.old_object,
                .name = "cluster"};
    CHECK(Run(*plugin, write).message() == Refused(c.why));
    for (std::string_view group : {auth::kMasters, auth::kLogicalClusterAdmin}) {
      write.user = InGroup(group);
      CHECK(Run(*plugin, write).message() == "");
    }
  }
}

TEST_CASE("LogicalCluster: entering Initializing copies what there is to do", "[admission]") {
  auto plugin = NewLogicalCluster();
  Write write{.operation = Operation::kUpdate,
              .resource = kResource,
              .object = Object("Initializing", R"({"initializers":["a"],"terminators":["t"]})"),
              .old_object = Object("Scheduling", R"({"initializers":["a"],"terminators":["t"]})"),
              .subresource = "status"};
  CHECK(json::Write(*Run(*plugin, write).object.Find("status")) ==
        R"({"phase":"Initializing","initializers":["a"],"terminators":["t"]})");
  // Nothing to do: nobody smuggles something in.
  write.object = Object("Initializing", "{}", R"(["mine"])");
  write.old_object = Object("Scheduling");
  CHECK(json::Write(*Run(*plugin, write).object.Find("status")) == R"({"phase":"Initializing"})");
}

TEST_CASE("LogicalCluster: the finalizer comes by itself and goes with masters only", "[admission]") {
  auto plugin = NewLogicalCluster();
  const std::string bare = R"({"metadata":{"name":"cluster"}})";
  CHECK(json::Write(*Run(*plugin, {.resource = kResource, .object = bare, .user = kMaster}).object.Find("metadata")) ==
        R"({"name":"cluster","finalizers":["core.kcp.io/logicalcluster-deletion"]})");
  const std::string going = R"({"metadata":{"name":"cluster","deletionTimestamp":"2026-01-02T03:04:05Z"}})";
  Write write{.operation = Operation::kUpdate, .resource = kResource, .object = going, .old_object = Object("")};
  CHECK(Run(*plugin, write).message() ==
        Refused("removing the finalizer core.kcp.io/logicalcluster-deletion is forbidden"));
  write.user = InGroup(auth::kLogicalClusterAdmin);
  CHECK(Run(*plugin, write).code() == 403);
  write.user = kMaster;
  CHECK(Run(*plugin, write).message() == "");
  // Not deleting: it is back before anybody looks.
  write.user = kAlice;
  write.object = bare;
  write.old_object = Object("");
  CHECK(api::HasFinalizer(Run(*plugin, write).object, "core.kcp.io/logicalcluster-deletion"));
}

TEST_CASE("LogicalCluster: other resources pass", "[admission]") {
  auto plugin = NewLogicalCluster();
  const Outcome out = Run(*plugin, {.resource = "configmaps", .object = R"({"metadata":{"name":"cluster"}})"});
  CHECK(out.status.ok());
  CHECK(json::Write(out.object) == R"({"metadata":{"name":"cluster"}})");
}

}  // namespace
}  // namespace atoll::admission::testing
