#include "front-proxy/index/follower.h"

#include <grpcpp/channel.h>

#include <atomic>
#include <set>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/log/log.h"
#include "front-proxy/index/shard_index.h"
#include "proto/replication/replication.grpc.pb.h"

namespace atoll::front_proxy {
namespace {

namespace pb = ::atoll::replication::v1;
using CacheFollower = rpc::StreamFollower<pb::WatchRequest, pb::WatchBatch>;

// An annotation of Shard objects, set by each shard about itself.
constexpr std::string_view kRpcAddressAnnotation = "internal.atoll.dev/rpc-address";

bool IsShardOfRoot(const pb::Object& object) {
  return object.group() == "core.kcp.io" && object.resource() == "shards" && object.cluster() == "root";
}

// nullopt: the object does not tell where its shard is.
std::optional<ShardAddress> AddressIn(const pb::Object& object) {
  auto shard = json::Parse(object.json());
  if (!shard.ok()) return std::nullopt;
  ShardAddress out{.base_url = std::string(shard->StringAt({"spec", "baseURL"})),
                   .rpc_address = std::string(shard->StringAt({"metadata", "annotations", kRpcAddressAnnotation}))};
  if (out.base_url.empty() || out.rpc_address.empty()) return std::nullopt;
  return out;
}

}  // namespace

struct FleetIndex::Impl {
  Impl(Loop& loop, Options options) : loop(loop), options(std::move(options)) {}

  Loop& loop;
  const Options options;
  mutable absl::Mutex mutex;
  std::map<std::string, ShardAddress, std::less<>> addresses ABSL_GUARDED_BY(mutex);
  // Changed on the loop, under the mutex.
  std::map<std::string, std::unique_ptr<ShardIndex>> shards ABSL_GUARDED_BY(mutex);

  std::unique_ptr<pb::Replication::Stub> cache;
  std::unique_ptr<CacheFollower> cache_follower;
  std::string cache_store;
  uint64_t cache_revision = 0;
  bool resetting = false;
  std::atomic<bool> cache_settled{false};  // it told all shards, now or to an earlier run, or cannot be reached
  std::set<std::string> seen;              // shards that a reset brought

  absl::Status AddShard(const std::string& name, const ShardAddress& address) {
    rpc::ChannelOptions channel = options.channel;
    channel.target = address.rpc_address;
    auto shard = std::make_unique<ShardIndex>(loop, ShardIndex::Options{.shard = name,
                                                                        .channel = std::move(channel),
                                                                        .store = options.store,
                                                                        .index = options.index,
                                                                        .back_off = options.back_off,
                                                                        .on_change = options.on_change});
    RETURN_IF_ERROR(shard->Load());
    shard->Start();
    absl::MutexLock lock(&mutex);
    addresses[name] = address;
    shards[name] = std::move(shard);
    return absl::OkStatus();
  }

  std::unique_ptr<ShardIndex> Take(const std::string& name) {
    absl::MutexLock lock(&mutex);
    addresses.erase(name);
    auto it = shards.find(name);
    if (it == shards.end()) return nullptr;
    auto out = std::move(it->second);
    shards.erase(it);
    return out;
  }

  bool IsAt(const std::string& name, const ShardAddress& address) const {
    absl::ReaderMutexLock lock(&mutex);
    auto it = addresses.find(name);
    return it != addresses.end() && it->second == address;
  }

  Task<absl::Status> Learn(std::string name, ShardAddress address) {
    if (options.shards.count(name) > 0 || IsAt(name, address)) co_return absl::OkStatus();
    if (auto old = Take(name)) co_await old->Stop();
    LOG_INFO("index", "following a shard", {{"shard", name}, {"address", address.rpc_address}});
    absl::Status stored = options.store->PutShard(name, address);
    CO_RETURN_IF_ERROR(stored);
    co_return AddShard(name, address);
  }

  Task<absl::Status> Forget(std::string name) {
    if (options.shards.count(name) > 0) co_return absl::OkStatus();
    auto old = Take(name);
    if (old == nullptr) co_return absl::OkStatus();
    co_await old->Stop();
    LOG_INFO("index", "a shard is gone", {{"shard", name}});
    options.index->DropShard(name);
    absl::Status dropped = options.store->Drop(name);
    CO_RETURN_IF_ERROR(dropped);
    co_return options.store->EraseShard(name);
  }

  Task<absl::Status> ForgetUnseen() {
    std::vector<std::string> gone;
    {
      absl::ReaderMutexLock lock(&mutex);
      for (const auto& [name, shard] : shards) {
        if (seen.count(name) == 0) gone.push_back(name);
      }
    }
    for (const std::string& name : gone) {
      absl::Status forgotten = co_await Forget(name);
      CO_RETURN_IF_ERROR(forgotten);
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> ApplyFromCache(pb::WatchBatch batch) {
    if (batch.reset()) {
      resetting = true;
      seen.clear();
      cache_revision = 0;
    }
    for (const pb::Object& object : batch.objects()) {
      if (!IsShardOfRoot(object)) continue;
      std::optional<ShardAddress> address;
      if (!object.deleted()) address = AddressIn(object);
      absl::Status applied;
      if (address) {
        if (resetting) seen.insert(object.name());
        applied = co_await Learn(object.name(), *std::move(address));
      } else {
        applied = co_await Forget(object.name());
      }
      CO_RETURN_IF_ERROR(applied);
    }
    if (batch.synced() && resetting) {
      absl::Status forgotten = co_await ForgetUnseen();
      CO_RETURN_IF_ERROR(forgotten);
      resetting = false;
    }
    if (!resetting) cache_settled = true;
    if (!resetting && batch.revision() != 0) {
      cache_store = batch.store_id();
      cache_revision = batch.revision();
    }
    options.on_change();
    co_return absl::OkStatus();
  }

  void FollowCache() {
    rpc::ChannelOptions channel = options.channel;
    channel.target = options.cache_address;
    cache = pb::Replication::NewStub(rpc::NewChannel(channel));
    cache_follower = std::make_unique<CacheFollower>(
        loop,
        CacheFollower::Options{.request =
                                   [this] {
                                     pb::WatchRequest request;
                                     resetting = false;
                                     if (cache_revision != 0) {
                                       request.set_after_revision(cache_revision);
                                       request.set_store_id(cache_store);
                                     }
                                     return request;
                                   },
                               .open =
                                   [this](grpc::ClientContext* context, const pb::WatchRequest* request,
                                          grpc::ClientReadReactor<pb::WatchBatch>* reactor) {
                                     cache->async()->Watch(context, request, reactor);
                                   },
                               .on_message = [this](pb::WatchBatch batch) { return ApplyFromCache(std::move(batch)); },
                               .on_disconnected =
                                   [this](absl::Status) {
                                     cache_settled = true;
                                     options.on_change();
                                   },
                               .back_off = options.back_off});
    cache_follower->Start();
  }

  absl::Status Start() {
    ASSIGN_OR_RETURN(auto known, options.store->Shards());
    if (!known.empty() || options.cache_address.empty()) cache_settled = true;
    for (const auto& [name, address] : options.shards) known[name] = address;
    for (const auto& [name, address] : known) RETURN_IF_ERROR(AddShard(name, address));
    if (!options.cache_address.empty()) FollowCache();
    return absl::OkStatus();
  }

  Task<void> Stop() {
    if (cache_follower != nullptr) co_await cache_follower->Stop();
    for (;;) {
      std::string name;
      {
        absl::ReaderMutexLock lock(&mutex);
        if (!shards.empty()) name = shards.begin()->first;
      }
      if (name.empty()) co_return;
      auto shard = Take(name);
      co_await shard->Stop();
    }
  }
};

FleetIndex::FleetIndex(Loop& loop, Options options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
FleetIndex::~FleetIndex() = default;
absl::Status FleetIndex::Start() { return impl_->Start(); }
Task<void> FleetIndex::Stop() { return impl_->Stop(); }

std::optional<ShardAddress> FleetIndex::AddressOf(std::string_view shard) const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  auto it = impl_->addresses.find(shard);
  if (it == impl_->addresses.end()) return std::nullopt;
  return it->second;
}

bool FleetIndex::ready() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  bool any = false;
  for (const auto& [name, shard] : impl_->shards) {
    if (!shard->settled()) return false;
    any |= shard->complete();
  }
  return any && impl_->cache_settled;
}

size_t FleetIndex::connected() const {
  absl::ReaderMutexLock lock(&impl_->mutex);
  size_t out = 0;
  for (const auto& [name, shard] : impl_->shards) out += shard->connected() ? 1 : 0;
  return out;
}

}  // namespace atoll::front_proxy
