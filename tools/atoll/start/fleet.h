// A fleet on one machine: a cache-server, shards and a front-proxy as child processes, with certificates and
// kubeconfigs between them.
//
// The supervisor restarts a child that ends, after a pause that doubles up to ten seconds. It is one thread: it starts,
// waits and stops.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "shard/server/options.h"

namespace atoll::cli {

struct FleetOptions {
  int shards = 2;
  shard::Options common;                     // root directory, address and port of the front-proxy, users
  std::vector<std::string> shard_arguments;  // passed on to each shard as they are
};

// Blocks until SIGTERM or SIGINT (which must be blocked in all threads). Errors are for the operator.
absl::Status RunFleet(const FleetOptions& options);

}  // namespace atoll::cli
