// Bytes as text: hex and base64 (RFC 4648). Decoders are strict: every character counts, and trailing bits must be
// zero.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atoll {

// Lower case.
std::string HexEncode(std::string_view bytes);
// Either case; nullopt for what is no hex.
std::optional<std::string> HexDecode(std::string_view hex);

enum class Base64 {
  kStandard,     // + and /, padded
  kStandardRaw,  // + and /, without padding
  kUrl,          // - and _, padded
  kUrlRaw,       // - and _, without padding: JWT
};
std::string Base64Encode(std::string_view bytes, Base64 kind = Base64::kStandard);
std::optional<std::string> Base64Decode(std::string_view text, Base64 kind = Base64::kStandard);

}  // namespace atoll
