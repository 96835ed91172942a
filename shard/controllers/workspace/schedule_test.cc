#include "shard/controllers/workspace/schedule.h"

#include <catch2/catch.hpp>
#include <set>

#include "common/api/object.h"
#include "common/json/parse.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::controllers {
namespace {

tenancy::ShardInfo Shard(std::string name, std::string region, bool unschedulable = false) {
  tenancy::ShardInfo s;
  s.name = name;
  s.labels = {{"name", name}, {"region", region}};
  s.unschedulable = unschedulable;
  return s;
}

TEST_CASE("ChooseShard: selector, cordon, chance", "[controllers]") {
  SeededRandom random(1);
  const std::vector<tenancy::ShardInfo> shards = {Shard("root", "eu"), Shard("s1", "us"), Shard("s2", "us"),
                                                  Shard("s3", "us", true)};
  auto choose = [&](const char* workspace) { return ChooseShard(*json::Parse(workspace), shards, random); };

  SECTION("any schedulable one") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) seen.insert(choose("{}")->name);
    CHECK(seen == std::set<std::string>{"root", "s1", "s2"});
  }
  SECTION("by label") {
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i)
      seen.insert(choose(R"({"spec":{"location":{"selector":{"matchLabels":{"region":"us"}}}}})")->name);
    CHECK(seen == std::set<std::string>{"s1", "s2"});
  }
  SECTION("none") {
    auto none = choose(R"({"spec":{"location":{"selector":{"matchLabels":{"region":"mars"}}}}})");
    CHECK(none.status().message() == "No available shards to schedule the workspace");
  }
  SECTION("a selector that is none") {
    CHECK(absl::IsInvalidArgument(
        choose(R"({"spec":{"location":{"selector":{"matchExpressions":[{"key":"a","operator":"Near"}]}}}})").status()));
  }
}

TEST_CASE("LogicalClusterFor carries type, path, owner and creator", "[controllers]") {
  json::Value ws = *json::Parse(R"({"metadata":{"name":"team","uid":"u1","annotations":{
      "experimental.tenancy.kcp.io/owner":"{\"username\":\"alice\",\"groups\":[\"g\"]}"}},"spec":{"type":{"name":"universal","path":"root"}}})");
  json::Value lc = LogicalClusterFor(ws, "c1", "root:org", "a,b", {"root:universal"}, {});
  CHECK(api::Annotation(lc, tenancy::kTypeAnnotation) == "root:universal");
  CHECK(api::Annotation(lc, api::kPathAnnotation) == "root:org:team");
  CHECK(api::Annotation(lc, tenancy::kRequiredGroupsAnnotation) == "a,b");
  CHECK(lc.StringAt({"spec", "createdBy", "username"}) == "alice");
  CHECK(lc.StringAt({"spec", "owner", "uid"}) == "u1");
  CHECK(lc.StringAt({"spec", "owner", "cluster"}) == "c1");
  CHECK(lc.At({"spec", "initializers"})->array().size() == 1);
  CHECK(lc.At({"spec", "terminators"}) == nullptr);
}

TEST_CASE("terminal conditions make a workspace Unavailable and Ready again", "[controllers]") {
  json::Value ws = *json::Parse(
      R"({"status":{"phase":"Scheduling","conditions":[{"type":"WorkspaceScheduled","status":"False"}]}})");
  CHECK(ApplyTerminalConditions(&ws));
  CHECK(ws.StringAt({"status", "phase"}) == "Unavailable");
  CHECK_FALSE(ApplyTerminalConditions(&ws));
  ws.At({"status", "conditions"})->array()[0].Ensure({"status"}) = "True";
  CHECK(ApplyTerminalConditions(&ws));
  CHECK(ws.StringAt({"status", "phase"}) == "Ready");
  ws.Ensure({"status", "phase"}) = "Deleting";
  ws.At({"status", "conditions"})->array()[0].Ensure({"status"}) = "False";
  CHECK_FALSE(ApplyTerminalConditions(&ws));
}

}  // namespace
}  // namespace atoll::controllers
