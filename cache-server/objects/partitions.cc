#include "cache-server/objects/partitions.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "proto/replication/replication.pb.h"

namespace atoll::cache_server {
namespace {

namespace pb = ::atoll::replication::v1;

std::string PositionKey(std::string_view shard) {
  std::string key;
  store::AppendComponent(&key, "positions");
  store::AppendComponent(&key, shard);
  return key;
}

absl::StatusOr<std::string> KeyOf(std::string_view shard, const pb::Object& object) {
  const std::string resource =
      object.group().empty() ? object.resource() : StrCat(object.resource(), ".", object.group());
  std::string key = PartitionScope(shard);
  for (const std::string* part : {&resource, &object.cluster(), &object.namespace_(), &object.name()}) {
    if (part->find('\0') != std::string::npos) return absl::InvalidArgumentError("an object's name contains NUL");
    store::AppendComponent(&key, *part);
  }
  return key;
}

}  // namespace

std::string ObjectsScope() {
  std::string scope;
  store::AppendComponent(&scope, "objects");
  return scope;
}

std::string PartitionScope(std::string_view shard) {
  std::string scope = ObjectsScope();
  store::AppendComponent(&scope, shard);
  return scope;
}

Task<absl::StatusOr<std::optional<feed::Position>>> Partition::Position() {
  CO_ASSIGN_OR_RETURN(std::optional<store::Entry> entry, co_await store_->Get(PositionKey(shard_)));
  if (!entry) co_return std::nullopt;
  feed::Position out;
  const size_t space = entry->value.find(' ');
  if (space == std::string::npos || !absl::SimpleAtoi(entry->value.substr(space + 1), &out.through.value)) {
    co_return absl::DataLossError(StrCat("bad position of shard ", shard_));
  }
  out.store_id = entry->value.substr(0, space);
  co_return std::optional<feed::Position>(std::move(out));
}

Task<absl::StatusOr<store::Transaction>> Partition::ObjectOps(pb::PublishBatch& batch) {
  store::Transaction txn;
  std::map<std::string, size_t> op_of;  // a key may come several times: its last change counts
  for (pb::Object& object : *batch.mutable_objects()) {
    object.set_shard(shard_);
    CO_ASSIGN_OR_RETURN(std::string key, KeyOf(shard_, object));
    store::Op op{.kind = store::Op::Kind::kDelete, .key = key};
    if (!object.deleted()) {
      op.kind = store::Op::Kind::kPut;
      op.value = object.SerializeAsString();
    }
    if (resetting_) {
      object.deleted() ? (void)seen_.erase(key) : (void)seen_.insert(key);
      CO_ASSIGN_OR_RETURN(std::optional<store::Entry> known, co_await store_->Get(key));
      if (known && known->value == op.value && op_of.count(key) == 0) continue;
    }
    auto [it, added] = op_of.try_emplace(std::move(key), txn.ops.size());
    if (added) {
      txn.ops.push_back(std::move(op));
    } else {
      txn.ops[it->second] = std::move(op);
    }
  }
  co_return txn;
}

Task<absl::Status> Partition::DeleteUnseen() {
  std::vector<std::string> unseen;
  {
    feed::Feed content(store_, pool_, {.scopes = {PartitionScope(shard_)}});
    absl::Status status;
    for (bool done = false; !done;) {
      auto page = co_await content.Next(absl::InfiniteDuration());
      status = page.status();
      if (!status.ok()) break;
      for (const feed::Change& change : page->changes) {
        if (!change.deleted() && seen_.count(change.key) == 0) unseen.push_back(change.key);
      }
      done = page->synced;
    }
    co_await content.Stop();
    CO_RETURN_IF_ERROR(status);
  }
  for (size_t at = 0; at < unseen.size();) {
    store::Transaction txn;
    for (; at < unseen.size() && txn.ops.size() < store::Transaction::ops_max / 2; ++at) {
      txn.ops.push_back({.kind = store::Op::Kind::kDelete, .key = unseen[at]});
    }
    auto committed = co_await store_->Commit(std::move(txn));
    CO_RETURN_IF_ERROR(committed.status());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Partition::Apply(pb::PublishBatch batch) {
  if (batch.shard() != shard_) co_return absl::InvalidArgumentError("a call publishes for one shard");
  if (batch.store_id().find(' ') != std::string::npos) co_return absl::InvalidArgumentError("bad store id");
  if (batch.reset()) {
    resetting_ = true;
    seen_.clear();
  }
  CO_ASSIGN_OR_RETURN(store::Transaction txn, co_await ObjectOps(batch));
  if (batch.synced() && resetting_) {
    absl::Status deleted = co_await DeleteUnseen();
    CO_RETURN_IF_ERROR(deleted);
    resetting_ = false;
    seen_.clear();
  }
  if (!resetting_ && batch.revision() != 0) {
    txn.ops.push_back({.kind = store::Op::Kind::kPut,
                       .key = PositionKey(shard_),
                       .value = StrCat(batch.store_id(), " ", batch.revision())});
  } else if (batch.reset()) {
    txn.ops.push_back({.kind = store::Op::Kind::kDelete, .key = PositionKey(shard_)});
  }
  auto committed = co_await store_->Commit(std::move(txn));
  co_return committed.status();
}

std::map<std::string, size_t> CountObjects(store::Store& store) {
  std::map<std::string, size_t> out;
  const std::string scope = ObjectsScope();
  // A failing disk shows in readiness, not here.
  (void)store.Snapshot()->Scan(scope, store::ScopeEnd(scope),
                               [&](std::string_view key, std::string_view, store::Revision) {
                                 ++out[std::string(store::SplitKey(key)[1])];
                                 return true;
                               });
  return out;
}

}  // namespace atoll::cache_server
