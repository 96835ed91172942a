// InProcessClient: ApiClient straight over the registry, for controllers and bootstrap. The same checks as a request
// from outside, but for authentication and authorization: it acts as `user`, by default the process itself.
#pragma once

#include <string>

#include "common/client/api_client.h"
#include "shard/registry/registry.h"
#include "shard/registry/resolver.h"

namespace atoll::registry {

class InProcessClient final : public client::ApiClient {
 public:
  struct Options {
    auth::User user = auth::LoopbackUser();
    std::string field_manager = "kcp";
  };
  // Registry and resolver outlive this.
  InProcessClient(Registry* registry, const Resolver* resolver, Options options);
  InProcessClient(Registry* registry, const Resolver* resolver) : InProcessClient(registry, resolver, Options()) {}

  Task<absl::StatusOr<json::Value>> Get(client::ObjectRef ref) override;
  Task<absl::StatusOr<client::ListResult>> List(client::ObjectRef ref, std::string label_selector = "") override;
  Task<absl::StatusOr<json::Value>> Create(client::ObjectRef ref, json::Value object) override;
  Task<absl::StatusOr<json::Value>> Update(client::ObjectRef ref, json::Value object) override;
  Task<absl::StatusOr<json::Value>> MergePatch(client::ObjectRef ref, json::Value patch) override;
  Task<absl::StatusOr<json::Value>> Apply(client::ObjectRef ref, std::string manager, json::Value object) override;
  Task<absl::Status> Delete(client::ObjectRef ref, std::string uid = "", std::string propagation = "",
                            std::string resource_version = "") override;

 private:
  absl::StatusOr<CallContext> ContextFor(client::ObjectRef ref) const;
  WriteOptions Writing() const;

  Registry& registry_;
  const Resolver& resolver_;
  const Options options_;
};

}  // namespace atoll::registry
