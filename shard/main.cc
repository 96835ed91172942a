// atoll-shard: one shard as a process of its own.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "common/log/log.h"
#include "shard/server/flags.h"
#include "shard/server/server.h"

int main(int argc, char** argv) {
  using namespace atoll;
  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  CLI::App app("One shard of an Atoll fleet: a self-contained API server for the logical clusters placed on it.",
               "atoll-shard");
  shard::Options options;
  shard::FlagValues values;
  std::vector<std::string> warnings;
  shard::BindFlags(&app, &options, &values);
  shard::BindIgnoredFlags(&app, &warnings);
  CLI11_PARSE(app, argc, argv);
  absl::Status valid = shard::Finish(values, &options, &warnings);
  if (!valid.ok()) {
    std::fprintf(stderr, "atoll-shard: %s\n", std::string(valid.message()).c_str());
    return 2;
  }
  log::Init({.level = values.verbosity >= "4" ? log::Level::kDebug : log::Level::kInfo,
             .json = false,
             .process = options.shard_name});
  for (const std::string& w : warnings) LOG_WARNING("flags", w);
  auto server = shard::Server::Start(std::move(options));
  if (!server.ok()) {
    std::fprintf(stderr, "atoll-shard: %s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  (*server)->Stop(absl::Seconds(3));
  log::Flush();
  return 0;
}
