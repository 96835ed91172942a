// `atoll start`: everything in one process, or with --shards N a fleet of child processes.
#pragma once

namespace atoll::cli {

// `argv[0]` is the program, the rest the flags behind `start`. The exit code: 0 stopped on a signal, 1 failure, 2
// usage.
int RunStart(int argc, char** argv);

}  // namespace atoll::cli
