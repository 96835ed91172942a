// What a Secret of type kubernetes.io/service-account-token must hold (spec/api-machinery.md 9.2, 10.4). Pure but for
// the signature that the caller makes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::controllers {

inline constexpr std::string_view kTokenSecretType = "kubernetes.io/service-account-token";
inline constexpr std::string_view kAccountNameAnnotation = "kubernetes.io/service-account.name";
inline constexpr std::string_view kAccountUidAnnotation = "kubernetes.io/service-account.uid";

bool IsTokenSecret(const json::Value& secret);
// The account that the secret is for; "" when it names none.
std::string_view AccountOf(const json::Value& secret);
// True when the secret is for this account, or does not say yet for which of its lives.
bool IsFor(const json::Value& secret, const json::Value& account);

// Fills in what is missing or wrong: the token, which `sign` makes, the authority and the namespace, the account's uid.
// True when it changed something. Errors: those of `sign`.
absl::StatusOr<bool> FillTokenSecret(const json::Value& account, std::string_view root_ca_pem,
                                     const std::function<absl::StatusOr<std::string>()>& sign, json::Value* secret);

}  // namespace atoll::controllers
