// Building strings from pieces.
//
// The packaged Abseil was built with its own string_view, which neither converts to nor from std::string_view; absl::StrCat therefore
// refuses ours. These take both, so that code can use std::string_view throughout.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace atoll {

inline absl::string_view AbslView(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view StdView(absl::string_view s) { return {s.data(), s.size()}; }

// One piece: text of any kind, a character, or an integer in decimal.
template <typename T>
void AppendPiece(std::string* out, const T& piece) {
  if constexpr (std::convertible_to<const T&, std::string_view>) {
    out->append(std::string_view(piece));
  } else if constexpr (std::convertible_to<const T&, absl::string_view>) {
    out->append(StdView(piece));
  } else if constexpr (std::same_as<T, char>) {
    out->push_back(piece);
  } else {
    static_assert(std::integral<T> && !std::same_as<T, bool>, "StrCat takes strings, characters and integers");
    char digits[24];
    out->append(digits, std::to_chars(digits, digits + sizeof(digits), piece).ptr);
  }
}

template <typename... Pieces>
void StrAppend(std::string* out, const Pieces&... pieces) {
  (AppendPiece(out, pieces), ...);
}

template <typename... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string out;
  StrAppend(&out, pieces...);
  return out;
}

// `a, b, c`.
template <typename Range>
std::string StrJoin(const Range& pieces, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& piece : pieces) {
    if (!first) out.append(separator);
    first = false;
    AppendPiece(&out, piece);
  }
  return out;
}

}  // namespace atoll
