#include "shard/registry/apply_patch.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "shard/registry/registry_testing.h"

namespace atoll::registry::testing {
namespace {

constexpr PatchType kApply = PatchType::kApply;

WriteOptions By(std::string manager, bool force = false) {
  WriteOptions options = Fixture::Writing(std::move(manager));
  options.force = force;
  return options;
}

std::string Config(std::string_view rest) {
  return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"})" + std::string(rest) + "}";
}

// `manager/operation{fields}` for each entry.
std::string Owners(const json::Value& object) {
  std::string out;
  const json::Value* managed = object.At({"metadata", "managedFields"});
  if (managed == nullptr) return out;
  for (const json::Value& entry : managed->array()) {
    out += std::string(out.empty() ? "" : " ") + std::string(entry.StringAt({"manager"})) + "/" +
           std::string(entry.StringAt({"operation"})) + json::Write(*entry.Find("fieldsV1"));
  }
  return out;
}

json::Value Decoded(const absl::StatusOr<WriteResult>& result) {
  CHECK_OK(result);
  return *result->object.Decode();
}

TEST_CASE("applying creates what is missing and writes nothing the second time") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  const auto created = f.Patch(ctx, kApply, Config(R"(,"data":{"k":"v"})"), By("one"));
  REQUIRE(created.ok());
  CHECK(created->created);
  CHECK(Owners(Decoded(created)) == R"(one/Apply{"f:data":{"f:k":{}}})");
  const json::Value first = f.Get(ctx);
  f.loop().Advance(absl::Seconds(5));
  const auto again = f.Patch(ctx, kApply, Config(R"(,"data":{"k":"v"})"), By("one"));
  REQUIRE(again.ok());
  CHECK_FALSE(again->created);
  CHECK(f.Get(ctx) == first);
  const auto changed = f.Patch(ctx, kApply, Config(R"(,"data":{"k":"w"})"), By("one"));
  CHECK(api::ResourceVersion(Decoded(changed)) != api::ResourceVersion(first));
  CHECK(Decoded(changed).StringAt({"data", "k"}) == "w");
}

TEST_CASE("who may not create cannot by applying or updating, either") {
  Fixture f;
  CallContext ctx = f.Context(ConfigMaps(), "a");
  ctx.authorize_create = []() -> Task<absl::Status> { co_return api::Forbidden({"", "configmaps"}, "a", "no"); };
  CHECK(api::HttpCode(f.Patch(ctx, kApply, Config(""), By("one")).status()) == 403);
  auto created_by_update = ConfigMaps();
  created_by_update->create_on_update = true;
  ctx.definition = created_by_update;
  CHECK(api::HttpCode(f.Update(ctx, Json(Config(""))).status()) == 403);
  CHECK(f.Patch(f.Context(ConfigMaps(), "a"), kApply, Config(""), By("one")).ok());
  CHECK(f.Patch(ctx, kApply, Config(R"(,"data":{"a":"1"})"), By("one")).ok());
}

TEST_CASE("a dry run of an apply leaves no trace") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  WriteOptions dry = By("one");
  dry.dry_run = true;
  CHECK(Decoded(f.Patch(ctx, kApply, Config(R"(,"data":{"k":"v"})"), dry)).StringAt({"data", "k"}) == "v");
  CHECK(api::IsNotFound(f.Await(f.registry().Get(ctx, "")).status()));
}

TEST_CASE("conflicts are named to the letter") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  REQUIRE(f.Patch(ctx, kApply, Config(R"(,"data":{"x":"1","y":"1"})"), By("one")).ok());
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"data":{"z":"1"}})", By("edit")).ok());
  const auto one = f.Patch(ctx, kApply, Config(R"(,"data":{"x":"2"})"), By("two"));
  CHECK(api::HttpCode(one.status()) == 409);
  CHECK(
      json::Write(api::StatusObject(one.status())) ==
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
      R"("message":"Apply failed with 1 conflict: conflict with \"one\": .data.x","reason":"Conflict",)"
      R"("details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"one\"","field":".data.x"}]},)"
      R"("code":409})");
  const auto many = f.Patch(ctx, kApply, Config(R"(,"data":{"x":"2","y":"2","z":"2"})"), By("two"));
  CHECK(Message(many.status()) ==
        "Apply failed with 3 conflicts: conflicts with \"edit\" using v1:\n- .data.z\n"
        "conflicts with \"one\":\n- .data.x\n- .data.y");
  const json::Value forced = Decoded(f.Patch(ctx, kApply, Config(R"(,"data":{"x":"2"})"), By("two", true)));
  CHECK(Owners(forced) ==
        R"(one/Apply{"f:data":{"f:y":{}}} two/Apply{"f:data":{"f:x":{}}} edit/Update{"f:data":{"f:z":{}}})");
}

TEST_CASE("what nobody tracked belongs to before-first-apply") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  REQUIRE(f.Create(f.Context(ConfigMaps()), Config(R"(,"data":{"x":"1"})")).ok());
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"metadata":{"managedFields":[{}]}})").ok());
  const json::Value applied = Decoded(f.Patch(ctx, kApply, Config(R"(,"data":{"y":"1"})"), By("one")));
  CHECK(Owners(applied) == R"(one/Apply{"f:data":{"f:y":{}}} before-first-apply/Update{"f:data":{".":{},"f:x":{}},)"
                           R"("f:metadata":{"f:annotations":{".":{},"f:kcp.io/cluster":{}}}})");
}

TEST_CASE("a resourceVersion has nothing to say of what is created") {
  Fixture f;
  CHECK(f.Patch(f.Context(ConfigMaps(), "a"), kApply,
                R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"5"}})", By("one"))
            .ok());
}

TEST_CASE("configurations that are refused") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  REQUIRE(f.Patch(ctx, kApply, Config(R"(,"data":{"x":"1"})"), By("one")).ok());
  const std::string version(api::ResourceVersion(f.Get(ctx)));
  struct Row {
    const char* name;
    std::string config;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {"a", R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}})", 400,
       "invalid object type: /v1, Kind=Secret"},
      {"a", R"({"apiVersion":"apps/v1","kind":"ConfigMap"})", 400, "invalid object type: apps/v1, Kind=ConfigMap"},
      {"a", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[]}})", 400,
       "metadata.managedFields must be nil"},
      {"a", Config(R"(,"wrong":1)"), 500,
       "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .wrong: field not declared in schema"},
      {"a", Config(R"(,"secrets":[{"name":"s"},{"name":"s"}])"), 500,
       "failed to create typed patch object (/a; /v1, Kind=ConfigMap): .secrets: duplicate entries for key "
       "[name=\"s\"]"},
      {"a", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}})", 400,
       "the name of the object (b) does not match the name on the URL (a)"},
      {"a", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"resourceVersion":"1000"}})", 409,
       "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to "
       "the latest version and try again"},
      {"new", R"({"apiVersion":"v1","kind":"ConfigMap"})", 400,
       "the name of the object (new based on URL) was undeterminable: name must be provided"},
      {"new", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"n"}})", 400,
       "the name of the object (new based on URL) was undeterminable: name must be provided"},
      {"new", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new","uid":"u"}})", 409,
       "Operation cannot be fulfilled on configmaps \"new\": uid mismatch: the provided object specified uid u, and no "
       "existing object was found"},
      {"new", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new","namespace":"other"}})", 400,
       "the namespace of the provided object does not match the namespace sent on the request"},
  };
  for (const Row& row : rows) {
    INFO(row.config);
    const auto refused = f.Patch(f.Context(ConfigMaps(), row.name), kApply, row.config, By("one"));
    CHECK(api::HttpCode(refused.status()) == row.code);
    CHECK(Message(refused.status()) == row.message);
  }
  CHECK(f.Patch(ctx, kApply,
                R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"resourceVersion":")" + version + R"("}})",
                By("one"))
            .ok());
}

TEST_CASE("kubectl takes over what its client-side apply set") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps(), "a");
  const std::string last = json::Write(json::Value(Config(R"(,"data":{"x":"1","y":"1"})")));
  const std::string annotated = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","annotations":{)"
                                R"("kubectl.kubernetes.io/last-applied-configuration":)" +
                                last + R"(}},"data":{"x":"1","y":"1"}})";
  REQUIRE(f.Create(f.Context(ConfigMaps()), annotated, By("kubectl-client-side-apply")).ok());
  CHECK(Message(f.Patch(ctx, kApply, Config(R"(,"data":{"x":"2"})"), By("other")).status()) ==
        "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.x");
  const json::Value taken = Decoded(f.Patch(ctx, kApply, Config(R"(,"data":{"x":"2"})"), By("kubectl")));
  CHECK(taken.StringAt({"data", "x"}) == "2");
  CHECK(taken.StringAt({"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"}) ==
        Config(R"(,"data":{"x":"2"})") + "\n");
  // Changed since by somebody else: a conflict like any other.
  REQUIRE(f.Patch(ctx, PatchType::kMerge, R"({"data":{"y":"9"}})", By("edit")).ok());
  CHECK(Message(f.Patch(ctx, kApply, Config(R"(,"data":{"y":"2"})"), By("kubectl")).status()) ==
        "Apply failed with 1 conflict: conflict with \"edit\" using v1: .data.y");
}

TEST_CASE("status is applied through its own door") {
  Fixture f;
  const auto widget = [](std::string_view rest) {
    return R"({"apiVersion":"example.dev/v1","kind":"Widget","metadata":{"name":"w"},)" + std::string(rest) + "}";
  };
  const CallContext ctx = f.Context(Widgets(), "w");
  CallContext status = ctx;
  status.subresource = "status";
  CHECK(api::IsNotFound(f.Patch(status, kApply, widget(R"("status":{"ok":true})"), By("one")).status()));
  const json::Value made =
      Decoded(f.Patch(ctx, kApply, widget(R"("spec":{"color":"red"},"status":{"ok":1})"), By("one")));
  CHECK(made.Find("status") == nullptr);
  CHECK(made.IntAt({"spec", "size"}) == 1);  // the default is nobody's
  CHECK(Owners(made) == R"(one/Apply{"f:spec":{"f:color":{}}})");
  const json::Value told = Decoded(
      f.Patch(status, kApply, widget(R"("spec":{"color":"blue"},"status":{"ok":true,"n":{"m":[1]}})"), By("two")));
  CHECK(told.StringAt({"spec", "color"}) == "red");
  CHECK(Owners(told) ==
        R"(one/Apply{"f:spec":{"f:color":{}}} two/Apply{"f:status":{"f:n":{".":{},"f:m":{}},"f:ok":{}}})");
  CHECK(told.At({"metadata", "managedFields"})->array()[1].StringAt({"subresource"}) == "status");
  // A write of the object leaves who owns the status alone.
  json::Value object = told;
  object.object().Erase("status");
  object.Ensure({"spec"}).object().Set("color", "green");
  const json::Value updated = Decoded(f.Update(ctx, object, By("edit")));
  CHECK(Owners(updated) ==
        R"(two/Apply{"f:status":{"f:n":{".":{},"f:m":{}},"f:ok":{}}} edit/Update{"f:spec":{"f:color":{}}})");
}

}  // namespace
}  // namespace atoll::registry::testing
