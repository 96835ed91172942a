#include "shard/storage/expiry.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "common/base/strings.h"
#include "common/store/types.h"

namespace atoll::storage {
namespace {

constexpr size_t kDigits = 12;
constexpr int64_t kSecondsMax = 999'999'999'999;

}  // namespace

std::string ExpiryScope() {
  std::string key;
  store::AppendComponent(&key, "expiry");
  return key;
}

std::string ExpiryKey(absl::Time written, std::string_view object_key) {
  const int64_t seconds = std::clamp<int64_t>(absl::ToUnixSeconds(written), 0, kSecondsMax);
  std::string key = ExpiryScope();
  store::AppendComponent(&key, absl::StrFormat("%012d", seconds));
  key += object_key;
  return key;
}

absl::StatusOr<ExpiryEntry> DecodeExpiryKey(std::string_view index_key) {
  static const std::string scope = ExpiryScope();
  int64_t seconds = 0;
  if (!index_key.starts_with(scope) || index_key.size() < scope.size() + kDigits + 1 ||
      index_key[scope.size() + kDigits] != 0 ||
      !absl::SimpleAtoi(ToAbsl(index_key.substr(scope.size(), kDigits)), &seconds)) {
    return absl::DataLossError("not an expiry key");
  }
  return ExpiryEntry{absl::FromUnixSeconds(seconds), index_key.substr(scope.size() + kDigits + 1)};
}

}  // namespace atoll::storage
