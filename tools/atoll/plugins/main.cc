// The kubectl plugins as a program of their own, which behaves by the name it is called.
#include <cstdio>

#include "tools/atoll/ws/commands.h"

int main(int argc, char** argv) {
  if (const auto status = atoll::cli::RunAsKubectlPlugin(argc, argv)) return *status;
  std::fputs("call this as kubectl-ws, kubectl-kcp or kubectl-create-workspace\n", stderr);
  return 1;
}
