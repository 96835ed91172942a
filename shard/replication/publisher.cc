#include "shard/replication/publisher.h"

#include <grpcpp/channel.h>

#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/feed/feed.h"
#include "common/log/log.h"
#include "common/rpc/client_stream.h"
#include "proto/replication/replication.grpc.pb.h"
#include "shard/replication/replicated.h"
#include "shard/storage/stored_object.h"

namespace atoll::replication {
namespace {

namespace pb = ::atoll::replication::v1;
using Stream = rpc::BidiStream<pb::PublishBatch, pb::PublishAck>;

std::vector<std::string> Scopes() {
  std::vector<std::string> scopes;
  for (const api::GroupResource& resource : CatalogResources()) scopes.push_back(storage::ResourceScope(resource));
  for (const api::GroupResource& resource : MarkedResources()) scopes.push_back(storage::ResourceScope(resource));
  return scopes;
}

absl::StatusOr<bool> IsMarked(const std::string& value) {
  if (!absl::StrContains(value, ToAbsl(kReplicateAnnotation))) return false;  // most are not, and need no parsing
  ASSIGN_OR_RETURN(json::Value object, storage::StoredObject(value, {}).Decode());
  return api::HasAnnotation(object, kReplicateAnnotation);
}

// Adds what the fleet learns of `change`, perhaps nothing.
absl::Status AddObject(const feed::Change& change, pb::PublishBatch* out) {
  ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(change.key));
  bool deleted = change.deleted();
  if (IsMarkedResource(key.resource)) {
    ASSIGN_OR_RETURN(const bool marked, IsMarked(change.value));
    if (!marked) {
      // An update may have taken the mark off; what never had one is unknown to the cache, which ignores its deletion.
      if (change.kind != feed::Change::Kind::kUpdated) return absl::OkStatus();
      if (change.previous.has_value()) {
        ASSIGN_OR_RETURN(const bool was_marked, IsMarked(*change.previous));
        if (!was_marked) return absl::OkStatus();
      }
      deleted = true;
    }
  }
  pb::Object* object = out->add_objects();
  object->set_group(key.resource.group);
  object->set_resource(key.resource.resource);
  object->set_cluster(key.cluster.name());
  object->set_namespace_(key.ns);
  object->set_name(key.name);
  object->set_deleted(deleted);
  object->set_shard(out->shard());
  object->set_origin_revision(change.revision.value);
  if (!deleted) object->set_json(storage::StoredObject(change.value, change.revision).Json());
  return absl::OkStatus();
}

}  // namespace

struct Publisher::Impl {
  Impl(Loop& loop, Options options)
      : options(std::move(options)),
        loop(loop),
        stub(pb::Replication::NewStub(this->options.cache)),
        back_off(this->options.back_off),
        tasks(loop) {}

  const Options options;
  Loop& loop;
  const std::unique_ptr<pb::Replication::Stub> stub;
  rpc::BackOff back_off;
  std::atomic<uint64_t> acknowledged{0};
  bool stopping = false;
  WakeUp wake;
  TaskGroup tasks;

  // The call under way.
  struct Call {
    explicit Call(Loop& loop) : reader(loop) {}
    std::unique_ptr<Stream> stream;
    std::optional<uint64_t> ack;  // not yet looked at
    bool ended = false;
    WakeUp wake;
    feed::Feed* changes = nullptr;
    TaskGroup reader;
  };
  Call* call = nullptr;

  // Reads all the time, so that the stream's end is seen even while there is nothing to publish.
  static Task<void> ReadAcks(Call* call) {
    while (auto ack = co_await call->stream->Next()) {
      call->ack = ack->revision();
      call->wake.Set();
    }
    call->ended = true;
    call->wake.Set();
    if (call->changes != nullptr) call->changes->Wake();
  }

  // Sends and waits for the acknowledgement. False when the stream has ended.
  Task<bool> Exchange(Call& c, pb::PublishBatch batch) {
    c.ack.reset();
    bool written = co_await c.stream->Write(std::move(batch));
    if (!written) co_return false;
    while (!c.ack && !c.ended) co_await c.wake.Wait();
    co_return c.ack.has_value();
  }

  pb::PublishBatch NewBatch() const {
    pb::PublishBatch batch;
    batch.set_shard(options.shard);
    batch.set_store_id(options.store->id());
    return batch;
  }

  Task<absl::Status> PublishChanges(Call& c, feed::Feed& changes) {
    for (;;) {
      CO_ASSIGN_OR_RETURN(feed::Batch batch, co_await changes.Next(options.heartbeat));
      if (c.ended || stopping) co_return absl::OkStatus();
      pb::PublishBatch out = NewBatch();
      out.set_reset(batch.reset);
      out.set_synced(batch.synced);
      out.set_revision(batch.through.value);
      for (const feed::Change& change : batch.changes) {
        absl::Status added = AddObject(change, &out);
        CO_RETURN_IF_ERROR(added);
      }
      bool exchanged = co_await Exchange(c, std::move(out));
      if (!exchanged) co_return absl::OkStatus();
      acknowledged = *c.ack;
      back_off.Reset();
    }
  }

  // Until the stream ends. The status is the stream's, or why we ended it.
  Task<absl::Status> Publish() {
    Call c(loop);
    c.stream = rpc::OpenBidi<pb::PublishBatch, pb::PublishAck>(
        [this](auto* context, auto* reactor) { stub->async()->Publish(context, reactor); });
    call = &c;
    c.reader.Spawn(ReadAcks(&c));
    absl::Status failed;
    bool greeted = co_await Exchange(c, NewBatch());
    if (greeted && !stopping) {
      feed::Options feed_options{.scopes = Scopes()};
      if (*c.ack != 0) feed_options.resume = feed::Position{options.store->id(), {*c.ack}};
      feed::Feed changes(options.store, options.pool, std::move(feed_options));
      c.changes = &changes;
      failed = co_await PublishChanges(c, changes);
      c.changes = nullptr;
      co_await changes.Stop();
    }
    c.stream->Cancel();
    co_await c.reader.Join();
    call = nullptr;
    absl::Status ended = co_await c.stream->Finish();
    co_return failed.ok() ? ended : failed;
  }

  Task<void> Run() {
    while (!stopping) {
      absl::Status why = co_await Publish();
      acknowledged = 0;
      if (stopping) break;
      if (absl::IsPermissionDenied(why)) {
        LOG_ERROR("replication", "the cache-server does not hear this shard", {{"error", ToStd(why.message())}});
      } else {
        LOG_DEBUG("replication", "publishing was interrupted", {{"error", ToStd(why.message())}});
      }
      bool due = false;
      Loop::TimerId timer = loop.After(back_off.Next(loop.random()), [&] {
        due = true;
        wake.Set();
      });
      while (!due && !stopping) co_await wake.Wait();
      if (!due) loop.Cancel(timer);
    }
  }
};

Publisher::Publisher(Loop& loop, Options options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
Publisher::~Publisher() = default;

void Publisher::Start() { impl_->tasks.Spawn(impl_->Run()); }

Task<void> Publisher::Stop() {
  impl_->stopping = true;
  impl_->wake.Set();
  if (impl_->call != nullptr) {
    impl_->call->stream->Cancel();
    if (impl_->call->changes != nullptr) impl_->call->changes->Wake();
  }
  co_await impl_->tasks.Join();
}

store::Revision Publisher::acknowledged() const { return {impl_->acknowledged.load()}; }

}  // namespace atoll::replication
