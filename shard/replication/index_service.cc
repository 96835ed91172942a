#include "shard/replication/index_service.h"

#include <utility>

#include "common/base/status.h"
#include "common/feed/feed.h"
#include "common/rpc/server_stream.h"
#include "proto/index/index.grpc.pb.h"
#include "shard/replication/index_changes.h"
#include "shard/storage/stored_object.h"

namespace atoll::replication {
namespace {

namespace pb = ::atoll::index::v1;
using Writer = rpc::ServerWriter<pb::Batch>;

absl::Status AddChange(const feed::Change& change, pb::Batch* out) {
  ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(change.key));
  if (key.resource == kLogicalClusters && key.name != kLogicalClusterName) return absl::OkStatus();
  json::Value object;
  if (!change.deleted()) {
    ASSIGN_OR_RETURN(object, storage::StoredObject(change.value, change.revision).Decode());
  }
  pb::Change* added = out->add_changes();
  added->set_deleted(change.deleted());
  if (key.resource == kLogicalClusters) {
    pb::LogicalCluster* logical_cluster = added->mutable_logical_cluster();
    logical_cluster->set_cluster(key.cluster.name());
    index::ClusterEntry entry = ToClusterEntry(object);
    logical_cluster->set_phase(std::move(entry.phase));
    logical_cluster->set_type(std::move(entry.type));
    logical_cluster->set_path(std::move(entry.path));
    return absl::OkStatus();
  }
  pb::Workspace* workspace = added->mutable_workspace();
  workspace->set_parent_cluster(key.cluster.name());
  workspace->set_name(key.name);
  index::WorkspaceEntry entry = ToWorkspaceEntry(object);
  workspace->set_cluster(std::move(entry.cluster));
  workspace->set_phase(std::move(entry.phase));
  workspace->set_mount_url(std::move(entry.mount_url));
  workspace->set_type(WorkspaceTypeOf(object));
  return absl::OkStatus();
}

}  // namespace

struct IndexService::Impl final : pb::WorkspaceIndex::CallbackService {
  explicit Impl(Options options) : options(std::move(options)) {}
  const Options options;

  grpc::ServerWriteReactor<pb::Batch>* Watch(grpc::CallbackServerContext*, const pb::WatchRequest* request) override {
    return rpc::ServeWrites<pb::Batch>(
        *options.loop, [this, request = *request](auto stream) { return Serve(request, std::move(stream)); });
  }

  Task<absl::Status> Serve(pb::WatchRequest request, std::shared_ptr<Writer> stream) {
    feed::Options feed_options{
        .scopes = {storage::ResourceScope(kLogicalClusters), storage::ResourceScope(kWorkspaces)}};
    if (!request.store_id().empty())
      feed_options.resume = feed::Position{request.store_id(), {request.after_revision()}};
    feed::Feed changes(options.store, options.pool, std::move(feed_options));
    const uint64_t on_cancel = stream->cancellation().OnCancel([&changes] { changes.Wake(); });
    absl::Status status = co_await Pump(changes, *stream);
    stream->cancellation().Forget(on_cancel);
    co_await changes.Stop();
    co_return status;
  }

  Task<absl::Status> Pump(feed::Feed& changes, Writer& stream) {
    for (;;) {
      CO_ASSIGN_OR_RETURN(feed::Batch batch, co_await changes.Next(options.heartbeat));
      if (stream.cancellation().cancelled()) co_return absl::CancelledError("the follower is gone");
      pb::Batch out;
      out.set_reset(batch.reset);
      out.set_synced(batch.synced);
      out.set_revision(batch.through.value);
      out.set_store_id(options.store->id());
      out.set_shard(options.shard);
      for (const feed::Change& change : batch.changes) {
        absl::Status added = AddChange(change, &out);
        CO_RETURN_IF_ERROR(added);
      }
      absl::Status written = co_await stream.Write(std::move(out));
      CO_RETURN_IF_ERROR(written);
    }
  }
};

IndexService::IndexService(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
IndexService::~IndexService() = default;
grpc::Service* IndexService::service() { return impl_.get(); }

}  // namespace atoll::replication
