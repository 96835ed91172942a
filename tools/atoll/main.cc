// atoll: the command line. Each command is a function of its own; called by a plugin's name, it is that plugin.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "common/base/strings.h"
#include "shard/endpoints/version.h"
#include "tools/atoll/start/start.h"
#include "tools/atoll/ws/commands.h"
#include "tools/atoll/ws/complete.h"

namespace {

constexpr std::string_view kUsage =
    "Atoll: a horizontally scalable control plane for Kubernetes-style APIs.\n\n"
    "Usage: atoll COMMAND [ARGUMENTS]\n\n"
    "  start                 run everything in one process, or a fleet with --shards N\n"
    "  ws                    use, list, create and draw workspaces (also: kubectl ws)\n"
    "  create workspace      create a workspace and wait for it (also: kubectl create workspace)\n"
    "  kcp                   what kubectl kcp understands\n"
    "  completion SHELL      completion script for bash, zsh or fish\n"
    "  version               version of this program\n"
    "  help                  this text; every command has --help\n";

int Completion(int argc, char** argv) {
  auto script = atoll::cli::CompletionScript(argc > 1 ? argv[1] : "");
  if (!script.ok()) {
    std::fprintf(stderr, "atoll completion: %s\n", std::string(script.status().message()).c_str());
    return 2;
  }
  std::fputs(script->c_str(), stdout);
  return 0;
}

int Version(int, char**) {
  std::printf("%s\n", atoll::endpoints::BuildInfo{}.version.c_str());
  return 0;
}

struct Command {
  const char* name;
  int (*run)(int argc, char** argv);
};

const Command kCommands[] = {
    {"start", atoll::cli::RunStart},
    {"ws", atoll::cli::RunWorkspaceCommand},
    {"workspace", atoll::cli::RunWorkspaceCommand},
    {"kcp", atoll::cli::RunKcpCommand},
    {"completion", Completion},
    {"__complete", atoll::cli::RunCompleteCommand},
    {"version", Version},
};

}  // namespace

int main(int argc, char** argv) {
  if (auto as_plugin = atoll::cli::RunAsKubectlPlugin(argc, argv)) return *as_plugin;
  if (argc < 2 || std::strcmp(argv[1], "help") == 0 || std::strcmp(argv[1], "--help") == 0 ||
      std::strcmp(argv[1], "-h") == 0) {
    std::fwrite(kUsage.data(), 1, kUsage.size(), argc < 2 ? stderr : stdout);
    return argc < 2 ? 2 : 0;
  }
  if (argc > 2 && std::strcmp(argv[1], "create") == 0 && std::strcmp(argv[2], "workspace") == 0) {
    return atoll::cli::RunCreateWorkspaceCommand(argc - 2, argv + 2);
  }
  for (const Command& command : kCommands) {
    if (std::strcmp(argv[1], command.name) == 0) return command.run(argc - 1, argv + 1);
  }
  std::fprintf(stderr, "atoll: unknown command \"%s\"; try atoll help\n", argv[1]);
  return 2;
}
