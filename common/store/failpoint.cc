#include "common/store/failpoint.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace atoll::store::internal {
namespace {

struct Armed {
  std::string name;
  int64_t left = 1;  // hits until the process ends
};

Armed FromEnvironment() {
  Armed armed;
  const char* text = std::getenv("ATOLL_FAILPOINT");
  if (text == nullptr) return armed;
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  armed.name = parts.first;
  if (!absl::SimpleAtoi(parts.second, &armed.left) || armed.left < 1) armed.left = 1;
  return armed;
}

Armed& State() {
  static Armed armed = FromEnvironment();
  return armed;
}

}  // namespace

std::atomic<bool> failpoint_armed{!State().name.empty()};

void HitFailpoint(std::string_view name) {
  static std::atomic<int64_t> left{State().left};
  if (name != State().name) return;
  if (left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace atoll::store::internal
