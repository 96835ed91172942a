// Lists, pages and watches (spec/api-machinery.md 3.6 to 3.8, 4).
#include <catch2/catch.hpp>

#include "shard/registry/registry_testing.h"

namespace atoll::registry::testing {
namespace {

using Names = std::vector<std::string>;

void Seed(Fixture& f, std::shared_ptr<ResourceDefinition> d, const char* name, const char* color,
          std::string ns = "default") {
  REQUIRE(f.Create(f.Context(std::move(d), "", std::move(ns)), std::string(R"({"metadata":{"name":")") + name +
                                                                   R"(","labels":{"c":")" + color +
                                                                   R"("}},"spec":{"color":")" + color + R"("}})")
              .ok());
}

TEST_CASE("list selects by label, field, namespace and name") {
  Fixture f;
  auto w = Widgets();
  Seed(f, w, "a", "red");
  Seed(f, w, "b", "blue");
  Seed(f, w, "a", "red", "other");
  const CallContext ns = f.Context(w), all = f.Context(w, "", "");
  CHECK(f.List(ns).names == Names{"a", "b"});
  CHECK(f.List(all).names == Names{"a", "b", "a"});
  CHECK(f.List(ns, {.label_selector = "c=red"}).names == Names{"a"});
  CHECK(f.List(ns, {.label_selector = "c notin (red),!d"}).names == Names{"b"});
  CHECK(f.List(ns, {.field_selector = "spec.color=blue"}).names == Names{"b"});
  CHECK(f.List(ns, {.field_selector = "metadata.name=b"}).names == Names{"b"});
  CHECK(f.List(all, {.field_selector = "metadata.namespace=other"}).names == Names{"a"});
  CHECK(f.List(all, {.field_selector = "metadata.name!=a"}).names == Names{"b"});
  CHECK(Message(f.List(ns, {.label_selector = "a b c"}).status) ==
        "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
  CHECK(Message(f.List(ns, {.field_selector = "data.k=v"}).status) == "field label not supported: data.k");
  CHECK(Message(f.List(f.Context(ConfigMaps()), {.field_selector = "data.k=v"}).status) ==
        R"("data.k" is not a known field selector: only "metadata.name", "metadata.namespace")");
}

TEST_CASE("a wildcard list covers all clusters, and pages") {
  Fixture f;
  auto w = Widgets();
  w->scope = Scope::kCluster;
  for (const char* cluster : {"one", "two"}) {
    CallContext ctx = f.Context(w, "", "");
    ctx.cluster.id = LogicalClusterId(cluster);
    REQUIRE(f.Create(ctx, R"({"metadata":{"name":"x"}})").ok());
  }
  CallContext ctx = f.Context(w, "", "");
  ctx.cluster = {.wildcard = true};
  Fixture::Page page = f.List(ctx, {.limit = 1});
  CHECK(page.names == Names{"x"});
  REQUIRE_FALSE(page.continue_token.empty());
  page = f.List(ctx, {.limit = 1, .continue_token = page.continue_token});
  CHECK(page.names == Names{"x"});
  CHECK(page.continue_token.empty());
}

TEST_CASE("pages read one snapshot") {
  Fixture f;
  auto w = Widgets();
  for (const char* name : {"a", "b", "c"}) Seed(f, w, name, "red");
  const CallContext ctx = f.Context(w);
  const Fixture::Page first = f.List(ctx, {.limit = 1});
  CHECK(first.names == Names{"a"});
  CHECK(first.remaining == 2);
  REQUIRE(f.Delete(f.Context(w, "b")).ok());
  const Fixture::Page second = f.List(ctx, {.limit = 5, .continue_token = first.continue_token});
  CHECK(second.names == Names{"b", "c"});
  CHECK(second.revision == first.revision);
  CHECK(second.continue_token.empty());
  CHECK_FALSE(second.remaining.has_value());
  CHECK_FALSE(f.List(ctx, {.label_selector = "c=red", .limit = 1}).remaining.has_value());
  CHECK(f.List(ctx, {.resource_version = "0", .limit = 1}).names.size() == 2);
}

TEST_CASE("an old token continues inconsistently") {
  Fixture f;
  auto w = Widgets();
  for (const char* name : {"a", "b", "c"}) Seed(f, w, name, "red");
  const CallContext ctx = f.Context(w);
  // rv 1 was never kept.
  const Fixture::Page gone =
      f.List(ctx, {.continue_token = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIvYVx1MDAwMCJ9"});
  CHECK(api::HttpCode(gone.status) == 410);
  const std::string fresh(api::StatusObject(gone.status).StringAt({"metadata", "continue"}));
  REQUIRE_FALSE(fresh.empty());
  CHECK(f.List(ctx, {.continue_token = fresh}).names == Names{"b", "c"});
}

TEST_CASE("list options that are refused") {
  Fixture f;
  const CallContext ctx = f.Context(ConfigMaps());
  struct Row {
    ListOptions options;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {{.resource_version_match = "Exact"},
       422,
       R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided)"},
      {{.resource_version = "0", .resource_version_match = "Exact"},
       422,
       R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0")"},
      {{.resource_version = "1", .resource_version_match = "x"},
       422,
       R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "x": supported values: "Exact", "NotOlderThan", "")"},
      {{.send_initial_events = true},
       422,
       R"(ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list)"},
      {{.resource_version = "abc"},
       400,
       R"(invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax)"},
      {{.continue_token = "abc"},
       400,
       "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value"},
      {{.resource_version = "5", .continue_token = "abc"},
       400,
       "specifying resource version is not allowed when using continue"},
  };
  for (const Row& row : rows) {
    const Fixture::Page page = f.List(ctx, row.options);
    CHECK(api::HttpCode(page.status) == row.code);
    CHECK(Message(page.status) == row.message);
  }
}

// Watches with a caller that knows when something must have come.
struct Watching {
  Watching(Fixture& fixture, const CallContext& ctx, ListOptions options) : f(fixture) {
    auto opened = f.Await(f.registry().Watch(ctx, std::move(options)));
    status = opened.status();
    if (opened.ok()) watch = *std::move(opened);
  }
  // The events until `count` have come, as "ADDED a".
  Names Next(size_t count) {
    Names out;
    while (out.size() < count) {
      auto events = f.Await(watch->Next(absl::Minutes(1)));
      status = events.status();
      if (!events.ok()) break;
      for (const WatchEvent& e : *events) {
        static const char* const kTypes[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK"};
        const std::string name =
            e.type == WatchEvent::Type::kBookmark ? "" : std::string(e.object.Decode()->StringAt({"metadata", "name"}));
        out.push_back(std::string(kTypes[static_cast<int>(e.type)]) + " " + name);
        last = e;
      }
    }
    return out;
  }
  Fixture& f;
  std::unique_ptr<ObjectWatch> watch;
  absl::Status status;
  WatchEvent last;
};

TEST_CASE("a watch from a version sees what comes after, through its selectors") {
  Fixture f;
  auto w = Widgets();
  const CallContext ctx = f.Context(w);
  Seed(f, w, "a", "red");
  const std::string from = std::to_string(f.store().current().value);
  for (ListOptions options : {ListOptions{.label_selector = "c=blue", .resource_version = from},
                              ListOptions{.field_selector = "spec.color=blue", .resource_version = from}}) {
    Watching watching(f, ctx, options);
    const std::string prefix = R"({"metadata":{"labels":{"c":")";
    const auto paint = [&](const char* color) {
      REQUIRE(
          f.Patch(f.Context(w, "a"), PatchType::kMerge, prefix + color + R"("}},"spec":{"color":")" + color + R"("}})")
              .ok());
    };
    paint("blue");
    REQUIRE(f.Patch(f.Context(w, "a"), PatchType::kMerge, R"({"spec":{"size":2}})").ok());
    paint("red");
    CHECK(watching.Next(3) == Names{"ADDED a", "MODIFIED a", "DELETED a"});
    // The state that matched last, at the revision that ended it.
    CHECK(watching.last.object.Decode()->StringAt({"spec", "color"}) == "blue");
    CHECK(watching.last.object.modified() == f.store().current());
    REQUIRE(f.Delete(f.Context(w, "a")).ok());
    Seed(f, w, "a", "red");
    break;
  }
  Watching all(f, ctx, {.resource_version = from});
  CHECK(all.Next(5) == Names{"MODIFIED a", "MODIFIED a", "MODIFIED a", "DELETED a", "ADDED a"});
  CHECK(all.watch->through() == f.store().current());
}

TEST_CASE("initial events, and the mark at their end") {
  Fixture f;
  auto w = Widgets();
  Seed(f, w, "b", "red");
  Seed(f, w, "a", "red");
  const CallContext ctx = f.Context(w);
  Watching marked(f, ctx,
                  {.resource_version_match = "NotOlderThan", .allow_bookmarks = true, .send_initial_events = true});
  CHECK(marked.Next(3) == Names{"ADDED a", "ADDED b", "BOOKMARK "});
  CHECK(marked.last.initial_events_end);
  CHECK(marked.last.revision == f.store().current());
  Seed(f, w, "c", "red");
  CHECK(marked.Next(1) == Names{"ADDED c"});
  Watching plain(f, ctx, {});
  CHECK(plain.Next(3) == Names{"ADDED a", "ADDED b", "ADDED c"});
  Watching named(f, ctx, {.field_selector = "metadata.name=b"});
  CHECK(named.Next(1) == Names{"ADDED b"});
}

TEST_CASE("watches that are refused") {
  Fixture f;
  Seed(f, Widgets(), "a", "red");
  const CallContext ctx = f.Context(Widgets());
  CHECK(Message(Watching(f, ctx, {.resource_version = "abc"}).status) ==
        R"(resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax)");
  CHECK(
      Message(Watching(f, ctx, {.resource_version = "5", .send_initial_events = true}).status) ==
      R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan)");
  CHECK(
      Message(Watching(f, ctx, {.resource_version_match = "NotOlderThan"}).status) ==
      R"(ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided)");
}

TEST_CASE("a version of the future is waited for, then refused") {
  Fixture f;
  Seed(f, Widgets(), "a", "red");
  const CallContext ctx = f.Context(Widgets());
  std::optional<absl::Status> list, watch;
  struct Run {
    static Task<void> List(Registry* registry, CallContext ctx, std::optional<absl::Status>* out) {
      ListOptions options;
      options.resource_version = "99999999999";
      auto reader = co_await registry->List(ctx, std::move(options));
      out->emplace(reader.status());
    }
    static Task<void> Watch(Registry* registry, CallContext ctx, std::optional<absl::Status>* out) {
      ListOptions options;
      options.resource_version = "99999999999";
      auto opened = co_await registry->Watch(ctx, std::move(options));
      CHECK(opened.ok());
      auto events = co_await (*opened)->Next(absl::Minutes(1));
      out->emplace(events.status());
    }
  };
  f.loop().Spawn(Run::List(&f.registry(), ctx, &list));
  f.loop().Spawn(Run::Watch(&f.registry(), ctx, &watch));
  REQUIRE(f.loop().RunUntil([&] { return list.has_value() && watch.has_value(); }));
  for (const absl::Status& status : {*list, *watch}) {
    CHECK(api::HttpCode(status) == 504);
    CHECK(Message(status) ==
          "Timeout: Too large resource version: 99999999999, current: " + std::to_string(f.store().current().value));
  }
}

}  // namespace
}  // namespace atoll::registry::testing
