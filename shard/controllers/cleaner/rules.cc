#include "shard/controllers/cleaner/rules.h"

#include <algorithm>
#include <string_view>

#include "common/api/object.h"
#include "common/base/encoding.h"
#include "common/base/strings.h"
#include "common/tls/certificates.h"

namespace atoll::controllers {
namespace {

constexpr char kBootstrapTokenType[] = "bootstrap.kubernetes.io/token";

// For a request that nobody has decided, or that was approved and not issued.
constexpr absl::Duration kWaiting = absl::Hours(24);
// For one that has its certificate, or will never have it.
constexpr absl::Duration kDone = absl::Hours(1);

std::string Decoded(const json::Value& object, std::initializer_list<std::string_view> path) {
  return Base64Decode(object.StringAt(path)).value_or("");
}

std::optional<absl::Time> DueOfRequest(const json::Value& request) {
  const std::string certificate = Decoded(request, {"status", "certificate"});
  absl::Time due = absl::InfiniteFuture();
  bool decided = false;
  if (const json::Value* conditions = request.At({"status", "conditions"});
      conditions != nullptr && conditions->is_array()) {
    for (const json::Value& condition : conditions->array()) {
      const std::string_view type = condition.StringAt({"type"});
      const bool approved = type == "Approved";
      if (!approved && type != "Denied" && type != "Failed") continue;
      decided = true;
      if (auto since = api::ParseTime(condition.StringAt({"lastUpdateTime"})))
        due = std::min(due, *since + (approved && certificate.empty() ? kWaiting : kDone));
    }
  }
  if (!decided) {
    if (auto created = api::ParseTime(request.StringAt({"metadata", "creationTimestamp"}))) due = *created + kWaiting;
  }
  if (!certificate.empty()) {
    if (auto expires = tls::NotAfter(certificate); expires.ok()) due = std::min(due, *expires);
  }
  if (due == absl::InfiniteFuture()) return std::nullopt;
  return due;
}

std::optional<absl::Time> DueOfToken(const json::Value& secret) {
  if (secret.StringAt({"type"}) != kBootstrapTokenType) return std::nullopt;
  const std::string expiration = Decoded(secret, {"data", "expiration"});
  if (expiration.empty()) return std::nullopt;
  // A token whose end cannot be read has ended.
  return api::ParseTime(expiration).value_or(absl::InfinitePast());
}

}  // namespace

const std::vector<CleaningRule>& CleaningRules() {
  static const auto& rules = *new std::vector<CleaningRule>{
      {"csr_cleaner", {"certificates.k8s.io", "v1", "certificatesigningrequests"}, nullptr, "", DueOfRequest},
      {"token_cleaner", {"", "v1", "secrets"}, "kube-system", kBootstrapTokenType, DueOfToken},
  };
  return rules;
}

}  // namespace atoll::controllers
