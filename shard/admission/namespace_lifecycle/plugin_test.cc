#include "shard/admission/namespace_lifecycle/plugin.h"

#include <catch2/catch.hpp>

#include "common/store/store_testing.h"
#include "shard/admission/testing.h"
#include "shard/storage/stored_object.h"

namespace atoll::admission::testing {
namespace {

struct Fixture : World {
  Fixture() {
    AddNamespace("default", R"({"metadata":{"name":"default"},"status":{"phase":"Active"}})");
    AddNamespace("going", R"({"metadata":{"name":"going","deletionTimestamp":"2026-01-02T03:04:05Z"}})");
    // The word alone means nothing.
    AddNamespace(
        "quotes",
        R"({"metadata":{"name":"quotes","annotations":{"deletionTimestamp":"x"}},"status":{"phase":"Active"}})");
  }
  void AddNamespace(const char* name, std::string_view object) {
    const LogicalClusterId org("org");
    store::Transaction txn;
    store::Op op;
    op.key = storage::EncodeKey({{"", "namespaces"}, "", org, "", name});
    op.value = storage::EncodeObject(*Definition("namespaces"), org, Json(object));
    txn.ops.push_back(std::move(op));
    CHECK_OK(store::testing::Commit(*store, std::move(txn)));
  }

  store::testing::StoreFixture store{"memory"};
  std::unique_ptr<Plugin> plugin = NewNamespaceLifecycle(&*store, &clusters);
};

TEST_CASE_METHOD(Fixture, "NamespaceLifecycle: content needs a namespace that stays", "[admission]") {
  constexpr char kObject[] = R"({"metadata":{"name":"a"}})";
  constexpr char kTerminating[] =
      R"(configmaps "a" is forbidden: unable to create new content in namespace going because it is being terminated)";
  struct Case {
    Operation operation;
    const char *resource, *ns, *message;
    int code;
  };
  const Case cases[] = {
      {Operation::kCreate, "configmaps", "default", "", 0},
      {Operation::kCreate, "configmaps", "quotes", "", 0},
      {Operation::kCreate, "configmaps", "x", R"(namespaces "x" not found)", 404},
      {Operation::kUpdate, "configmaps", "x", R"(namespaces "x" not found)", 404},
      {Operation::kCreate, "configmaps", "going", kTerminating, 403},
      {Operation::kUpdate, "configmaps", "going", "", 0},
      {Operation::kDelete, "configmaps", "going", "", 0},
      {Operation::kDelete, "configmaps", "x", "", 0},
      {Operation::kCreate, "namespaces", "", "", 0},
      {Operation::kCreate, "localsubjectaccessreviews.authorization.k8s.io", "x", "", 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.resource, c.ns, static_cast<int>(c.operation));
    const Outcome out = Run(*plugin, {.operation = c.operation,
                                      .resource = c.resource,
                                      .object = c.operation == Operation::kDelete ? "" : kObject,
                                      .old_object = c.operation == Operation::kCreate ? "" : kObject,
                                      .ns = c.ns,
                                      .name = "a"});
    CHECK(out.message() == c.message);
    CHECK(out.code() == c.code);
  }
}

TEST_CASE_METHOD(Fixture, "NamespaceLifecycle: the cause says why", "[admission]") {
  const Outcome out = Run(*plugin, {.resource = "configmaps", .object = R"({"metadata":{"name":"a"}})", .ns = "going"});
  const json::Value status = api::StatusObject(out.status);
  CHECK(
      json::Write(*status.At({"details", "causes"})) ==
      R"([{"reason":"NamespaceTerminating","message":"namespace going is being terminated","field":"metadata.namespace"}])");
  CHECK(status.StringAt({"reason"}) == "Forbidden");
}

TEST_CASE_METHOD(Fixture, "NamespaceLifecycle: some namespaces go only with their cluster", "[admission]") {
  for (const char* name : {"default", "kube-system", "kube-public"}) {
    CAPTURE(name);
    Write write{.operation = Operation::kDelete, .resource = "namespaces", .old_object = "{}", .name = name};
    CHECK(Run(*plugin, write).message() ==
          "namespaces \"" + std::string(name) + "\" is forbidden: this namespace may not be deleted");
    write.user = kMaster;
    CHECK(Run(*plugin, write).code() == 403);
    write.cluster = "going";
    CHECK(Run(*plugin, write).message() == "");
  }
  CHECK(Run(*plugin, {.operation = Operation::kDelete, .resource = "namespaces", .old_object = "{}", .name = "x"})
            .message() == "");
  CHECK(Run(*plugin, {.operation = Operation::kDelete, .resource = "configmaps", .old_object = "{}", .name = "default"})
            .message() == "");
}

}  // namespace
}  // namespace atoll::admission::testing
