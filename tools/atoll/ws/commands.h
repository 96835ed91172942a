// The entry points of Atoll's command line for users. Each returns the process' exit status and prints errors itself.
//
// argv[0] is the program; argv[1] is what follows the command's own words (`atoll ws`, `atoll create workspace`, `atoll
// kcp`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/atoll/ws/session.h"

namespace atoll::cli {

// `ws [use] <path>`, `ws current`, `ws tree`, `ws ls`, `ws create`, `ws create-context`.
int RunWorkspaceCommand(int argc, char** argv);
// `create workspace <name>`.
int RunCreateWorkspaceCommand(int argc, char** argv);
// `kcp ws ...`.
int RunKcpCommand(int argc, char** argv);
// `__complete <word>...`: the words of a command line after the program, the last of which is being typed; prints one
// candidate a line. Always 0.
int RunCompleteCommand(int argc, char** argv);

// When the program was called as a kubectl plugin (kubectl-ws, kubectl-kcp, kubectl-create-workspace): runs it and
// returns its exit status; else nullopt. For the beginning of main().
std::optional<int> RunAsKubectlPlugin(int argc, char** argv);

// The same with everything it touches given, for tests. `error_prefix` is what begins an error's line: `Error: ` or
// `error: `.
struct CommandContext {
  Environment environment;
  Streams streams;
  std::string_view error_prefix = "Error: ";
};
int RunWorkspace(const CommandContext& context, std::vector<std::string> arguments);
int RunCreateWorkspace(const CommandContext& context, std::vector<std::string> arguments);
int RunKcp(const CommandContext& context, std::vector<std::string> arguments);
int RunComplete(const CommandContext& context, std::vector<std::string> words);

}  // namespace atoll::cli
