// Looks up the ServiceAccounts and Secrets that tokens name, in this shard's store.
#pragma once

#include "common/auth/authn/service_account/service_account.h"
#include "common/client/api_client.h"

namespace atoll::shard {

class LocalServiceAccounts final : public auth::ServiceAccountLookup {
 public:
  explicit LocalServiceAccounts(client::ApiClient* client) : client_(client) {}
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> ServiceAccount(LogicalClusterId cluster, std::string ns,
                                                                        std::string name) override;
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> Secret(LogicalClusterId cluster, std::string ns,
                                                                std::string name) override;
  Task<void> NoteUse(LogicalClusterId cluster, std::string ns, std::string secret, std::string day) override;

 private:
  Task<absl::StatusOr<std::optional<json::Value>>> Find(LogicalClusterId cluster, std::string resource, std::string ns,
                                                        std::string name);
  client::ApiClient* const client_;
};

}  // namespace atoll::shard
