// FleetClusterAdmins: the way to the logical clusters of any shard: this one's directly, the others' over gRPC
// ShardAdmin.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/rpc/channel.h"
#include "shard/tenancy/cluster_admin.h"

namespace atoll::replication {

// Thread-safe; admins may be used on any loop and live as long as this. Bound: as many as
// the catalogue has ever named (admin_stubs.h). A remote admin's errors are the other shard's (AlreadyExists,
// FailedPrecondition, NotFound, with payloads), or Unavailable and DeadlineExceeded of the way there.
class FleetClusterAdmins final : public tenancy::ClusterAdmins {
 public:
  struct Options {
    std::string shard;  // this one
    tenancy::ClusterAdmin* local = nullptr;
    const tenancy::Catalog* catalog = nullptr;
    rpc::ChannelOptions channel;  // but for the target
    absl::Duration timeout = absl::Seconds(15);
  };
  explicit FleetClusterAdmins(Options options);
  ~FleetClusterAdmins() override;
  tenancy::ClusterAdmin* ForShard(std::string_view shard) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::replication
