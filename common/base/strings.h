// Bridges between std::string_view, which we use, and Abseil's own, which the packaged Abseil (built for C++14) takes
// and returns, and the building of strings from pieces of either kind.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace atoll {

inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
#ifdef ABSL_USES_STD_STRING_VIEW
inline std::string_view ToStd(std::string_view s) { return s; }
#else
inline std::string_view ToStd(absl::string_view s) { return {s.data(), s.size()}; }
#endif

namespace internal {
template <class T>
decltype(auto) CatArgument(const T& v) {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return ToAbsl(v);
  } else if constexpr (std::is_same_v<T, char>) {
    return absl::string_view(&v, 1);
  } else {
    return (v);
  }
}
}  // namespace internal

// absl::StrCat and absl::StrAppend that take std::string_view and single characters, too.
template <class... Args>
std::string StrCat(const Args&... args) {
  return absl::StrCat(internal::CatArgument(args)...);
}
template <class... Args>
void StrAppend(std::string* out, const Args&... args) {
  absl::StrAppend(out, internal::CatArgument(args)...);
}
template <class... Args>
std::string Cat(const Args&... args) {
  return StrCat(args...);
}

// `a, b, c`.
template <typename Range>
std::string StrJoin(const Range& pieces, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& piece : pieces) {
    if (!first) out.append(separator);
    first = false;
    StrAppend(&out, piece);
  }
  return out;
}

}  // namespace atoll
