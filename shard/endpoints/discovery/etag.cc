#include "shard/endpoints/discovery/etag.h"

#include <openssl/sha.h>

#include "common/base/strings.h"

namespace atoll::endpoints {

std::string HashOf(std::string_view bytes) {
  unsigned char digest[SHA512_DIGEST_LENGTH];
  SHA512(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(2 * sizeof(digest));
  for (unsigned char c : digest) {
    out.push_back(kHex[c >> 4]);
    out.push_back(kHex[c & 15]);
  }
  return out;
}

bool MatchesETag(std::string_view if_none_match, std::string_view hash) {
  if (if_none_match.empty()) return false;
  return if_none_match == "*" || if_none_match.find(Cat("\"", hash, "\"")) != std::string_view::npos;
}

}  // namespace atoll::endpoints
