#include "cache-server/service/replication_service.h"

#include <atomic>
#include <map>
#include <utility>

#include "cache-server/objects/partitions.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/feed/feed.h"
#include "common/rpc/server.h"
#include "common/rpc/server_stream.h"
#include "proto/replication/replication.grpc.pb.h"

namespace atoll::cache_server {
namespace {

namespace pb = ::atoll::replication::v1;
using PublishStream = rpc::ServerBidi<pb::PublishBatch, pb::PublishAck>;
// What the fleet believes of a shard's objects hangs on this name.
constexpr std::string_view kShardNamePrefix = "shard-";

using WatchStream = rpc::ServerWriter<pb::WatchBatch>;

struct Counted {
  explicit Counted(std::atomic<int>& count) : count(count) { ++count; }
  ~Counted() { --count; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::atomic<int>& count;
};

// The calls of one shard.
struct Turn {
  uint64_t newest = 0;  // the call that may publish
  bool busy = false;    // a batch is being applied
};

// Adds a change, unless it is of the watcher's own shard.
absl::Status AddObject(const feed::Change& change, std::string_view except_shard, pb::WatchBatch* out) {
  const std::vector<std::string_view> parts = store::SplitKey(change.key);
  if (parts.size() < 2) return absl::DataLossError("bad key in the cache");
  if (!except_shard.empty() && parts[1] == except_shard) return absl::OkStatus();
  pb::Object object;
  if (!object.ParseFromString(change.value))
    return absl::DataLossError(StrCat("bad object in the cache, of shard ", parts[1]));
  if (change.deleted()) {
    object.set_deleted(true);
    object.clear_json();
  }
  *out->add_objects() = std::move(object);
  return absl::OkStatus();
}

}  // namespace

struct ReplicationService::Impl final : pb::Replication::CallbackService {
  explicit Impl(Options options) : options(std::move(options)) {}
  const Options options;
  std::atomic<int> publishers{0}, watchers{0};
  std::map<std::string, Turn> turns;  // by shard; loop thread. Bounded by the fleet

  grpc::ServerBidiReactor<pb::PublishBatch, pb::PublishAck>* Publish(grpc::CallbackServerContext* context) override {
    return rpc::ServeBidi<pb::PublishBatch, pb::PublishAck>(
        *options.loop, [this, caller = rpc::PeerCommonName(*context)](auto stream) {
          return ServePublish(caller, std::move(stream));
        });
  }
  grpc::ServerWriteReactor<pb::WatchBatch>* Watch(grpc::CallbackServerContext*,
                                                  const pb::WatchRequest* request) override {
    return rpc::ServeWrites<pb::WatchBatch>(
        *options.loop, [this, request = *request](auto stream) { return ServeWatch(request, std::move(stream)); });
  }

  Task<absl::Status> ServePublish(std::string caller, std::shared_ptr<PublishStream> stream) {
    Counted counted(publishers);
    auto hello = co_await stream->Read();
    if (!hello) co_return absl::OkStatus();
    const std::string shard = hello->shard();
    if (shard.empty() || shard.find('\0') != std::string::npos || hello->objects_size() > 0) {
      co_return absl::InvalidArgumentError("the first batch names the shard and is empty");
    }
    if (caller != StrCat(kShardNamePrefix, shard)) {
      co_return absl::PermissionDeniedError(StrCat("the certificate of \"", caller, "\" does not speak for shard \"",
                                                   shard, "\": its common name must be ", kShardNamePrefix, shard));
    }
    Turn* turn = &turns[shard];
    const uint64_t mine = ++turn->newest;
    Partition partition(options.store, options.pool, shard);
    // An older call's last batch still counts for the position; from the next one on the older call is refused.
    if (turn->busy) co_return absl::AbortedError("an older call of the shard is still at work: try again");
    auto position = co_await partition.Position();
    CO_RETURN_IF_ERROR(position.status());
    pb::PublishAck ack;
    if (position->has_value() && (*position)->store_id == hello->store_id())
      ack.set_revision((*position)->through.value);
    for (;;) {
      absl::Status written = co_await stream->Write(ack);
      CO_RETURN_IF_ERROR(written);
      auto batch = co_await stream->Read();
      if (!batch) co_return absl::OkStatus();
      ack.set_revision(batch->revision());
      if (turn->newest != mine) co_return absl::AbortedError("the shard publishes in a newer call");
      turn->busy = true;
      absl::Status applied = co_await partition.Apply(*std::move(batch));
      turn->busy = false;
      CO_RETURN_IF_ERROR(applied);
    }
  }

  Task<absl::Status> ServeWatch(pb::WatchRequest request, std::shared_ptr<WatchStream> stream) {
    Counted counted(watchers);
    feed::Options feed_options{.scopes = {ObjectsScope()}};
    if (!request.store_id().empty())
      feed_options.resume = feed::Position{request.store_id(), {request.after_revision()}};
    feed::Feed changes(options.store, options.pool, std::move(feed_options));
    const uint64_t on_cancel = stream->cancellation().OnCancel([&changes] { changes.Wake(); });
    absl::Status status = co_await Pump(request, changes, *stream);
    stream->cancellation().Forget(on_cancel);
    co_await changes.Stop();
    co_return status;
  }

  Task<absl::Status> Pump(const pb::WatchRequest& request, feed::Feed& changes, WatchStream& stream) {
    for (;;) {
      CO_ASSIGN_OR_RETURN(feed::Batch batch, co_await changes.Next(options.heartbeat));
      if (stream.cancellation().cancelled()) co_return absl::CancelledError("the watcher is gone");
      pb::WatchBatch out;
      out.set_reset(batch.reset);
      out.set_synced(batch.synced);
      out.set_revision(batch.through.value);
      out.set_store_id(options.store->id());
      for (const feed::Change& change : batch.changes) {
        absl::Status added = AddObject(change, request.except_shard(), &out);
        CO_RETURN_IF_ERROR(added);
      }
      absl::Status written = co_await stream.Write(std::move(out));
      CO_RETURN_IF_ERROR(written);
    }
  }
};

ReplicationService::ReplicationService(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
ReplicationService::~ReplicationService() = default;
grpc::Service* ReplicationService::service() { return impl_.get(); }
int ReplicationService::publishers() const { return impl_->publishers; }
int ReplicationService::watchers() const { return impl_->watchers; }

}  // namespace atoll::cache_server
