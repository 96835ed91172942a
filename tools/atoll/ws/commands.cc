#include "tools/atoll/ws/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <utility>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "tools/atoll/ws/complete.h"
#include "tools/atoll/ws/create.h"
#include "tools/atoll/ws/create_context.h"
#include "tools/atoll/ws/tree.h"
#include "tools/atoll/ws/use.h"

namespace atoll::cli {
namespace {

using Arguments = std::vector<std::string>;

constexpr char kDeprecated[] =
    "Command \"create\" is deprecated, install the 'kubectl create workspace' plugin instead, compare "
    "https://docs.kcp.io/kcp/latest/setup/kubectl-plugin/.\n";

enum class WorkspaceFlag { kNo, kYes };

// One command's flags and arguments. Subcommands are chosen before, by their first word, so that a workspace may be
// called like one.
class Command {
 public:
  Command(const CommandContext& context, const std::string& description, const std::string& name,
          WorkspaceFlag workspace_flag)
      : context_(context), app_(description, name) {
    app_.add_option("--kubeconfig", flags_.kubeconfig, "The kubeconfig file to use")->group("Connection");
    app_.add_option("--context", flags_.context, "The kubeconfig context to use")->group("Connection");
    app_.add_option("--user", flags_.connection.user, "The kubeconfig user to use")->group("Connection");
    app_.add_option("-n,--namespace", namespace_, "Accepted for kubectl's sake; workspaces have no namespace")
        ->group("Connection");
    app_.add_option("-s,--server", flags_.connection.server, "URL of the server, in place of the kubeconfig's")
        ->group("Connection");
    app_.add_option("--token", flags_.connection.token, "Bearer token, in place of the user's credentials")
        ->group("Connection");
    app_.add_option("--certificate-authority", flags_.connection.certificate_authority,
                    "File with the authorities that may vouch for the server")
        ->group("Connection");
    app_.add_option("--tls-server-name", flags_.connection.server_name,
                    "Name the server's certificate is checked against")
        ->group("Connection");
    app_.add_flag("--insecure-skip-tls-verify", flags_.connection.insecure, "Do not check the server's certificate")
        ->group("Connection");
    app_.add_option("-v,--v", verbosity_, "Accepted for kubectl's sake")->group("");
    if (workspace_flag == WorkspaceFlag::kYes) {
      app_.add_option("-w,--workspace", flags_.workspace,
                      "Workspace to work in: :absolute, or relative to the current one");
    }
    app_.add_option("arguments", positional_, "")->group("");
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  CLI::App& app() { return app_; }
  const Arguments& positional() const { return positional_; }

  void AddShort() { app_.add_flag("--short", print_short, "Print the path only, for scripts and prompts"); }
  void AddOutput() { app_.add_option("-o,--output", output_name_, "json, or nothing for text"); }

  // Parses, and runs `body` on a session unless help was asked for. `arguments_max`: help when there are more.
  int Run(Arguments arguments, size_t arguments_max, const std::function<absl::Status(Session&)>& body) {
    if (auto status = Parse(std::move(arguments))) return *status;
    return Execute(arguments_max, body);
  }

  // What follows a Parse that went well.
  int Execute(size_t arguments_max, const std::function<absl::Status(Session&)>& body) {
    if (positional_.size() > arguments_max) return Help();
    absl::StatusOr<Session> session = Session::Open(flags_, context_.environment, context_.streams);
    return Report(session.ok() ? body(*session) : session.status());
  }

  // An exit status when there is nothing left to do: bad flags, or help was printed.
  std::optional<int> Parse(Arguments arguments) {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
      return Help();
    } catch (const CLI::ExtrasError&) {
      const Arguments unknown = app_.remaining();
      return Report(absl::InvalidArgumentError(StrCat("unknown flag: ", unknown.empty() ? "" : unknown.front())));
    } catch (const CLI::ParseError& e) {
      return Report(absl::InvalidArgumentError(e.what()));
    }
    if (!output_name_.empty() && output_name_ != "json") {
      return Report(absl::InvalidArgumentError(StrCat("unable to match a printer suitable for the output format ",
                                                      api::GoQuote(output_name_), ", allowed formats are: json")));
    }
    return std::nullopt;
  }

  int Help() const {
    context_.streams.out << app_.help();
    return 0;
  }

  int Report(const absl::Status& status) const {
    if (status.ok()) return 0;
    context_.streams.err << context_.error_prefix << status.message() << "\n";
    return 1;
  }

  Output output() const { return output_name_ == "json" ? Output::kJson : Output::kText; }

  bool print_short = false;

 private:
  const CommandContext& context_;
  CLI::App app_;
  GlobalFlags flags_;
  std::string namespace_, output_name_;
  int verbosity_ = 0;
  Arguments positional_;
};

std::string First(const Arguments& arguments) { return arguments.empty() ? "" : arguments.front(); }

int RunUse(const CommandContext& context, Arguments arguments) {
  Command command(context, "Enter a workspace", "use <path> | .. | . | - | ~ | :<absolute path>", WorkspaceFlag::kNo);
  command.AddShort();
  if (auto status = command.Parse(std::move(arguments))) return *status;
  if (command.positional().size() != 1) return command.Help();
  return command.Execute(
      1, [&](Session& session) { return Use(session, First(command.positional()), command.print_short); });
}

int RunCurrent(const CommandContext& context, Arguments arguments) {
  Command command(context, "Print the current workspace", "current", WorkspaceFlag::kNo);
  command.AddShort();
  command.AddOutput();
  return command.Run(std::move(arguments), 0,
                     [&](Session& session) { return PrintCurrent(session, command.print_short, command.output()); });
}

int RunTree(const CommandContext& context, Arguments arguments) {
  Command command(context, "Print the current workspace and all below it", "tree", WorkspaceFlag::kYes);
  TreeOptions options;
  command.app().add_flag("-f,--full", options.full, "Print whole paths");
  command.app().add_flag("--wide", options.wide, "Print phase, type and shard, too");
  command.AddOutput();
  return command.Run(std::move(arguments), 0, [&](Session& session) {
    options.output = command.output();
    return PrintTree(session, options);
  });
}

int RunList(const CommandContext& context, Arguments arguments) {
  Command command(context, "List the workspaces right below the current one, or below a path", "ls [<path>]",
                  WorkspaceFlag::kYes);
  TreeOptions options;
  command.app().add_flag("-l,--wide", options.wide, "Print type, phase and shard, too");
  command.AddOutput();
  return command.Run(std::move(arguments), 1, [&](Session& session) {
    options.output = command.output();
    return PrintList(session, First(command.positional()), options);
  });
}

int RunCreate(const CommandContext& context, Arguments arguments) {
  Command command(context, "Create a workspace", "create <name>", WorkspaceFlag::kYes);
  CreateOptions options;
  CLI::App& app = command.app();
  app.add_option("--type", options.type,
                 "Type of the workspace, `name` or `path:name`; the default depends on the parent");
  app.add_flag("--enter", options.enter, "Enter the workspace once it is ready");
  app.add_flag("--ignore-existing", options.ignore_existing,
               "Be content with a workspace that is there already, and overwrite the context of --create-context");
  app.add_option("--location-selector", options.location_selector, "Label selector of the shards it may live on");
  app.add_option("--create-context", options.create_context, "Make a kubeconfig context of this name for it");
  if (auto status = command.Parse(std::move(arguments))) return *status;
  const size_t count = command.positional().size();
  if (count != 1) return command.Report(absl::InvalidArgumentError(StrCat("accepts 1 arg(s), received ", count)));
  options.name = First(command.positional());
  return command.Execute(1, [&](Session& session) { return Create(session, options); });
}

int RunDeprecatedCreate(const CommandContext& context, Arguments arguments) {
  context.streams.err << kDeprecated;
  return RunCreate(context, std::move(arguments));
}

int RunCreateContext(const CommandContext& context, Arguments arguments) {
  Command command(context, "Make a kubeconfig context for the current workspace", "create-context [<name>]",
                  WorkspaceFlag::kNo);
  CreateContextOptions options;
  command.app().add_flag("--overwrite", options.overwrite, "Replace a context of this name");
  return command.Run(std::move(arguments), 1, [&](Session& session) {
    options.name = First(command.positional());
    return CreateContext(session, options);
  });
}

struct CommandRow {
  std::string_view name, summary;
  int (*run)(const CommandContext&, Arguments);
};
constexpr CommandRow kCommands[] = {
    {"use", "enter a workspace; the word may be left out", &RunUse},
    {"cd", "", &RunUse},
    {"current", "print the current workspace", &RunCurrent},
    {"tree", "print the current workspace and all below it", &RunTree},
    {"ls", "list the workspaces below", &RunList},
    {"create", "create a workspace", &RunDeprecatedCreate},
    {"create-context", "make a kubeconfig context for the current workspace", &RunCreateContext},
};

const CommandRow* FindCommand(std::string_view name) {
  for (const CommandRow& row : kCommands) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// Where in `arguments` the first word is that is neither a flag nor a flag's value; their number when there is none.
size_t FirstWord(const CLI::App& app, const Arguments& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& a = arguments[i];
    if (a.size() < 2 || a.front() != '-') return i;
    if (a == "--") return arguments.size();
    const CLI::Option* option = a.find('=') == std::string::npos ? app.get_option_no_throw(a) : nullptr;
    if (option != nullptr && option->get_items_expected_max() > 0) ++i;
  }
  return arguments.size();
}

std::string ProcessEnvironment(std::string_view name) {
  const char* value = ::getenv(std::string(name).c_str());
  return value == nullptr ? "" : value;
}

CommandContext ProcessContext(std::string_view error_prefix) {
  return {&ProcessEnvironment, {std::cout, std::cerr}, error_prefix};
}

Arguments ArgumentsOf(int argc, char** argv) { return argc < 2 ? Arguments() : Arguments(argv + 1, argv + argc); }

}  // namespace

int RunWorkspace(const CommandContext& context, Arguments arguments) {
  std::string footer = "Commands:\n";
  for (const CommandRow& row : kCommands) {
    if (!row.summary.empty())
      StrAppend(&footer, "  ", row.name, std::string(16 - row.name.size(), ' '), row.summary, "\n");
  }
  Command command(context,
                  "Go to a workspace, or home without one: `..` up, `-` back, `~` home, `:a:b` absolute, `a:b` below",
                  "ws [<command> | <path>]", WorkspaceFlag::kNo);
  command.app().footer(footer);
  command.AddShort();
  bool interactive = false;
  command.app().add_flag("-i,--interactive", interactive)->group("");

  const size_t at = FirstWord(command.app(), arguments);
  if (at < arguments.size()) {
    if (const CommandRow* row = FindCommand(arguments[at])) {
      // Flags may stand before the command.
      arguments.erase(arguments.begin() + static_cast<ptrdiff_t>(at));
      return row->run(context, std::move(arguments));
    }
  }
  if (auto status = command.Parse(std::move(arguments))) return *status;
  if (interactive) {
    return command.Report(absl::InvalidArgumentError(
        command.positional().empty() ? "there is no interactive mode; see `tree`, `ls` and shell completion"
                                     : "interactive mode does not accept arguments"));
  }
  return command.Execute(
      1, [&](Session& session) { return Use(session, First(command.positional()), command.print_short); });
}

int RunCreateWorkspace(const CommandContext& context, Arguments arguments) {
  return RunCreate(context, std::move(arguments));
}

int RunKcp(const CommandContext& context, Arguments arguments) {
  const std::string name = First(arguments);
  if (name == "ws" || name == "workspace" || name == "workspaces") {
    arguments.erase(arguments.begin());
    return RunWorkspace(context, std::move(arguments));
  }
  if (name.empty() || name == "-h" || name == "--help" || name == "help") {
    context.streams.out
        << "Usage: kubectl kcp workspace ...\n\nCommands:\n  workspace (ws)  go to, create and show workspaces\n";
    return 0;
  }
  context.streams.err << context.error_prefix << "unknown command " << api::GoQuote(name) << " for \"kcp\"\n";
  return 1;
}

int RunComplete(const CommandContext& context, Arguments words) {
  if (words.empty()) return 0;
  const std::string typed = std::move(words.back());
  words.pop_back();
  if (!words.empty() && words.front() == "kcp") words.erase(words.begin());
  if (words.empty() || (words.front() != "ws" && words.front() != "workspace" && words.front() != "workspaces"))
    return 0;
  words.erase(words.begin());

  Command command(context, "", "", WorkspaceFlag::kYes);
  GlobalFlags flags;
  CLI::App reader;
  reader.allow_extras();
  reader.add_option("--kubeconfig", flags.kubeconfig);
  reader.add_option("--context", flags.context);
  std::vector<std::string> candidates;
  const size_t at = FirstWord(command.app(), words);
  const CommandRow* chosen = at < words.size() ? FindCommand(words[at]) : nullptr;
  if (at == words.size()) {
    for (const CommandRow& row : kCommands) {
      if (row.name.starts_with(typed) && !typed.empty()) candidates.emplace_back(row.name);
    }
  } else if (chosen == nullptr || (chosen->run != &RunUse && chosen->run != &RunList)) {
    return 0;
  }
  std::reverse(words.begin(), words.end());
  try {
    reader.parse(std::move(words));
  } catch (const CLI::ParseError&) {
    return 0;
  }
  auto session = Session::Open(flags, context.environment, context.streams);
  if (session.ok()) {
    for (std::string& path : CompletePath(*session, typed)) candidates.push_back(std::move(path));
  }
  for (const std::string& candidate : candidates) context.streams.out << candidate << "\n";
  return 0;
}

int RunWorkspaceCommand(int argc, char** argv) {
  return RunWorkspace(ProcessContext("Error: "), ArgumentsOf(argc, argv));
}
int RunCreateWorkspaceCommand(int argc, char** argv) {
  return RunCreateWorkspace(ProcessContext("Error: "), ArgumentsOf(argc, argv));
}
int RunKcpCommand(int argc, char** argv) { return RunKcp(ProcessContext("error: "), ArgumentsOf(argc, argv)); }
int RunCompleteCommand(int argc, char** argv) {
  return RunComplete(ProcessContext("Error: "), ArgumentsOf(argc, argv));
}

std::optional<int> RunAsKubectlPlugin(int argc, char** argv) {
  if (argc < 1) return std::nullopt;
  std::string_view name = argv[0];
  if (const size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (name == "kubectl-ws" || name == "kubectl-workspace" || name == "kubectl-workspaces")
    return RunWorkspaceCommand(argc, argv);
  if (name == "kubectl-create-workspace" || name == "kubectl-create_workspace")
    return RunCreateWorkspaceCommand(argc, argv);
  if (name == "kubectl-kcp") return RunKcpCommand(argc, argv);
  return std::nullopt;
}

}  // namespace atoll::cli
