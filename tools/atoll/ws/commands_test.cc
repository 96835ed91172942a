#include "tools/atoll/ws/commands.h"

#include <catch2/catch.hpp>

#include "tools/atoll/ws/testing_client.h"

namespace atoll::cli {
namespace {

struct Result {
  int code;
  std::string out, err;
};

// What needs no server.
Result Run(int (*run)(const CommandContext&, std::vector<std::string>), std::vector<std::string> arguments,
           const std::string& file) {
  std::ostringstream out, err;
  const Environment environment = [&](std::string_view name) { return name == "KUBECONFIG" ? file : std::string(); };
  const CommandContext context{environment, {out, err}};
  const int code = run(context, std::move(arguments));
  return {code, out.str(), err.str()};
}

TEST_CASE("ws: commands and flags") {
  struct Case {
    std::vector<std::string> arguments;
    int code;
    std::string out, err;  // how they begin
  };
  const Terminal terminal;
  const std::string deprecated = "Command \"create\" is deprecated";
  for (const Case& c : std::vector<Case>{
           {{"."}, 0, "Current workspace is 'root:a'.\n", ""},
           {{".", "--short"}, 0, "root:a\n", ""},
           {{"--short", "."}, 0, "root:a\n", ""},
           {{"--short=true", "."}, 0, "root:a\n", ""},
           {{"use", "."}, 0, "Current workspace is 'root:a'.\n", ""},
           {{"cd", "."}, 0, "Current workspace is 'root:a'.\n", ""},
           {{"current", "--short"}, 0, "root:a\n", ""},
           {{"--context", "base", "current"}, 0, "Current workspace", ""},
           {{"current", "-o", "json"}, 0, "{\n  \"path\": \"root:a\",\n", ""},
           {{"current", "-o", "yaml"},
            1,
            "",
            "Error: unable to match a printer suitable for the output format \"yaml\""},
           {{"-"}, 1, "", "Error: no previous workspace found in kubeconfig\n"},
           {{"--bogus"}, 1, "", "Error: unknown flag: --bogus\n"},
           {{"tree", "--bogus"}, 1, "", "Error: unknown flag: --bogus\n"},
           {{"--context", "nope", "."}, 1, "", "Error: context \"nope\" does not exist\n"},
           {{"--kubeconfig", "/does/not/exist", "."},
            1,
            "",
            "Error: stat /does/not/exist: no such file or directory\n"},
           {{"--server", "https://x", "."}, 0, "Current workspace is the URL \"https://x\".\n", ""},
           {{"--server", "https://x", "tree"},
            0,
            "current context URL \"https://x\" does not point directly to a kcp workspace\n",
            ""},
           {{"--server", "https://x", "b"}, 1, "", "Error: current URL \"https://x\" does not point to a workspace\n"},
           {{"tree", "-w", "..:..:.."}, 1, "", "Error: cannot go above the root workspace\n"},
           {{"-i", "x"}, 1, "", "Error: interactive mode does not accept arguments\n"},
           {{"create"}, 1, "", deprecated},
           {{"a", "b"}, 0, "Go to a workspace", ""},
           {{"use"}, 0, "Enter a workspace", ""},
           {{"use", "a", "b"}, 0, "Enter a workspace", ""},
           {{"current", "x"}, 0, "Print the current workspace", ""},
           {{"--help"}, 0, "Go to a workspace", ""},
           {{"tree", "--help"}, 0, "Print the current workspace and all below it", ""},
       }) {
    CAPTURE(c.arguments);
    const Result got = Run(&RunWorkspace, c.arguments, terminal.file());
    CHECK(got.code == c.code);
    CHECK(got.out.substr(0, c.out.size()) == c.out);
    CHECK(got.err.substr(0, c.err.size()) == c.err);
    CHECK(got.out.empty() == c.out.empty());
    CHECK(got.err.empty() == c.err.empty());
  }
}

TEST_CASE("create workspace: one name, no less, no more") {
  const Terminal terminal;
  CHECK(Run(&RunCreateWorkspace, {}, terminal.file()).err == "Error: accepts 1 arg(s), received 0\n");
  CHECK(Run(&RunCreateWorkspace, {"a", "b"}, terminal.file()).err == "Error: accepts 1 arg(s), received 2\n");
}

TEST_CASE("kcp: the workspace command under another name") {
  const Terminal terminal;
  CHECK(Run(&RunKcp, {"ws", ".", "--short"}, terminal.file()).out == "root:a\n");
  CHECK(Run(&RunKcp, {"workspace", "current"}, terminal.file()).out == "Current workspace is 'root:a'.\n");
  CHECK(Run(&RunKcp, {"what"}, terminal.file()).code == 1);
  CHECK(Run(&RunKcp, {}, terminal.file()).code == 0);
}

TEST_CASE("completion: commands, and silence where there is nothing to say") {
  const Terminal terminal;
  CHECK(Run(&RunComplete, {"ws", "--server", "x", "cur"}, terminal.file()).out == "current\n");
  CHECK(Run(&RunComplete, {"ws", "tree", "x"}, terminal.file()).out.empty());
  CHECK(Run(&RunComplete, {"start", "x"}, terminal.file()).out.empty());
  CHECK(Run(&RunComplete, {}, terminal.file()).code == 0);
}

TEST_CASE("kubectl plugins: by the program's name") {
  char other[] = "/usr/bin/atoll";
  char* argv[] = {other, nullptr};
  CHECK(!RunAsKubectlPlugin(1, argv).has_value());
  CHECK(!RunAsKubectlPlugin(0, argv).has_value());
}

}  // namespace
}  // namespace atoll::cli
