#include "shard/controllers/service_account_token/secret.h"

#include "absl/strings/escaping.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::controllers {

bool IsTokenSecret(const json::Value& secret) { return secret.StringAt({"type"}) == kTokenSecretType; }

std::string_view AccountOf(const json::Value& secret) { return api::Annotation(secret, kAccountNameAnnotation); }

bool IsFor(const json::Value& secret, const json::Value& account) {
  const std::string_view uid = api::Annotation(secret, kAccountUidAnnotation);
  return AccountOf(secret) == api::Name(account) && (uid.empty() || uid == api::Uid(account));
}

absl::StatusOr<bool> FillTokenSecret(const json::Value& account, std::string_view root_ca_pem,
                                     const std::function<absl::StatusOr<std::string>()>& sign, json::Value* secret) {
  bool changed = false;
  const auto set = [&](std::string_view key, std::string_view value) {
    secret->Ensure({"data", key}) = absl::Base64Escape(ToAbsl(value));
    changed = true;
  };
  if (secret->StringAt({"data", "ca.crt"}) != absl::Base64Escape(ToAbsl(root_ca_pem))) set("ca.crt", root_ca_pem);
  if (secret->StringAt({"data", "namespace"}).empty()) set("namespace", api::Namespace(*secret));
  if (secret->StringAt({"data", "token"}).empty()) {
    ASSIGN_OR_RETURN(const std::string token, sign());
    set("token", token);
  }
  if (changed) secret->Ensure({"data"}).object().SortByKey();
  if (api::Annotation(*secret, kAccountUidAnnotation) != api::Uid(account)) {
    api::SetAnnotation(secret, kAccountUidAnnotation, api::Uid(account));
    changed = true;
  }
  return changed;
}

}  // namespace atoll::controllers
