#include "common/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace atoll {

void CheckFailed(const char* file, int line, std::string_view condition, const std::string& detail) {
  std::fprintf(stderr, "CHECK failed: %.*s at %s:%d%s%s\n", static_cast<int>(condition.size()), condition.data(), file,
               line, detail.empty() ? "" : ": ", detail.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace atoll
