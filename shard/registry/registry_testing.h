// A registry over an in-memory store in virtual time, with a compiled-in and a custom resource, for tests and the
// bench.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/api/errors.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/loop/sim/sim_loop.h"
#include "common/schema/load.h"
#include "common/store/store_testing.h"
#include "shard/registry/registry.h"
#include "shard/registry/strategy.h"

namespace atoll::registry::testing {

inline json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

constexpr std::string_view kMetaSchema =
    R"({"type":"object","properties":{"name":{"type":"string"},"generateName":{"type":"string"},"namespace":{"type":"string"},)"
    R"("uid":{"type":"string"},"resourceVersion":{"type":"string"},"generation":{"type":"integer"},"creationTimestamp":{"type":"string"},)"
    R"("deletionTimestamp":{"type":"string"},"deletionGracePeriodSeconds":{"type":"integer"},)"
    R"("labels":{"type":"object","additionalProperties":{"type":"string"}},"annotations":{"type":"object","additionalProperties":{"type":"string"}},)"
    R"("ownerReferences":{"type":"array","items":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"x-kubernetes-list-type":"map",)"
    R"("x-kubernetes-list-map-keys":["uid"],"x-kubernetes-patch-strategy":"merge","x-kubernetes-patch-merge-key":"uid"},)"
    R"("finalizers":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set","x-kubernetes-patch-strategy":"merge"},)"
    R"("managedFields":{"type":"array","items":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}})";

inline std::shared_ptr<const schema::Schema> LoadedSchema(std::string text) {
  auto loaded = schema::LoadSchema(Json(text));
  CHECK_OK(loaded);
  return *loaded;
}

// configmaps, with a list that strategic merge patches merge by name.
inline std::shared_ptr<ResourceDefinition> ConfigMaps() {
  auto d = std::make_shared<ResourceDefinition>();
  d->gvr = {"", "v1", "configmaps"};
  d->kind = "ConfigMap";
  d->strategy = std::make_shared<Strategy>();
  d->schema = LoadedSchema(
      R"({"type":"object","properties":{"kind":{"type":"string"},"apiVersion":{"type":"string"},"metadata":)" +
      std::string(kMetaSchema) +
      R"(,"data":{"type":"object","additionalProperties":{"type":"string"}},"secrets":{"type":"array","items":{"type":"object","properties":)"
      R"({"name":{"type":"string"},"namespace":{"type":"string"}}},"x-kubernetes-patch-strategy":"merge","x-kubernetes-patch-merge-key":"name",)"
      R"("x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"]}}})");
  return d;
}

// widgets.example.dev: custom, with a status subresource and a selectable field.
inline std::shared_ptr<ResourceDefinition> Widgets() {
  auto d = std::make_shared<ResourceDefinition>();
  d->gvr = {"example.dev", "v1", "widgets"};
  d->kind = "Widget";
  d->flavor = Flavor::kCustom;
  d->strategy = std::make_shared<Strategy>();
  d->subresources = {{"status", {"get", "patch", "update"}, {}}};
  d->selectable_fields = {"spec.color"};
  d->unconditional_update = false;
  d->has_generation = true;
  d->schema = LoadedSchema(
      R"({"type":"object","properties":{"spec":{"type":"object","properties":{"color":{"type":"string"},"size":{"type":)"
      R"("integer","default":1}}},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}})");
  return d;
}

class Fixture {
 public:
  explicit Fixture(Registry::Options options = {}) : store_("memory") {
    options.store = &*store_;
    options.clock = &loop_.clock();
    options.random = &random_;
    registry_ = Registry::Create(options);
  }

  CallContext Context(std::shared_ptr<const ResourceDefinition> definition, std::string name = "",
                      std::string ns = "default") {
    CallContext ctx;
    ctx.cluster.id = RootCluster();
    ctx.definition = std::move(definition);
    ctx.ns = std::move(ns);
    ctx.name = std::move(name);
    return ctx;
  }
  static WriteOptions Writing(std::string manager = "unknown") {
    WriteOptions options;
    options.field_manager = std::move(manager);
    return options;
  }

  template <class T>
  T Await(Task<T> task) {
    return store::testing::Await(loop_, std::move(task));
  }

  absl::StatusOr<WriteResult> Create(CallContext ctx, std::string_view object, WriteOptions options = Writing()) {
    return Await(registry_->Create(ctx, Json(object), std::move(options)));
  }
  absl::StatusOr<WriteResult> Update(CallContext ctx, json::Value object, WriteOptions options = Writing()) {
    return Await(registry_->Update(ctx, std::move(object), std::move(options)));
  }
  absl::StatusOr<WriteResult> Patch(CallContext ctx, PatchType type, std::string_view patch,
                                    WriteOptions options = Writing()) {
    return Await(registry_->Patch(ctx, type, Json(patch), std::move(options)));
  }
  absl::StatusOr<DeleteResult> Delete(CallContext ctx, DeleteOptions options = {}) {
    return Await(registry_->Delete(ctx, std::move(options)));
  }
  json::Value Get(const CallContext& ctx) {
    auto object = Await(registry_->Get(ctx, ""));
    CHECK_OK(object);
    return *object->Decode();
  }

  struct Page {
    absl::Status status;
    std::vector<std::string> names;
    std::string continue_token;
    std::optional<int64_t> remaining;
    store::Revision revision;
  };
  Page List(CallContext ctx, ListOptions options = {}) {
    Page page;
    auto reader = Await(registry_->List(ctx, std::move(options)));
    page.status = reader.status();
    if (!reader.ok()) return page;
    while (true) {
      auto chunk = Await((*reader)->Next());
      page.status = chunk.status();
      if (!chunk.ok() || chunk->empty()) break;
      for (const auto& object : *chunk) page.names.emplace_back(object.Decode()->StringAt({"metadata", "name"}));
    }
    page.continue_token = (*reader)->continue_token();
    page.remaining = (*reader)->remaining();
    page.revision = (*reader)->revision();
    return page;
  }

  SimLoop& loop() { return loop_; }
  store::Store& store() { return *store_; }
  Registry& registry() { return *registry_; }

 private:
  SimLoop loop_;
  SeededRandom random_{1};
  store::testing::StoreFixture store_;
  std::unique_ptr<Registry> registry_;
};

inline std::string Message(const absl::Status& status) {
  return std::string(api::StatusObject(status).StringAt({"message"}));
}

}  // namespace atoll::registry::testing
