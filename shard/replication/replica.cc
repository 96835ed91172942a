#include "shard/replication/replica.h"

#include <grpcpp/channel.h>

#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/feed/feed.h"
#include "common/json/parse.h"
#include "common/log/log.h"
#include "common/rpc/follower.h"
#include "proto/replication/replication.grpc.pb.h"
#include "shard/replication/replica_objects.h"

namespace atoll::replication {
namespace {

namespace pb = ::atoll::replication::v1;
using Follower = rpc::StreamFollower<pb::WatchRequest, pb::WatchBatch>;

std::string PositionKey() {
  std::string key;
  store::AppendComponent(&key, "replica-position");
  return key;
}

std::string Encode(const ReplicaKey& key) {
  std::string out = ReplicaScope();
  for (const std::string& part : {key.origin, key.resource.ToString(), key.cluster.name(), key.ns, key.name})
    store::AppendComponent(&out, part);
  return out;
}

absl::StatusOr<ReplicaKey> Decode(std::string_view key) {
  const std::vector<std::string_view> parts = store::SplitKey(key);
  if (parts.size() != 6) return absl::DataLossError("bad key in the replica");
  ReplicaKey out;
  out.origin = std::string(parts[1]);
  const size_t dot = parts[2].find('.');
  out.resource.resource = std::string(parts[2].substr(0, dot));
  if (dot != std::string_view::npos) out.resource.group = std::string(parts[2].substr(dot + 1));
  ASSIGN_OR_RETURN(out.cluster, LogicalClusterId::Parse(parts[3]));
  out.ns = std::string(parts[4]);
  out.name = std::string(parts[5]);
  return out;
}

// A part with a NUL would change the key's shape.
absl::StatusOr<ReplicaKey> KeyOf(const pb::Object& object) {
  for (const std::string* part :
       {&object.shard(), &object.group(), &object.resource(), &object.namespace_(), &object.name()}) {
    if (part->find('\0') != std::string::npos) return absl::InvalidArgumentError("an object's name contains NUL");
  }
  ReplicaKey out{.origin = object.shard(),
                 .resource = {object.group(), object.resource()},
                 .ns = object.namespace_(),
                 .name = object.name()};
  ASSIGN_OR_RETURN(out.cluster, LogicalClusterId::Parse(object.cluster()));
  return out;
}

std::string EncodePosition(const feed::Position& position) {
  return StrCat(position.store_id, " ", position.through.value);
}
std::optional<feed::Position> DecodePosition(std::string_view text) {
  feed::Position out;
  const size_t space = text.find(' ');
  if (space == std::string_view::npos || !absl::SimpleAtoi(ToAbsl(text.substr(space + 1)), &out.through.value))
    return std::nullopt;
  out.store_id = std::string(text.substr(0, space));
  return out;
}

}  // namespace

std::string ReplicaScope() {
  std::string scope;
  store::AppendComponent(&scope, "replica");
  return scope;
}

struct Replica::Impl {
  Impl(Loop& loop, Options options)
      : options(std::move(options)),
        objects(this->options.catalog),
        stub(pb::Replication::NewStub(this->options.cache)) {
    follower = std::make_unique<Follower>(
        loop, Follower::Options{.request = [this] { return Request(); },
                                .open =
                                    [this](grpc::ClientContext* context, const pb::WatchRequest* request,
                                           grpc::ClientReadReactor<pb::WatchBatch>* reactor) {
                                      stub->async()->Watch(context, request, reactor);
                                    },
                                .on_message = [this](pb::WatchBatch batch) { return Apply(std::move(batch)); },
                                .on_disconnected =
                                    [](absl::Status why) {
                                      LOG_DEBUG("replication", "watching the cache-server was interrupted",
                                                {{"error", ToStd(why.message())}});
                                    },
                                .back_off = this->options.back_off});
  }

  const Options options;
  ReplicaObjects objects;
  const std::unique_ptr<pb::Replication::Stub> stub;
  std::unique_ptr<Follower> follower;
  std::optional<feed::Position> position;
  bool resetting = false;
  std::set<std::string> seen;  // during a reset: the keys it brought. Bounded by the replica's size
  std::atomic<bool> synced{false};

  pb::WatchRequest Request() {
    pb::WatchRequest request;
    request.set_except_shard(options.shard);
    resetting = false;
    seen.clear();
    if (position) {
      request.set_store_id(position->store_id);
      request.set_after_revision(position->through.value);
    }
    return request;
  }

  Task<absl::Status> Load() {
    CO_ASSIGN_OR_RETURN(std::optional<store::Entry> at, co_await options.store->Get(PositionKey()));
    if (at) position = DecodePosition(at->value);
    feed::Feed content(options.store, options.pool, {.scopes = {ReplicaScope()}});
    absl::Status status = co_await LoadFrom(content);
    co_await content.Stop();
    co_return status;
  }
  Task<absl::Status> LoadFrom(feed::Feed& content) {
    for (;;) {
      CO_ASSIGN_OR_RETURN(feed::Batch batch, co_await content.Next(absl::InfiniteDuration()));
      for (const feed::Change& change : batch.changes) {
        CO_ASSIGN_OR_RETURN(ReplicaKey key, Decode(change.key));
        CO_ASSIGN_OR_RETURN(json::Value object, json::Parse(change.value));
        objects.Put(key, std::move(object));
      }
      if (batch.synced) co_return absl::OkStatus();
    }
  }

  // The replica's keys that a complete reset did not bring.
  Task<absl::StatusOr<std::vector<std::string>>> Unseen() {
    std::vector<std::string> out;
    feed::Feed content(options.store, options.pool, {.scopes = {ReplicaScope()}});
    absl::Status status;
    for (bool done = false; !done;) {
      auto batch = co_await content.Next(absl::InfiniteDuration());
      status = batch.status();
      if (!status.ok()) break;
      for (const feed::Change& change : batch->changes) {
        if (!change.deleted() && seen.count(change.key) == 0) out.push_back(change.key);
      }
      done = batch->synced;
    }
    co_await content.Stop();
    CO_RETURN_IF_ERROR(status);
    co_return out;
  }

  // Deletes in pieces; the position comes last, with the caller's transaction.
  Task<absl::Status> DeleteUnseen() {
    CO_ASSIGN_OR_RETURN(std::vector<std::string> unseen, co_await Unseen());
    for (size_t at = 0; at < unseen.size();) {
      store::Transaction txn;
      const size_t end = std::min(unseen.size(), at + store::Transaction::ops_max / 2);
      for (size_t i = at; i < end; ++i) txn.ops.push_back({.kind = store::Op::Kind::kDelete, .key = unseen[i]});
      auto committed = co_await options.store->Commit(std::move(txn));
      CO_RETURN_IF_ERROR(committed.status());
      for (; at < end; ++at) {
        CO_ASSIGN_OR_RETURN(ReplicaKey key, Decode(unseen[at]));
        objects.Erase(key);
      }
    }
    co_return absl::OkStatus();
  }

  struct Parsed {
    ReplicaKey key;
    std::optional<json::Value> object;  // none: deleted
  };

  Task<absl::Status> Apply(pb::WatchBatch batch) {
    if (batch.reset()) {
      resetting = true;
      seen.clear();
      position.reset();
    }
    store::Transaction txn;
    std::map<std::string, size_t> op_of;  // a key may come several times: its last change counts
    std::vector<Parsed> parsed;
    for (pb::Object& object : *batch.mutable_objects()) {
      if (object.shard() == options.shard) continue;
      CO_ASSIGN_OR_RETURN(ReplicaKey key, KeyOf(object));
      Parsed change{.key = key, .object = std::nullopt};
      store::Op op{.kind = store::Op::Kind::kDelete, .key = Encode(key)};
      if (!object.deleted()) {
        CO_ASSIGN_OR_RETURN(change.object, json::Parse(object.json()));
        op.kind = store::Op::Kind::kPut;
        op.value = std::move(*object.mutable_json());
      }
      if (resetting) object.deleted() ? (void)seen.erase(op.key) : (void)seen.insert(op.key);
      parsed.push_back(std::move(change));
      auto [it, added] = op_of.try_emplace(op.key, txn.ops.size());
      if (added) {
        txn.ops.push_back(std::move(op));
      } else {
        txn.ops[it->second] = std::move(op);
      }
    }
    if (batch.synced() && resetting) {
      // First what came last, so that nothing new is taken for old.
      absl::Status deleted = co_await DeleteUnseen();
      CO_RETURN_IF_ERROR(deleted);
      resetting = false;
      seen.clear();
    }
    std::optional<feed::Position> next;
    if (!resetting && batch.revision() != 0) next = feed::Position{batch.store_id(), {batch.revision()}};
    if (next) {
      txn.ops.push_back({.kind = store::Op::Kind::kPut, .key = PositionKey(), .value = EncodePosition(*next)});
    } else if (batch.reset()) {
      txn.ops.push_back({.kind = store::Op::Kind::kDelete, .key = PositionKey()});
    }
    auto committed = co_await options.store->Commit(std::move(txn));
    CO_RETURN_IF_ERROR(committed.status());
    for (Parsed& change : parsed) {
      if (change.object) {
        objects.Put(change.key, *std::move(change.object));
      } else {
        objects.Erase(change.key);
      }
    }
    if (next) {
      position = std::move(next);
      synced = true;
    }
    options.on_applied();
    co_return absl::OkStatus();
  }
};

Replica::Replica(Loop& loop, Options options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
Replica::~Replica() = default;
Task<absl::Status> Replica::Load() { return impl_->Load(); }
void Replica::Start() { impl_->follower->Start(); }
Task<void> Replica::Stop() { return impl_->follower->Stop(); }
bool Replica::synced() const { return impl_->synced; }
std::shared_ptr<const authorization::RbacObjects> Replica::Objects(const LogicalClusterId& cluster) const {
  return impl_->objects.Objects(cluster);
}

}  // namespace atoll::replication
