#include "shard/server/service_accounts.h"

#include "absl/strings/escaping.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"

namespace atoll::shard {
namespace {

constexpr std::string_view kLastUsed = "kubernetes.io/legacy-token-last-used";
constexpr std::string_view kInvalidSince = "kubernetes.io/legacy-token-invalid-since";

}  // namespace

Task<absl::StatusOr<std::optional<json::Value>>> LocalServiceAccounts::Find(LogicalClusterId cluster,
                                                                            std::string resource, std::string ns,
                                                                            std::string name) {
  auto object = co_await client_->Get({cluster, {"", "v1", resource}, ns, name, ""});
  if (object.ok()) co_return std::optional<json::Value>(*std::move(object));
  if (api::IsNotFound(object.status())) co_return std::optional<json::Value>();
  co_return object.status();
}

Task<absl::StatusOr<std::optional<auth::BoundObject>>> LocalServiceAccounts::ServiceAccount(LogicalClusterId cluster,
                                                                                            std::string ns,
                                                                                            std::string name) {
  auto object = co_await Find(cluster, "serviceaccounts", ns, name);
  if (!object.ok()) co_return object.status();
  if (!object->has_value()) co_return std::optional<auth::BoundObject>();
  auth::BoundObject out;
  out.uid = std::string(api::Uid(**object));
  if (auto at = api::ParseTime((*object)->StringAt({"metadata", "deletionTimestamp"}))) out.deleted_at = *at;
  co_return std::optional<auth::BoundObject>(std::move(out));
}

Task<absl::StatusOr<std::optional<auth::BoundObject>>> LocalServiceAccounts::Secret(LogicalClusterId cluster,
                                                                                    std::string ns, std::string name) {
  auto object = co_await Find(cluster, "secrets", ns, name);
  if (!object.ok()) co_return object.status();
  if (!object->has_value()) co_return std::optional<auth::BoundObject>();
  auth::BoundObject out;
  out.uid = std::string(api::Uid(**object));
  if (auto at = api::ParseTime((*object)->StringAt({"metadata", "deletionTimestamp"}))) out.deleted_at = *at;
  std::string token;
  if (absl::Base64Unescape(ToAbsl((*object)->StringAt({"data", "token"})), &token) && !token.empty())
    out.token = auth::SecretDigest::Of(token);
  out.invalidated = !api::Label(**object, kInvalidSince).empty();
  out.last_used = std::string(api::Label(**object, kLastUsed));
  co_return std::optional<auth::BoundObject>(std::move(out));
}

Task<void> LocalServiceAccounts::NoteUse(LogicalClusterId cluster, std::string ns, std::string secret,
                                         std::string day) {
  json::Value patch = json::Value::MakeObject();
  patch.Ensure({"metadata", "labels", kLastUsed}) = day;
  auto patched = co_await client_->MergePatch({cluster, {"", "v1", "secrets"}, ns, secret, ""}, std::move(patch));
  if (!patched.ok() && !api::IsNotFound(patched.status())) {
    LOG_DEBUG("authentication", "cannot note the use of a token", {{"error", patched.status().ToString()}});
  }
}

}  // namespace atoll::shard
