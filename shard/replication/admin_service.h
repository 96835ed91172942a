// AdminService: gRPC ShardAdmin of a shard (proto/admin): what other shards ask about the logical clusters here. The
// rpc::Server admits only peers with a certificate of the fleet's rpc CA; this service adds no check of its own.
#pragma once

#include <functional>
#include <memory>

#include "common/auth/authn/service_account/service_account.h"
#include "common/loop/loop.h"
#include "shard/tenancy/cluster_admin.h"

namespace grpc {
class Service;
}

namespace atoll::replication {

// Stop the rpc::Server before the loop; destroy after both.
class AdminService {
 public:
  using RegisterShard = std::function<Task<absl::Status>(json::Value shard)>;
  struct Options {
    tenancy::ClusterAdmin* admin = nullptr;
    RegisterShard register_shard;  // stores a Shard object; empty on shards that do not hold root
    auth::ServiceAccountLookup* service_accounts = nullptr;  // of this shard's clusters; null: none are here
    std::function<bool(const LogicalClusterId&)> is_local;
    absl::Duration wait_max = absl::Minutes(2);  // a deletion's wait is cut to it
  };
  // Errors to the caller: those of `admin`; InvalidArgument for what does not parse.
  AdminService(Loop& loop, Options options);
  ~AdminService();
  grpc::Service* service();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::replication
