// AdminStubs: gRPC ShardAdmin of the other shards, by name. One channel an rpc address, made when first needed; a shard
// whose address changes is called at the new one from the next call on. Bound: as many as the catalogue has ever named.
// Thread-safe. Includes gRPC: for .cc files.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/strings.h"
#include "common/rpc/channel.h"
#include "proto/admin/admin.grpc.pb.h"
#include "shard/tenancy/catalog.h"

namespace atoll::replication {

class AdminStubs {
 public:
  using StubPtr = std::shared_ptr<::atoll::admin::v1::ShardAdmin::Stub>;

  // `channel` but for its target.
  AdminStubs(const tenancy::Catalog* catalog, rpc::ChannelOptions channel)
      : catalog_(catalog), channel_(std::move(channel)) {}

  // "" when it is not known.
  std::string AddressOf(std::string_view shard) const {
    auto info = catalog_->FindShard(shard);
    return info ? info->rpc_address : "";
  }

  // Errors: Unavailable when the shard's address is not known.
  absl::StatusOr<StubPtr> Of(std::string_view shard) {
    const std::string address = AddressOf(shard);
    if (address.empty()) return absl::UnavailableError(StrCat("the address of shard ", shard, " is not known"));
    absl::MutexLock lock(&mutex_);
    StubPtr& stub = stubs_[address];
    if (stub == nullptr) {
      rpc::ChannelOptions channel = channel_;
      channel.target = address;
      stub = ::atoll::admin::v1::ShardAdmin::NewStub(rpc::NewChannel(channel));
    }
    return stub;
  }

 private:
  const tenancy::Catalog* const catalog_;
  const rpc::ChannelOptions channel_;
  absl::Mutex mutex_;
  std::map<std::string, StubPtr, std::less<>> stubs_ ABSL_GUARDED_BY(mutex_);  // by address
};

}  // namespace atoll::replication
