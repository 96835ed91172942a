#include "tools/atoll/ws/create.h"

#include <catch2/catch.hpp>

#include "common/json/write.h"
#include "tools/atoll/ws/testing_client.h"

namespace atoll::cli {
namespace {

json::Value Workspace(const std::string& phase, const std::string& type = "team") {
  return *json::Parse(R"({"metadata":{"name":"w","resourceVersion":"7"},"spec":{"type":{"path":"root","name":")" +
                      type + R"("},"URL":"https://h:6443/clusters/id1"},"status":{"phase":")" + phase + R"("}})");
}

json::Value Event(const std::string& type, json::Value object) {
  return json::Object{{"type", type}, {"object", std::move(object)}};
}

constexpr char kCollection[] = "/clusters/root:a/apis/tenancy.kcp.io/v1alpha1/workspaces";
constexpr char kCreated[] = "Workspace \"w\" (type root:team) created. Waiting for it to be ready...\n";
constexpr char kReady[] = "Workspace \"w\" (type root:team) is ready to use.\n";

TEST_CASE("create workspace: waits by a watch") {
  Terminal terminal;
  terminal.server->post_answer = Workspace("Scheduling");
  terminal.server->events = {Event("MODIFIED", Workspace("Initializing")), Event("MODIFIED", Workspace("Ready"))};
  Session session = terminal.NewSession();
  REQUIRE(Create(session, {.name = "w"}).ok());
  CHECK(terminal.out.str() == std::string(kCreated) + kReady);
  REQUIRE(terminal.server->asked.size() == 2);
  CHECK(terminal.server->asked[1].starts_with(
      std::string("WATCH ") + kCollection +
      "?watch=true&fieldSelector=metadata.name%3Dw&resourceVersion=7&timeoutSeconds="));
}

TEST_CASE("create workspace: a watch that ends is followed by a look") {
  for (const absl::Status& end : {absl::OkStatus(), api::Expired("too old")}) {
    Terminal terminal;
    terminal.server->post_answer = Workspace("Scheduling");
    terminal.server->watch_answer = end;
    terminal.server->gets.insert_or_assign(std::string(kCollection) + "/w", Workspace("Ready"));
    Session session = terminal.NewSession();
    REQUIRE(Create(session, {.name = "w"}).ok());
    CHECK(terminal.out.str() == std::string(kCreated) + kReady);
  }
}

TEST_CASE("create workspace: what goes wrong") {
  struct Case {
    std::string name;
    CreateOptions options;
    absl::StatusOr<json::Value> post;
    std::vector<json::Value> events;
    absl::Status watch;
    std::string error;
  };
  for (const Case& c : std::vector<Case>{
           {"exists",
            {.name = "w"},
            api::AlreadyExists({"tenancy.kcp.io", "workspaces"}, "w"),
            {},
            {},
            "workspaces.tenancy.kcp.io \"w\" already exists"},
           {"other type",
            {.name = "w", .type = "root:universal", .ignore_existing = true},
            api::AlreadyExists({"tenancy.kcp.io", "workspaces"}, "w"),
            {},
            {},
            "workspace \"w\" cannot be created with type root:universal, it already exists with different type "
            "root:team"},
           {"relative type",
            {.name = "w", .type = "team", .ignore_existing = true},
            Workspace("Ready"),
            {},
            {},
            "--ignore-existing must not be used with non-absolute type path"},
           {"deleted",
            {.name = "w"},
            Workspace("Scheduling"),
            {Event("DELETED", Workspace("Scheduling"))},
            {},
            "workspaces.tenancy.kcp.io \"w\" not found"},
           {"late",
            {.name = "w"},
            Workspace("Scheduling"),
            {},
            absl::DeadlineExceededError("context deadline exceeded"),
            "context deadline exceeded"},
           {"no time",
            {.name = "w", .ready_max = absl::ZeroDuration()},
            Workspace("Scheduling"),
            {},
            {},
            "context deadline exceeded"},
           {"selector",
            {.name = "w", .location_selector = "a=("},
            Workspace("Ready"),
            {},
            {},
            "invalid location selector: couldn't parse the selector string \"a=(\": unable to parse requirement: found "
            "'(', expected: "
            "identifier"},
       }) {
    CAPTURE(c.name);
    Terminal terminal;
    terminal.server->post_answer = c.post;
    terminal.server->events = c.events;
    terminal.server->watch_answer = c.watch;
    terminal.server->gets.insert_or_assign(std::string(kCollection) + "/w", Workspace("Ready"));
    Session session = terminal.NewSession();
    CHECK(Create(session, c.options).message() == c.error);
  }
}

TEST_CASE("create workspace: one that is there") {
  Terminal terminal;
  terminal.server->post_answer = api::AlreadyExists({"tenancy.kcp.io", "workspaces"}, "w");
  terminal.server->gets.insert_or_assign(std::string(kCollection) + "/w", Workspace("Ready"));
  Session session = terminal.NewSession();
  REQUIRE(Create(session, {.name = "w", .type = "root:team", .ignore_existing = true}).ok());
  CHECK(terminal.out.str() == std::string("Workspace \"w\" (type root:team) already exists.\n") + kReady);
}

TEST_CASE("create workspace: a context for it") {
  for (bool enter : {false, true}) {
    Terminal terminal;
    terminal.server->post_answer = Workspace("Ready");
    Session session = terminal.NewSession();
    REQUIRE(Create(session, {.name = "w", .create_context = "mine", .enter = enter}).ok());
    CHECK(terminal.out.str() ==
          std::string(kReady) + "Created context \"mine\"" + (enter ? " and switched to it.\n" : ".\n"));
    CHECK(terminal.Load().Cluster("mine")->StringAt({"server"}) == "https://h:6443/clusters/id1");
    CHECK(terminal.Load().current_context() == (enter ? "mine" : "base"));
  }
}

TEST_CASE("create workspace: the object") {
  const auto spec = [](const CreateOptions& options) { return json::Write(*NewWorkspace(options)->Find("spec")); };
  CHECK(spec({.name = "w"}) == "{}");
  CHECK(spec({.name = "w", .type = "Team"}) == R"({"type":{"name":"team"}})");
  CHECK(spec({.name = "w", .type = "root:x:Team"}) == R"({"type":{"name":"team","path":"root:x"}})");
  CHECK(spec({.name = "w", .location_selector = "a=b,c in (e,d),f,!g,h!=i"}) ==
        R"({"location":{"selector":{"matchLabels":{"a":"b"},"matchExpressions":[)"
        R"({"key":"c","operator":"In","values":["d","e"]},{"key":"f","operator":"Exists"},)"
        R"({"key":"g","operator":"DoesNotExist"},{"key":"h","operator":"NotIn","values":["i"]}]}}})");
  CHECK(!SelectorObject("a>1").ok());
}

}  // namespace
}  // namespace atoll::cli
