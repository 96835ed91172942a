// Comparing secrets without telling, by the time it takes, how much of a guess was right.
//
// Secrets are never compared themselves: their SHA-256 are, in constant time. So tables of tokens hold no token either.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace atoll::auth {

struct SecretDigest {
  std::array<uint8_t, 32> bytes{};

  static SecretDigest Of(std::string_view secret);
  // Constant time.
  bool Matches(const SecretDigest& other) const;
  std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  // As a hash key. A guesser cannot aim at a bucket's neighbours: that would take choosing SHA-256 outputs.
  friend bool operator==(const SecretDigest& a, const SecretDigest& b) { return a.Matches(b); }
  template <typename H>
  friend H AbslHashValue(H h, const SecretDigest& d) {
    uint64_t word;
    std::memcpy(&word, d.bytes.data(), sizeof word);
    return H::combine(std::move(h), word);
  }
};

}  // namespace atoll::auth
