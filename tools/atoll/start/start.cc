#include "tools/atoll/start/start.h"

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "common/base/file.h"
#include "common/base/strings.h"
#include "common/log/log.h"
#include "shard/server/flags.h"
#include "shard/server/server.h"
#include "tools/atoll/start/fleet.h"

namespace atoll::cli {
namespace {

int Fail(const absl::Status& status, int code) {
  log::Flush();
  std::fprintf(stderr, "atoll start: %s\n", std::string(ToStd(status.message())).c_str());
  return code;
}

// Everything in this process: one shard, which is its own front door.
int RunSingle(shard::Options options, const sigset_t& signals) {
  const std::string root = options.root_directory;
  auto server = shard::Server::Start(std::move(options));
  if (!server.ok()) return Fail(server.status(), 1);
  if (absl::Status s = WriteFileAtomic(root + "/pids.json", StrCat("{\"root\": ", getpid(), "}\n"), 0644); !s.ok())
    return Fail(s, 1);
  std::printf("serving %s\n\n  export KUBECONFIG=%s/admin.kubeconfig\n  kubectl get workspaces\n\nCtrl-C stops it.\n",
              (*server)->base_url().c_str(), root.c_str());
  std::fflush(stdout);
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  (*server)->Stop(absl::Seconds(3));
  log::Flush();
  return 0;
}

}  // namespace

int RunStart(int argc, char** argv) {
  // Blocked before any thread starts, so that only the waits below see them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigset_t blocked = signals;
  sigaddset(&blocked, SIGCHLD);
  signal(SIGPIPE, SIG_IGN);

  CLI::App app("Starts Atoll: everything in one process, or with --shards a fleet of processes on this machine.",
               "atoll start");
  FleetOptions fleet;
  fleet.shards = 1;
  shard::FlagValues values;
  std::vector<std::string> warnings;
  app.add_option("--shards", fleet.shards, "Shards of the fleet; 1 runs everything in one process")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  shard::BindFlags(&app, &fleet.common, &values);
  shard::BindIgnoredFlags(&app, &warnings);
  CLI11_PARSE(app, argc, argv);
  absl::Status valid = shard::Finish(values, &fleet.common, &warnings);
  if (!valid.ok()) return Fail(valid, 2);
  log::Init({.level = values.verbosity >= "4" ? log::Level::kDebug : log::Level::kInfo,
             .json = false,
             .process = fleet.shards == 1 ? "" : "start"});
  for (const std::string& w : warnings) LOG_WARNING("flags", w);
  pthread_sigmask(SIG_BLOCK, fleet.shards == 1 ? &signals : &blocked, nullptr);
  if (fleet.shards == 1) return RunSingle(std::move(fleet.common), signals);

  // What every shard must know as well.
  if (!fleet.common.token_auth_file.empty())
    fleet.shard_arguments = {"--token-auth-file", fleet.common.token_auth_file};
  for (const auto& [gate, on] : fleet.common.feature_gates)
    fleet.shard_arguments.push_back(StrCat("--feature-gates=", gate, "=", on ? "true" : "false"));
  fleet.shard_arguments.push_back(StrCat("--v=", values.verbosity));
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool passed =
        name.starts_with("--audit-") || name.starts_with("--oidc-") || name == "--authentication-config";
    if (!passed || name == "--audit-log-path") continue;
    for (const std::string& value : option->results()) fleet.shard_arguments.push_back(StrCat(name, "=", value));
  }
  if (absl::Status ran = RunFleet(fleet); !ran.ok()) return Fail(ran, 1);
  return 0;
}

}  // namespace atoll::cli
