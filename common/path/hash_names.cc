// Names derived from hashes. They are part of the wire contract (spec/tenancy.md 1.1): a user's home must have the same
// id on every shard and after every release.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <vector>

#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/path/path.h"

namespace atoll {
namespace {

using Sha224 = std::array<unsigned char, 28>;

constexpr std::string_view kBase62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kBase36 = kBase62.substr(0, 36);

Sha224 HashOf(std::string_view in) {
  Sha224 hash;
  unsigned size = 0;
  CHECK(EVP_Digest(in.data(), in.size(), hash.data(), &size, EVP_sha224(), nullptr) == 1 && size == hash.size());
  return hash;
}

// The bytes as one big-endian integer, most significant digit first; "0" is the empty remainder of nothing but zeros.
std::string Digits(const unsigned char* bytes, size_t size, std::string_view digits) {
  std::vector<unsigned char> number(bytes, bytes + size);
  std::string out;
  auto first = std::find_if(number.begin(), number.end(), [](unsigned char b) { return b != 0; });
  while (first != number.end()) {
    unsigned remainder = 0;
    for (auto it = first; it != number.end(); ++it) {
      const unsigned current = remainder << 8 | *it;
      *it = static_cast<unsigned char>(current / digits.size());
      remainder = static_cast<unsigned>(current % digits.size());
    }
    out.push_back(digits[remainder]);
    first = std::find_if(first, number.end(), [](unsigned char b) { return b != 0; });
  }
  if (out.empty()) out.push_back('0');
  std::reverse(out.begin(), out.end());
  return out;
}

// One "0" ahead for every leading zero byte.
std::string PaddedBase36(const unsigned char* bytes, size_t size) {
  const auto zeros = std::find_if(bytes, bytes + size, [](unsigned char b) { return b != 0; }) - bytes;
  return std::string(static_cast<size_t>(zeros), '0') + Digits(bytes, size, kBase36);
}

}  // namespace

std::string Base36Sha224(std::string_view in) {
  const Sha224 hash = HashOf(in);
  return PaddedBase36(hash.data(), hash.size());
}

std::string Base62Sha224(std::string_view in) {
  const Sha224 hash = HashOf(in);
  return Digits(hash.data(), hash.size(), kBase62);
}

LogicalClusterId HomeClusterOf(std::string_view user_name) {
  constexpr size_t kHashBytes = 8;
  return LogicalClusterId(PaddedBase36(HashOf(user_name).data(), kHashBytes));
}

std::string ShardHash(std::string_view shard_name) { return Base36Sha224(shard_name).substr(0, 8); }

std::string DefaultBindingName(std::string_view cluster, std::string_view export_path, std::string_view export_name) {
  constexpr size_t kExportNameMax = 247;
  std::string hash = Base62Sha224(StrCat(cluster, "|", export_path, "|", export_name)).substr(0, 5);
  std::transform(hash.begin(), hash.end(), hash.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return StrCat(export_name.substr(0, kExportNameMax), "-", hash);
}

LogicalClusterId NewClusterId(std::string_view random_bytes) {
  CHECK(random_bytes.size() == 32);
  return LogicalClusterId(Base36Sha224(random_bytes).substr(0, 16));
}

}  // namespace atoll
