#include "shard/server/service_accounts.h"

#include "absl/strings/escaping.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::shard {

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
  absl::Base64Unescape(ToAbsl((*object)->StringAt({"data", "token"})), &out.token);
  out.invalidated = !api::Label(**object, "kubernetes.io/legacy-token-invalid-since").empty();
  co_return std::optional<auth::BoundObject>(std::move(out));
}

}  // namespace atoll::shard
