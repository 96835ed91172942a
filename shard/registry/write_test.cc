// Create, update and delete (spec/api-machinery.md 2, 3.3, 3.5), with texts as recorded from the reference.
#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "shard/registry/registry_testing.h"
#include "shard/storage/owner_index.h"

namespace atoll::registry::testing {
namespace {

constexpr std::string_view kA =
    R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"tier":"x"}},"data":{"k":"v"}})";

std::string FieldsOf(const json::Value& object) {
  std::string out;
  const json::Value* managed = object.At({"metadata", "managedFields"});
  if (managed == nullptr) return out;
  for (const json::Value& e : managed->array()) {
    if (!out.empty()) out += " ";
    out += std::string(e.StringAt({"manager"})) + json::Write(*e.Find("fieldsV1"));
  }
  return out;
}

TEST_CASE("create answers what is stored, with what the server owns") {
  Fixture f;
  auto created = f.Create(f.Context(ConfigMaps()), kA);
  REQUIRE(created.ok());
  CHECK(created->created);
  const json::Value object = *created->object.Decode();
  CHECK(object.StringAt({"metadata", "namespace"}) == "default");
  CHECK(api::Uid(object).size() == 36);
  CHECK(api::ResourceVersion(object) == std::to_string(f.store().current().value));
  CHECK(api::Annotation(object, "kcp.io/cluster") == "root");
  CHECK(object.At({"metadata", "generation"}) == nullptr);
  CHECK(FieldsOf(object) == R"(unknown{"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:tier":{}}}})");
  CHECK(f.Get(f.Context(ConfigMaps(), "a")) == object);
}

TEST_CASE("create refuses as the reference does") {
  struct Row {
    const char* body;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {R"({"metadata":{"name":"a"}})", 409, R"(configmaps "a" already exists)"},
      {R"({"metadata":{}})", 422,
       R"(ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required)"},
      {R"({"metadata":{"name":"b","namespace":"other"}})", 400,
       "the namespace of the provided object does not match the namespace sent on the request"},
      {R"({"metadata":{"name":"b","resourceVersion":"5"}})", 500,
       "resourceVersion should not be set on objects to be created"},
      {R"({"metadata":{"name":"t1"},"data":{"k":5}})", 400,
       R"(ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string)"},
      {R"({"metadata":{"name":"Bad_Name"}})", 422,
       R"(ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case )"
       R"(alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for )"
       R"(validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'))"},
  };
  Fixture f;
  REQUIRE(f.Create(f.Context(ConfigMaps()), kA).ok());
  for (const Row& row : rows) {
    const auto created = f.Create(f.Context(ConfigMaps()), row.body);
    CHECK(api::HttpCode(created.status()) == row.code);
    CHECK(Message(created.status()) == row.message);
  }
}

TEST_CASE("unknown fields warn, are refused, or are dropped") {
  Fixture f;
  constexpr std::string_view kBody = R"({"metadata":{"name":"u","nope":1},"wrong":1})";
  CallContext ctx = f.Context(ConfigMaps());
  WriteOptions strict = Fixture::Writing();
  strict.field_validation = WriteOptions::FieldValidation::kStrict;
  CHECK(
      Message(f.Create(ctx, kBody, strict).status()) ==
      R"(ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.nope", unknown field "wrong")");
  auto created = f.Await(f.registry().Create(ctx, Json(kBody), Fixture::Writing()));
  REQUIRE(created.ok());
  CHECK(ctx.warnings == std::vector<std::string>{R"(unknown field "metadata.nope")", R"(unknown field "wrong")"});
  CHECK(created->object.Decode()->Find("wrong") == nullptr);
}

TEST_CASE("names are generated, and again when taken") {
  Fixture f;
  for (int i = 0; i < 20; ++i) {
    auto created = f.Create(f.Context(ConfigMaps()), R"({"metadata":{"generateName":"gen-"}})");
    REQUIRE(created.ok());
    const std::string name(api::Name(*created->object.Decode()));
    CHECK(name.size() == 9);
    CHECK(name.substr(4).find_first_not_of("bcdfghjklmnpqrstvwxz2456789") == std::string::npos);
  }
}

TEST_CASE("a dry run checks and stores nothing") {
  Fixture f;
  WriteOptions dry = Fixture::Writing();
  dry.dry_run = true;
  auto created = f.Create(f.Context(ConfigMaps()), kA, dry);
  REQUIRE(created.ok());
  const json::Value object = *created->object.Decode();
  CHECK(api::ResourceVersion(object).empty());
  CHECK_FALSE(api::Uid(object).empty());
  CHECK(api::IsNotFound(f.Await(f.registry().Get(f.Context(ConfigMaps(), "a"), "")).status()));
  REQUIRE(f.Create(f.Context(ConfigMaps()), kA).ok());
  CHECK(api::IsAlreadyExists(f.Create(f.Context(ConfigMaps()), kA, dry).status()));
}

TEST_CASE("update: versions, uids and names") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  REQUIRE(f.Create(f.Context(ConfigMaps()), kA).ok());
  const json::Value stored = f.Get(ctx);
  json::Value next = stored;
  next.Ensure({"data", "k"}) = "v2";
  next.Remove({"metadata", "labels"});
  auto updated = f.Update(ctx, next);
  REQUIRE(updated.ok());
  CHECK(FieldsOf(*updated->object.Decode()) == R"(unknown{"f:data":{".":{},"f:k":{}}})");
  CHECK(
      Message(f.Update(ctx, next).status()) ==
      R"(Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again)");
  CHECK(
      Message(f.Update(ctx, Json(R"({"metadata":{"name":"a","uid":"u5"}})")).status()) ==
      R"(Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/core/configmaps/root/default/a, )"
      R"(ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u5, UID in object meta: )" +
          std::string(api::Uid(stored)));
  CHECK(Message(f.Update(ctx, Json(R"({"metadata":{"name":"z"}})")).status()) ==
        "the name of the object (z) does not match the name on the URL (a)");
  CHECK(Message(f.Update(f.Context(ConfigMaps(), "none"), Json(R"({"metadata":{"name":"none"}})")).status()) ==
        R"(configmaps "none" not found)");
  CHECK(f.Update(ctx, Json(R"({"metadata":{"name":"a"},"data":{"k":"v9"}})")).ok());  // unconditional
  auto widgets = Widgets();
  REQUIRE(f.Create(f.Context(widgets), R"({"metadata":{"name":"w"},"spec":{"color":"red"}})").ok());
  CHECK(
      Message(f.Update(f.Context(widgets, "w"), Json(R"({"metadata":{"name":"w"}})")).status()) ==
      R"(widgets.example.dev "w" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update)");
}

TEST_CASE("an update that changes nothing writes nothing") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  REQUIRE(f.Create(f.Context(ConfigMaps()), kA).ok());
  const store::Revision before = f.store().current();
  f.loop().Advance(absl::Minutes(1));
  REQUIRE(f.Update(ctx, f.Get(ctx)).ok());
  REQUIRE(f.Patch(ctx, PatchType::kMerge, "{}").ok());
  CHECK(f.store().current() == before);
}

TEST_CASE("create on update") {
  Fixture f;
  auto roles = ConfigMaps();
  roles->create_on_update = true;
  auto result = f.Update(f.Context(roles, "a"), Json(kA));
  REQUIRE(result.ok());
  CHECK(result->created);
  result = f.Update(f.Context(roles, "a"), Json(kA));
  REQUIRE(result.ok());
  CHECK_FALSE(result->created);
}

TEST_CASE("status and generation of custom resources") {
  Fixture f;
  auto widgets = Widgets();
  const CallContext ctx = f.Context(widgets, "w");
  REQUIRE(f.Create(f.Context(widgets), R"({"metadata":{"name":"w"},"spec":{"color":"red"},"status":{"x":1}})").ok());
  json::Value w = f.Get(ctx);
  CHECK(w.IntAt({"metadata", "generation"}) == 1);
  CHECK(w.Find("status") == nullptr);
  CHECK(w.IntAt({"spec", "size"}) == 1);

  CallContext status = ctx;
  status.subresource = "status";
  w.Ensure({"status", "x"}) = 2;
  w.Ensure({"spec", "color"}) = "ignored";
  w.Ensure({"metadata", "labels", "ignored"}) = "too";
  REQUIRE(f.Update(status, w, Fixture::Writing("ctl")).ok());
  w = f.Get(ctx);
  CHECK(w.IntAt({"status", "x"}) == 2);
  CHECK(w.StringAt({"spec", "color"}) == "red");
  CHECK(w.At({"metadata", "labels"}) == nullptr);
  CHECK(w.IntAt({"metadata", "generation"}) == 1);

  w.Ensure({"status", "x"}) = 3;
  w.Ensure({"spec", "color"}) = "blue";
  REQUIRE(f.Update(ctx, w).ok());
  w = f.Get(ctx);
  CHECK(w.IntAt({"status", "x"}) == 2);
  CHECK(w.IntAt({"metadata", "generation"}) == 2);
  w.Ensure({"metadata", "labels", "l"}) = "1";
  REQUIRE(f.Update(ctx, w).ok());
  CHECK(f.Get(ctx).IntAt({"metadata", "generation"}) == 2);
}

TEST_CASE("delete: preconditions, results and finalizers") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  CHECK(Message(f.Delete(ctx).status()) == R"(configmaps "a" not found)");
  REQUIRE(f.Create(f.Context(ConfigMaps()), kA).ok());
  const std::string uid(api::Uid(f.Get(ctx)));
  CHECK(
      Message(f.Delete(ctx, {.uid = "u5"}).status()) ==
      R"(Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (u5) does not match the UID in record ()" +
          uid + R"(). The object might have been deleted and then recreated)");
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"metadata":{"finalizers":["example.dev/hold"]}})").ok());
  auto deleted = f.Delete(ctx, {.uid = uid});
  REQUIRE(deleted.ok());
  REQUIRE(deleted->object.has_value());
  CHECK(api::IsDeleting(*deleted->object->Decode()));
  const store::Revision marked = f.store().current();
  REQUIRE(f.Delete(ctx).ok());
  CHECK(f.store().current() == marked);
  CHECK(Message(f.Create(f.Context(ConfigMaps()), kA).status()) ==
        R"(object is being deleted: configmaps "a" already exists)");
  CHECK(
      Message(f.Patch(ctx, PatchType::kMerge, R"({"metadata":{"finalizers":["example.dev/hold","example.dev/more"]}})")
                  .status()) ==
      R"(ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new )"
      R"(finalizers []string{"example.dev/more"})");
  auto released = f.Patch(ctx, PatchType::kMerge, R"({"metadata":{"finalizers":null}})");
  REQUIRE(released.ok());
  CHECK(released->deleted);
  CHECK(Message(f.Delete(ctx).status()) == R"(configmaps "a" not found)");
}

TEST_CASE("an update's finalizers are judged as a new object's") {
  Fixture f;
  auto definition = std::make_shared<ResourceDefinition>(*ConfigMaps());
  definition->qualified_finalizers = true;
  REQUIRE(f.Create(f.Context(definition), kA).ok());
  const CallContext ctx = f.Context(definition, "a");
  struct Case {
    const char* finalizers;
    const char* error;
  };
  for (const Case& c :
       {Case{R"(["orphan","foregroundDeletion"])",
             R"(["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set)"},
        Case{R"(["bare"])", R"("bare": name is neither a standard finalizer name nor is it fully qualified)"}}) {
    const auto patched = f.Patch(ctx, PatchType::kMerge, StrCat(R"({"metadata":{"finalizers":)", c.finalizers, "}}"));
    CHECK_THAT(Message(patched.status()), Catch::EndsWith(c.error));
  }
  for (const char* finalizers : {R"(["orphan"])", R"(["foregroundDeletion"])", R"(["example.dev/hold"])"}) {
    CHECK(f.Patch(ctx, PatchType::kMerge, StrCat(R"({"metadata":{"finalizers":)", finalizers, "}}")).ok());
  }
}

TEST_CASE("propagation policies mark an object for the garbage collector") {
  Fixture f;
  for (std::string policy : {"Orphan", "Foreground", "Background"}) {
    REQUIRE(f.Create(f.Context(ConfigMaps()), kA).ok());
    auto deleted = f.Delete(f.Context(ConfigMaps(), "a"), {.propagation_policy = policy});
    REQUIRE(deleted.ok());
    CHECK(deleted->object.has_value() == (policy != "Background"));
    if (!deleted->object.has_value()) continue;
    // The second time nothing changes; another policy still may change what collects.
    const auto again = f.Delete(f.Context(ConfigMaps(), "a"), {.propagation_policy = policy});
    REQUIRE(again.ok());
    CHECK(again->object->modified() == deleted->object->modified());
    const auto background = f.Delete(f.Context(ConfigMaps(), "a"), {.propagation_policy = "Background"});
    REQUIRE(background.ok());
    CHECK_FALSE(background->object.has_value());
  }
  CHECK(
      Message(f.Delete(f.Context(ConfigMaps(), "a"), {.propagation_policy = "x"}).status()) ==
      R"(DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "x": supported values: "Foreground", "Background", "Orphan", "nil")");
}

TEST_CASE("every write keeps the owner index") {
  Fixture f;
  const auto dependents = [&](std::string_view uid) {
    auto found = storage::Dependents(*f.store().Snapshot(), RootCluster(), uid, "", 10);
    CHECK_OK(found);
    return found->size();
  };
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  const std::string owner = R"({"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"u1"})";
  REQUIRE(f.Create(f.Context(ConfigMaps()), R"({"metadata":{"name":"a","ownerReferences":[)" + owner + "]}}").ok());
  CHECK(dependents("u1") == 1);
  REQUIRE(f.Patch(ctx, PatchType::kMerge,
                  R"({"metadata":{"finalizers":["x/y"],"ownerReferences":[)" + owner +
                      R"(,{"apiVersion":"v1","kind":"ConfigMap","name":"p","uid":"u2"}]}})")
              .ok());
  CHECK(dependents("u1") + dependents("u2") == 2);
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"metadata":{"ownerReferences":[)" + owner + "]}}").ok());
  CHECK(dependents("u1") == 1);
  CHECK(dependents("u2") == 0);
  REQUIRE(f.Delete(ctx).ok());  // held
  CHECK(dependents("u1") == 1);
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"metadata":{"finalizers":null}})").ok());
  CHECK(dependents("u1") == 0);
  REQUIRE(f.Create(f.Context(ConfigMaps()), R"({"metadata":{"name":"a","ownerReferences":[)" + owner + "]}}").ok());
  REQUIRE(f.Delete(ctx).ok());
  CHECK(dependents("u1") == 0);
}

TEST_CASE("deletecollection answers what it deleted") {
  Fixture f;
  for (const char* name : {"a", "b", "c"}) {
    REQUIRE(f.Create(f.Context(ConfigMaps()),
                     std::string(R"({"metadata":{"name":")") + name + R"(","labels":{"n":")" + name + R"("}}})")
                .ok());
  }
  CallContext ctx = f.Context(ConfigMaps());
  auto deleted = f.Await(f.registry().DeleteCollection(ctx, {.label_selector = "n in (a,b)"}, {}));
  REQUIRE(deleted.ok());
  CHECK(deleted->size() == 2);
  CHECK(f.List(ctx).names == std::vector<std::string>{"c"});
}

TEST_CASE("patches without a version never lose a race") {
  Fixture f;
  REQUIRE(f.Create(f.Context(ConfigMaps()), R"({"metadata":{"name":"a"},"data":{"k":"v"}})").ok());
  constexpr int kWriters = 20;
  int done = 0;
  std::vector<CallContext> contexts(kWriters, f.Context(ConfigMaps(), "a"));
  struct Run {
    static Task<void> One(Registry* registry, CallContext* ctx, int i, int* done) {
      json::Value patch = json::Value::MakeObject();
      patch.Ensure({"data", "k" + std::to_string(i)}) = "x";
      auto result = co_await registry->Patch(*ctx, PatchType::kMerge, std::move(patch), Fixture::Writing());
      CHECK(result.ok());
      ++*done;
    }
  };
  for (int i = 0; i < kWriters; ++i) f.loop().Spawn(Run::One(&f.registry(), &contexts[i], i, &done));
  f.loop().RunWithThreads([&] { return done == kWriters; });
  CHECK(f.Get(f.Context(ConfigMaps(), "a")).Find("data")->object().size() == kWriters + 1);
}

TEST_CASE("field managers, as recorded from the reference") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "p");
  REQUIRE(f.Create(f.Context(ConfigMaps()), R"({"metadata":{"name":"p"},"data":{"a":"1","b":"2"}})",
                   Fixture::Writing("seed"))
              .ok());
  CHECK(FieldsOf(f.Get(ctx)) == R"(seed{"f:data":{".":{},"f:a":{},"f:b":{}}})");
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"data":{"a":null,"c":"3"}})").ok());
  CHECK(FieldsOf(f.Get(ctx)) == R"(seed{"f:data":{".":{},"f:b":{}}} unknown{"f:data":{"f:c":{}}})");
  REQUIRE(
      f.Patch(
           ctx, PatchType::kJson,
           R"([{"op":"test","path":"/data/c","value":"3"},{"op":"add","path":"/data/d","value":"4"},{"op":"move","from":"/data/b","path":"/data/e"}])")
          .ok());
  CHECK(FieldsOf(f.Get(ctx)) == R"(seed{"f:data":{}} unknown{"f:data":{"f:c":{},"f:d":{},"f:e":{}}})");
  REQUIRE(f.Patch(ctx, PatchType::kStrategicMerge, R"({"metadata":{"finalizers":["example.dev/a"]}})").ok());
  CHECK(
      FieldsOf(f.Get(ctx)) ==
      R"(seed{"f:data":{}} unknown{"f:data":{"f:c":{},"f:d":{},"f:e":{}},"f:metadata":{"f:finalizers":{".":{},"v:\"example.dev/a\"":{}}}})");
  REQUIRE(f.Patch(ctx, PatchType::kStrategicMerge,
                  R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["example.dev/a"]}})")
              .ok());
  CHECK(FieldsOf(f.Get(ctx)) == R"(seed{"f:data":{}} unknown{"f:data":{"f:c":{},"f:d":{},"f:e":{}}})");
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"metadata":{"managedFields":[{}]}})").ok());
  CHECK(FieldsOf(f.Get(ctx)).empty());
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"data":{"z":"1"}})").ok());
  CHECK(FieldsOf(f.Get(ctx)).empty());
}

TEST_CASE("at most ten managers of updates; the oldest are merged") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  REQUIRE(
      f.Create(f.Context(ConfigMaps()), R"({"metadata":{"name":"a"},"data":{"k":"v"}})", Fixture::Writing("m0")).ok());
  for (int i = 1; i <= 12; ++i) {
    f.loop().Advance(absl::Seconds(1));
    const std::string n = std::to_string(i);
    REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"data":{"k)" + n + R"(":"v"}})", Fixture::Writing("m" + n)).ok());
  }
  const json::Value managed = *f.Get(ctx).At({"metadata", "managedFields"});
  CHECK(managed.array().size() == 10);
  CHECK(managed.array()[0].StringAt({"manager"}) == "ancient-changes");
  CHECK(managed.array()[9].StringAt({"manager"}) == "m12");
}

TEST_CASE("patches that cannot be applied") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "p");
  REQUIRE(f.Create(f.Context(ConfigMaps()), R"({"metadata":{"name":"p"},"data":{"c":"3"}})").ok());
  struct Row {
    PatchType type;
    const char* patch;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {PatchType::kJson, R"([{"op":"test","path":"/data/c","value":"9"}])", 422,
       "the server rejected our request due to an error in our request"},
      {PatchType::kJson, R"([{"op":"remove","path":"/data/zzz"}])", 422,
       "the server rejected our request due to an error in our request"},
      {PatchType::kJson, R"({"op":"remove"})", 400,
       "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"},
      {PatchType::kMerge, R"({"metadata":{"name":"q"}})", 400,
       "the name of the object (q) does not match the name on the URL (p)"},
      {PatchType::kMerge, R"({"metadata":{"resourceVersion":"1000"}})", 409,
       R"(Operation cannot be fulfilled on configmaps "p": the object has been modified; please apply your changes to the latest version and try again)"},
  };
  for (const Row& row : rows) {
    const auto patched = f.Patch(ctx, row.type, row.patch);
    CHECK(api::HttpCode(patched.status()) == row.code);
    CHECK(Message(patched.status()) == row.message);
  }
  const auto wrong_type = f.Patch(ctx, PatchType::kMerge, R"({"data":"x"})");
  CHECK(api::HttpCode(wrong_type.status()) == 422);
  CHECK(
      Message(wrong_type.status())
          .starts_with(
              R"( "" is invalid: patch: Invalid value: "{\"apiVersion\":\"v1\",\"data\":\"x\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"p\",)"));
  WriteOptions strict = Fixture::Writing();
  strict.field_validation = WriteOptions::FieldValidation::kStrict;
  const auto odd = f.Patch(ctx, PatchType::kJson, R"([{"op":"test","path":"/data/c","value":"3","x":1}])", strict);
  CHECK(api::HttpCode(odd.status()) == 422);
  CHECK(Message(odd.status()).ends_with(R"(": strict decoding error: json patch unknown field "[0].x")"));
  CHECK(Message(f.Patch(ctx, PatchType::kStrategicMerge, R"({"wrong":1})", strict).status()) ==
        R"( "" is invalid: patch: Invalid value: "map[wrong:1]": strict decoding error: unknown field "wrong")");
  CHECK(
      Message(f.Patch(ctx, PatchType::kJson, R"([{"op":"replace","path":"","value":[]}])").status())
          .starts_with(R"( "" is invalid: patch: Invalid value: "[]": couldn't get version/kind; json parse error: )"));
}

}  // namespace
}  // namespace atoll::registry::testing
