// FleetServiceAccounts: whether what a service account's token is bound to still exists, in any logical cluster of the
// fleet: this shard's own by a read, those of other shards over gRPC ShardAdmin.
//
// Nobody here knows where a logical cluster of another shard lives. The first question goes to all shards at once and
// the one that has the cluster answers; later ones go to it alone, until it says that it has it no more. An answer is
// remembered for a short time, which is how long a token may outlive its ServiceAccount on other shards. A shard that
// does not answer in time leaves the token unproven: it is refused.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/auth/authn/service_account/service_account.h"
#include "common/base/clock.h"
#include "common/rpc/channel.h"
#include "shard/tenancy/catalog.h"

namespace atoll::replication {

// Thread-safe, any loop.
class FleetServiceAccounts final : public auth::ServiceAccountLookup {
 public:
  struct Options {
    std::string shard;  // this one
    auth::ServiceAccountLookup* local = nullptr;
    std::function<bool(const LogicalClusterId&)> is_local;
    const tenancy::Catalog* catalog = nullptr;
    rpc::ChannelOptions channel;                // but for the target
    absl::Duration timeout = absl::Seconds(2);  // of one look-up
    absl::Duration remembered = absl::Seconds(3);
    size_t entries_max = 8192;  // answers, and homes of clusters, that are remembered; emptied when full
    const Clock* clock = &SystemClock();
  };
  explicit FleetServiceAccounts(Options options);
  ~FleetServiceAccounts() override;

  // Errors: Unavailable, DeadlineExceeded when a shard that may have the cluster did not answer.
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> ServiceAccount(LogicalClusterId cluster, std::string ns,
                                                                        std::string name) override;
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> Secret(LogicalClusterId cluster, std::string ns,
                                                                std::string name) override;
  Task<void> NoteUse(LogicalClusterId cluster, std::string ns, std::string secret, std::string day) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace atoll::replication
