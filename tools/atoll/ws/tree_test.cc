#include "tools/atoll/ws/tree.h"

#include <catch2/catch.hpp>

#include "common/json/write.h"
#include "tools/atoll/ws/complete.h"
#include "tools/atoll/ws/testing_client.h"

namespace atoll::cli {
namespace {

TreeNode Sample() {
  TreeNode leaf{
      .name = "w1", .path = "id2", .type = "root:universal", .phase = "Ready", .shard = "s1", .cluster_phase = "Ready"};
  TreeNode a{.name = "org-a", .path = "id1", .type = "root:organization", .phase = "Initializing"};
  a.children = {leaf};
  TreeNode b{.name = "b", .path = "id3"};
  return {.name = "root:top", .path = "root:top", .children = {a, {.name = "m", .mount = true}, b}};
}

TEST_CASE("ws tree: how it looks") {
  CHECK(TreeText({.name = "root", .path = "root"}, {}) == ".\n└── root\n\n");
  CHECK(TreeText(Sample(), {}) ==
        ".\n"
        "└── top\n"
        "    ├── org-a\n"
        "    │   └── w1\n"
        "    ├── m [m]\n"
        "    └── b\n"
        "\n");
  CHECK(TreeText(Sample(), {.full = true}) ==
        ".\n"
        "└── root:top\n"
        "    ├── root:top:org-a\n"
        "    │   └── root:top:org-a:w1\n"
        "    ├── root:top:m [m]\n"
        "    └── root:top:b\n"
        "\n");
  CHECK(TreeText(Sample(), {.wide = true}) ==
        ".\n"
        "└── top         ws=-             lc=Unknown  type=-                  shard=-\n"
        "    ├── org-a   ws=Initializing  lc=Unknown  type=root:organization  shard=-\n"
        "    │   └── w1  ws=Ready         lc=Ready    type=root:universal     shard=s1\n"
        "    ├── m [m]\n"
        "    └── b       ws=-             lc=Unknown  type=-                  shard=-\n");
  CHECK(json::Write(TreeJson({.name = "a", .path = "p", .children = {{.name = "m", .mount = true}}})) ==
        R"({"name":"a","path":"p","children":[{"name":"m","mount":true}]})");
}

TEST_CASE("ws ls: how it looks") {
  CHECK(ListText(Sample().children, false) == "org-a\nm\nb\n");
  CHECK(ListText({}, true).empty());
  CHECK(ListText(Sample().children, true) ==
        "NAME   TYPE               PHASE         SHARD\n"
        "org-a  root:organization  Initializing  -\n"
        "m      -                  -             -\n"
        "b      -                  -             -\n");
}

void ServeTree(CannedServer& server) {
  server.Serve("/clusters/root:a/apis/tenancy.kcp.io/v1alpha1/workspaces", R"({"items":[
    {"metadata":{"name":"team-x"},"spec":{"URL":"https://h:6443/clusters/id1"},"status":{"phase":"Ready"}},
    {"metadata":{"name":"leaving","deletionTimestamp":"2024-01-01T00:00:00Z"},"spec":{"URL":"https://h:6443/clusters/id9"}},
    {"metadata":{"name":"mounted"},"spec":{"URL":"https://h:6443/clusters/root:a","mount":{"ref":{}}}},
    {"metadata":{"name":"unplaced"},"spec":{}}]})");
  server.Serve("/clusters/id1/apis/tenancy.kcp.io/v1alpha1/workspaces",
               R"({"items":[{"metadata":{"name":"w"},"spec":{"URL":"https://h:6443/clusters/id2"}}]})");
}

TEST_CASE("ws tree: follows URLs") {
  Terminal terminal;
  ServeTree(*terminal.server);
  Session session = terminal.NewSession();
  REQUIRE(PrintTree(session, {}).ok());
  CHECK(terminal.out.str() ==
        ".\n"
        "└── a\n"
        "    ├── team-x\n"
        "    │   └── w\n"
        "    ├── mounted [m]\n"
        "    └── unplaced\n"
        "\n");
}

TEST_CASE("ws tree: a long level is read page by page") {
  Terminal terminal;
  terminal.server->Serve("/clusters/root:a/apis/tenancy.kcp.io/v1alpha1/workspaces",
                         R"({"metadata":{"continue":""},"items":[]})");
  Session session = terminal.NewSession();
  auto client = session.client();
  REQUIRE(client.ok());
  REQUIRE(ListItems(**client, "/clusters/root:a/apis/tenancy.kcp.io/v1alpha1/workspaces").ok());
  CHECK(terminal.server->asked ==
        std::vector<std::string>{"GET /clusters/root:a/apis/tenancy.kcp.io/v1alpha1/workspaces?limit=500"});
}

TEST_CASE("ws tree: errors") {
  Terminal terminal;
  Session session = terminal.NewSession();
  CannedServer& server = *terminal.server;
  const std::string children = "/clusters/root:a/apis/tenancy.kcp.io/v1alpha1/workspaces";
  server.gets.insert_or_assign(children, api::Forbidden({"tenancy.kcp.io", "workspaces"}, "", "no"));
  CHECK(PrintTree(session, {}).message() == "workspaces.tenancy.kcp.io is forbidden: no");
  server.Serve(children, R"({"items":[{"metadata":{"name":"w"},"spec":{"URL":"https://elsewhere"}}]})");
  CHECK(PrintTree(session, {}).message() ==
        "current config context URL \"https://elsewhere\" does not point to workspace");
  server.Serve(children, R"({"items":[{"metadata":{"name":"w"},"spec":{"URL":"https://h/clusters/root:a"}}]})");
  CHECK(PrintTree(session, {}).code() == absl::StatusCode::kOutOfRange);
}

TEST_CASE("completion: which names fit") {
  using Names = std::vector<std::string>;
  const Names names = {"team-x", "web", "my-team", "tx", "toxic"};
  CHECK(FuzzyMatches(names, "") == Names{"my-team", "team-x", "toxic", "tx", "web"});
  CHECK(FuzzyMatches(names, "team") == Names{"team-x", "my-team"});
  CHECK(FuzzyMatches(names, "TX") == Names{"tx", "team-x", "toxic"});
  CHECK(FuzzyMatches(names, "q").empty());
}

TEST_CASE("completion: paths") {
  struct Case {
    std::string partial;
    std::vector<std::string> want;
  };
  Terminal terminal;
  ServeTree(*terminal.server);
  terminal.server->Serve("/clusters/root/apis/tenancy.kcp.io/v1alpha1/workspaces",
                         R"({"items":[{"metadata":{"name":"a"},"spec":{"URL":"https://h:6443/clusters/id0"}}]})");
  terminal.server->Serve("/clusters/root:a:team-x/apis/tenancy.kcp.io/v1alpha1/workspaces",
                         R"({"items":[{"metadata":{"name":"w"},"spec":{"URL":"https://h:6443/clusters/id2"}}]})");
  for (const Case& c : std::vector<Case>{
           {"", {"mounted", "team-x", "unplaced"}},
           {"tx", {"team-x"}},
           {"team-x:", {"team-x:w"}},
           {"..:", {"..:a"}},
           {":", {":root"}},
           {":r", {":root"}},
           {":root:", {":root:a"}},
           {":root:a:tea", {":root:a:team-x"}},
           {"nothing:", {}},
           {"..:..:..:", {}},
       }) {
    CAPTURE(c.partial);
    Session session = terminal.NewSession();
    CHECK(CompletePath(session, c.partial) == c.want);
  }
}

TEST_CASE("completion: scripts") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    CAPTURE(shell);
    auto script = CompletionScript(shell);
    REQUIRE(script.ok());
    CHECK(script->find("atoll __complete") != std::string::npos);
  }
  CHECK(!CompletionScript("sh").ok());
  CHECK(!CompletionScript("").ok());
}

}  // namespace
}  // namespace atoll::cli
