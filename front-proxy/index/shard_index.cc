#include "front-proxy/index/shard_index.h"

#include <grpcpp/channel.h>

#include <utility>

#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"

namespace atoll::front_proxy {

namespace pb = ::atoll::index::v1;

ShardIndex::ShardIndex(Loop& loop, Options options)
    : options_(std::move(options)),
      stub_(pb::WorkspaceIndex::NewStub(rpc::NewChannel(options_.channel))),
      follower_(loop, FollowerOptions()) {}

ShardIndex::Follower::Options ShardIndex::FollowerOptions() {
  return {
      .request =
          [this] {
            pb::WatchRequest request;
            resetting_ = false;
            if (position_.revision != 0) {
              request.set_after_revision(position_.revision);
              request.set_store_id(position_.store_id);
            }
            return request;
          },
      .open = [this](grpc::ClientContext* context, const pb::WatchRequest* request,
                     grpc::ClientReadReactor<pb::Batch>* reactor) { stub_->async()->Watch(context, request, reactor); },
      .on_message = [this](pb::Batch batch) { return Apply(std::move(batch)); },
      .on_connected =
          [this] {
            connected_ = true;
            options_.on_change();
          },
      .on_disconnected =
          [this](absl::Status why) {
            if (connected_)
              LOG_INFO("index", "lost a shard's stream", {{"shard", options_.shard}, {"error", ToStd(why.message())}});
            connected_ = false;
            tried_ = true;
            options_.on_change();
          },
      .back_off = options_.back_off};
}

absl::Status ShardIndex::Load() {
  ASSIGN_OR_RETURN(std::optional<ShardPosition> position, options_.store->Position(options_.shard));
  RETURN_IF_ERROR(options_.store->Load(options_.shard, [this](const pb::Change& change) { ApplyToIndex(change); }));
  if (position) {
    position_ = *std::move(position);
    complete_ = true;
  }
  return absl::OkStatus();
}

Task<absl::Status> ShardIndex::Apply(pb::Batch batch) {
  if (batch.shard() != options_.shard) {
    co_return absl::FailedPreconditionError(
        StrCat("the address of shard ", options_.shard, " is that of ", batch.shard()));
  }
  if (batch.reset()) {
    resetting_ = true;
    position_ = {};
    options_.index->BeginReplace(options_.shard);
  }
  absl::Status stored = options_.store->Apply(options_.shard, batch);
  CO_RETURN_IF_ERROR(stored);
  for (const pb::Change& change : batch.changes()) ApplyToIndex(change);
  if (resetting_ && batch.synced()) {
    options_.index->EndReplace(options_.shard);
    resetting_ = false;
  }
  if (!resetting_) {
    if (batch.revision() != 0) position_ = {batch.store_id(), batch.revision()};
    complete_ = true;
  }
  options_.on_change();
  co_return absl::OkStatus();
}

void ShardIndex::ApplyToIndex(const pb::Change& change) {
  if (change.has_logical_cluster()) {
    const pb::LogicalCluster& c = change.logical_cluster();
    if (change.deleted()) {
      options_.index->EraseCluster(options_.shard, c.cluster());
    } else {
      options_.index->PutCluster(options_.shard, c.cluster(), {.phase = c.phase(), .type = c.type(), .path = c.path()});
    }
  } else if (change.has_workspace()) {
    const pb::Workspace& w = change.workspace();
    if (change.deleted()) {
      options_.index->EraseWorkspace(options_.shard, w.parent_cluster(), w.name());
    } else {
      options_.index->PutWorkspace(
          options_.shard, w.parent_cluster(), w.name(),
          {.cluster = w.cluster(), .phase = w.phase(), .mount_url = w.mount_url(), .mount = !w.mount_url().empty()});
    }
  }
}

}  // namespace atoll::front_proxy
