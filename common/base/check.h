// CHECK for our own bugs (kept in release), DCHECK for costly ones (debug builds only).
//
// Anything a peer, a disk or an operator can cause is a Status, never a CHECK.
#pragma once

#include <string>
#include <string_view>

namespace atoll {

// Writes one line to standard error and aborts. Never returns.
[[noreturn]] void CheckFailed(const char* file, int line, std::string_view condition, const std::string& detail = {});

}  // namespace atoll

// In tests Catch2's CHECK wins, whichever header comes first; headers therefore write ATOLL_CHECK or DCHECK.
#define ATOLL_CHECK(cond)                              \
  do {                                                 \
    if (!(cond)) [[unlikely]]                          \
      ::atoll::CheckFailed(__FILE__, __LINE__, #cond); \
  } while (false)
#ifndef CHECK
#define CHECK(cond) ATOLL_CHECK(cond)
#endif

// CHECKs a Status-like expression: anything with ok() and ToString(), or a StatusOr through its status().
#define CHECK_OK(expr)                                                                                             \
  do {                                                                                                             \
    const auto& atoll_check_status_ = (expr);                                                                      \
    if (!atoll_check_status_.ok()) [[unlikely]]                                                                    \
      ::atoll::CheckFailed(__FILE__, __LINE__, #expr, std::string(::atoll::CheckStatusText(atoll_check_status_))); \
  } while (false)

#ifdef NDEBUG
#define DCHECK(cond)         \
  do {                       \
    if (false) (void)(cond); \
  } while (false)
#else
#define DCHECK(cond) ATOLL_CHECK(cond)
#endif

namespace atoll {
template <class S>
std::string CheckStatusText(const S& s) {
  if constexpr (requires { s.status().ToString(); }) {
    return s.status().ToString();
  } else {
    return s.ToString();
  }
}
}  // namespace atoll
