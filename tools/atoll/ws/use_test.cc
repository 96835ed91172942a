#include "tools/atoll/ws/use.h"

#include <catch2/catch.hpp>

#include "tools/atoll/ws/claims.h"
#include "tools/atoll/ws/create_context.h"
#include "tools/atoll/ws/testing_client.h"

namespace atoll::cli {
namespace {

void ServeWorkspace(CannedServer& server, const std::string& path, const std::string& type) {
  server.Serve("/clusters/" + path + "/api", R"({"versions":["v1"]})");
  server.Serve("/clusters/" + path + "/apis", R"({"groups":[{"name":"tenancy.kcp.io"}]})");
  const SplitPath split = Split(path);
  if (split.parent.empty()) return;
  server.Serve("/clusters/" + split.parent + std::string(kWorkspaces) + "/" + split.name,
               R"({"spec":{"type":{"path":"root","name":")" + type + R"("}}})");
}

std::string ServerOf(const Kubeconfig& config, std::string_view context) {
  const json::Value* found = config.Context(context);
  return found == nullptr ? "" : std::string(config.Cluster(found->StringAt({"cluster"}))->StringAt({"server"}));
}

TEST_CASE("ws use: every form of argument") {
  struct Case {
    std::string argument, path, out, error;
  };
  for (const Case& c : std::vector<Case>{
           {":root", "root", "Current workspace is 'root' (type root).\n", ""},
           {"root:b", "root:b", "Current workspace is 'root:b' (type root:team).\n", ""},
           {"c", "root:a:c", "Current workspace is 'root:a:c' (type root:universal).\n", ""},
           {"..", "root", "Current workspace is 'root' (type root).\n", ""},
           {"../b", "root:b", "Current workspace is 'root:b' (type root:team).\n", ""},
           {"c:..", "root:a", "Current workspace is 'root:a'.\n", ""},
           {":", "root", "Current workspace is 'root'.\n", ""},
           {"~", "home1", "Current workspace is 'home1'.\n", ""},
           {"", "home1", "Current workspace is 'home1'.\n", ""},
           {"~:x", "home1:x", "Current workspace is 'home1:x' (type root:universal).\n", ""},
           {".", "root:a", "Current workspace is 'root:a'.\n", ""},
           {"nothing", "root:a", "", "the server could not find the requested resource"},
           {"closed", "root:a", "", "access to workspace \"root:a:closed\" denied"},
           {"gone", "root:a", "", "workspace \"root:a:gone\" not found"},
           {"Bad", "root:a", "", "invalid workspace path: Bad"},
           {"..:..:..", "root:a", "", "cannot go up from root"},
           {"-", "root:a", "", "no previous workspace found in kubeconfig"},
       }) {
    CAPTURE(c.argument);
    Terminal terminal;
    CannedServer& server = *terminal.server;
    ServeWorkspace(server, "root", "");
    ServeWorkspace(server, "root:a", "organization");
    ServeWorkspace(server, "root:b", "team");
    ServeWorkspace(server, "root:a:c", "universal");
    ServeWorkspace(server, "home1", "");
    ServeWorkspace(server, "home1:x", "universal");
    ServeWorkspace(server, "root:a:closed", "universal");
    server.gets.insert_or_assign("/clusters/root:a:closed/apis", api::Forbidden({}, "", "no"));
    server.gets.insert_or_assign("/clusters/root:a:gone/api", api::Forbidden({}, "", "no"));
    server.Serve("/clusters/root" + std::string(kWorkspaces) + "/~",
                 R"({"spec":{"URL":"https://h:6443/clusters/home1"}})");

    Session session = terminal.NewSession();
    const absl::Status status = Use(session, c.argument, false);
    CHECK(status.message() == c.error);
    CHECK(terminal.out.str() == c.out);
    const Kubeconfig after = terminal.Load();
    CHECK(ServerOf(after, after.current_context()) == "https://h:6443/clusters/" + c.path);
    const bool note = c.argument.empty() || c.argument.starts_with("root:");
    CHECK(terminal.err.str().starts_with("Note: ") == note);
  }
}

TEST_CASE("ws use: short output, and what is no workspace") {
  CHECK(CurrentText("https://h/clusters/root:a", "root:team", true) == "root:a\n");
  CHECK(CurrentText("https://h", "", true).empty());
  CHECK(CurrentText("https://h", "", false) == "Current workspace is the URL \"https://h\".\n");
}

TEST_CASE("ws use: a target of which discovery says unauthorized") {
  Terminal terminal;
  terminal.server->gets.insert_or_assign("/clusters/root/apis", api::Unauthorized());
  Session session = terminal.NewSession();
  CHECK(Use(session, ":root", false).message() == "the server has asked for the client to provide credentials");
}

TEST_CASE("ws use: contexts of here and before") {
  Terminal terminal;
  for (const char* path : {"root", "root:b"}) ServeWorkspace(*terminal.server, path, "team");
  const auto go = [&](std::string_view argument) {
    Session session = terminal.NewSession();
    return Use(session, argument, false);
  };
  // From a context of the user's own: it stays the previous one, untouched.
  REQUIRE(go(":root").ok());
  Kubeconfig config = terminal.Load();
  CHECK(config.current_context() == kCurrentContext);
  CHECK(config.Context(kPreviousContext)->StringAt({"cluster"}) == "base");
  CHECK(config.Context(kCurrentContext)->StringAt({"namespace"}) == "n1");
  CHECK(config.Context(kCurrentContext)->StringAt({"user"}) == "joe");
  CHECK(config.Cluster(kCurrentContext)->StringAt({"unknown-field"}) == "kept");
  CHECK(config.Cluster(kPreviousContext) == nullptr);
  // From a context of ours: its cluster is kept beside.
  REQUIRE(go(":root:b").ok());
  CHECK(ServerOf(terminal.Load(), kCurrentContext) == "https://h:6443/clusters/root:b");
  CHECK(ServerOf(terminal.Load(), kPreviousContext) == "https://h:6443/clusters/root");
  // There and back.
  REQUIRE(go("-").ok());
  CHECK(terminal.out.str() == "Current workspace is 'root'.\n");
  CHECK(ServerOf(terminal.Load(), kPreviousContext) == "https://h:6443/clusters/root:b");
  REQUIRE(go("-").ok());
  CHECK(ServerOf(terminal.Load(), kCurrentContext) == "https://h:6443/clusters/root:b");
  CHECK(ServerOf(terminal.Load(), "base") == "https://h:6443/clusters/root:a");
}

TEST_CASE("ws use: failing to list bindings does not hide the switch") {
  Terminal terminal;
  ServeWorkspace(*terminal.server, "root", "");
  terminal.server->gets.insert_or_assign("/clusters/root/apis/apis.kcp.io/v1alpha2/apibindings",
                                         absl::InternalError("boom"));
  Session session = terminal.NewSession();
  CHECK(Use(session, ":root", false).ok());
  CHECK(terminal.err.str() == "error checking APIBindings: boom\n");
  CHECK(terminal.out.str() == "Current workspace is 'root' (type root).\n");
}

TEST_CASE("ws use: open claims") {
  struct Case {
    std::string specified, want;
  };
  const std::string unanswered = "Warning: claim for w.g:h specified on APIBinding b but not accepted or rejected.\n";
  for (const Case& c : std::vector<Case>{
           {R"([{"group":"g","resource":"w","identityHash":"h","verbs":["get","list"],"state":"Accepted"}])", ""},
           {R"([{"group":"g","resource":"w","identityHash":"h","verbs":["list","get"],"state":"Rejected"}])", ""},
           {R"([{"group":"g","resource":"w","identityHash":"h","verbs":["get","list"]}])", unanswered},
           {R"([{"group":"g","resource":"w","identityHash":"h","verbs":["get"],"state":"Accepted"}])",
            "Warning: allowed verbs (get) on claim for w.g:h on APIBinding b do not match expected verbs "
            "(get,list).\n"},
           {"[]",
            "Warning: claim for w.g:h exported but not specified on APIBinding b\nAdd this claim to the APIBinding's "
            "Spec.\n" +
                unanswered +
                "Warning: allowed verbs () on claim for w.g:h on APIBinding b do not match expected verbs ().\n"},
       }) {
    CAPTURE(c.specified);
    auto binding = json::Parse(
        R"({"metadata":{"name":"b"},"spec":{"permissionClaims":)" + c.specified +
        R"(},"status":{"exportPermissionClaims":[{"group":"g","resource":"w","identityHash":"h","verbs":["get","list"]}]}})");
    REQUIRE(binding.ok());
    CHECK(OpenClaims(*binding) == c.want);
  }
}

TEST_CASE("ws create-context") {
  Terminal terminal;
  const auto make = [&](CreateContextOptions options) {
    Session session = terminal.NewSession();
    return CreateContext(session, options);
  };
  REQUIRE(make({}).ok());
  CHECK(terminal.out.str() == "Created context \"root:a\" and switched to it.\n");
  CHECK(terminal.Load().current_context() == "root:a");
  CHECK(make({.name = "root:a"}).message() ==
        "context \"root:a\" already exists in kubeconfig, use --overwrite to update it");
  REQUIRE(make({.name = "root:a", .overwrite = true}).ok());
  CHECK(terminal.out.str() == "Updated context \"root:a\".\n");
  REQUIRE(make({.name = "mine", .server = "https://h/clusters/x", .keep_current = true}).ok());
  CHECK(terminal.out.str() == "Created context \"mine\".\n");
  CHECK(terminal.Load().current_context() == "root:a");
  CHECK(ServerOf(terminal.Load(), "mine") == "https://h/clusters/x");
}

}  // namespace
}  // namespace atoll::cli
