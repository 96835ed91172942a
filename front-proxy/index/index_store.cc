#include "front-proxy/index/index_store.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/store/types.h"
#include "proto/index/index.pb.h"

namespace atoll::front_proxy {
namespace {

namespace kv = store::kv;
namespace pb = ::atoll::index::v1;

std::string Scope(std::string_view first) {
  std::string key;
  store::AppendComponent(&key, first);
  return key;
}

std::string KeyOf(std::string_view shard, const pb::Change& change) {
  std::string key = Scope(shard);
  if (change.has_logical_cluster()) {
    store::AppendComponent(&key, StrCat("c", change.logical_cluster().cluster()));
  } else {
    store::AppendComponent(&key, StrCat("w", change.workspace().parent_cluster()));
    store::AppendComponent(&key, change.workspace().name());
  }
  return key;
}

std::string PositionKey(std::string_view shard) { return Scope("position") + std::string(shard); }
std::string ShardKey(std::string_view shard) { return Scope("shard") + std::string(shard); }

kv::Write DropPart(std::string_view shard) {
  const std::string scope = Scope(shard);
  return {.kind = kv::Write::Kind::kDeleteRange,
          .space = kv::Space::kObjects,
          .key = scope,
          .value = store::ScopeEnd(scope)};
}

}  // namespace

absl::Status IndexStore::Load(std::string_view shard, const std::function<void(const pb::Change&)>& visit) const {
  const std::string scope = Scope(shard);
  absl::Status failure;
  RETURN_IF_ERROR(engine_->NewView()->Scan(
      kv::Space::kObjects, scope, store::ScopeEnd(scope), [&](std::string_view, std::string_view value) {
        pb::Change change;
        if (!change.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          failure = absl::DataLossError(StrCat("bad entry of shard ", shard, " in the index database"));
          return false;
        }
        visit(change);
        return true;
      }));
  return failure;
}

absl::StatusOr<std::optional<ShardPosition>> IndexStore::Position(std::string_view shard) const {
  ASSIGN_OR_RETURN(std::optional<std::string> text, engine_->Get(kv::Space::kMeta, PositionKey(shard)));
  if (!text) return std::nullopt;
  ShardPosition out;
  const size_t space = text->find(' ');
  if (space == std::string::npos || !absl::SimpleAtoi(text->substr(space + 1), &out.revision)) {
    return absl::DataLossError(StrCat("bad position of shard ", shard, " in the index database"));
  }
  out.store_id = text->substr(0, space);
  return out;
}

absl::Status IndexStore::Apply(std::string_view shard, const pb::Batch& batch) {
  std::vector<kv::Write> writes;
  if (batch.reset()) {
    // On its own: the order within one write of a range and of keys in it is the engine's.
    RETURN_IF_ERROR(engine_->Apply(
        {DropPart(shard), {.kind = kv::Write::Kind::kDelete, .space = kv::Space::kMeta, .key = PositionKey(shard)}},
        false));
  }
  std::map<std::string, const pb::Change*> last;  // a key may come several times: its last change counts
  for (const pb::Change& change : batch.changes()) last[KeyOf(shard, change)] = &change;
  for (const auto& [key, change] : last) {
    kv::Write write{.kind = change->deleted() ? kv::Write::Kind::kDelete : kv::Write::Kind::kPut,
                    .space = kv::Space::kObjects,
                    .key = key};
    if (!change->deleted()) write.value = change->SerializeAsString();
    writes.push_back(std::move(write));
  }
  if (batch.revision() != 0) {
    writes.push_back({.kind = kv::Write::Kind::kPut,
                      .space = kv::Space::kMeta,
                      .key = PositionKey(shard),
                      .value = StrCat(batch.store_id(), " ", batch.revision())});
  }
  if (writes.empty()) return absl::OkStatus();
  return engine_->Apply(writes, false);
}

absl::Status IndexStore::Drop(std::string_view shard) {
  return engine_->Apply(
      {DropPart(shard), {.kind = kv::Write::Kind::kDelete, .space = kv::Space::kMeta, .key = PositionKey(shard)}},
      false);
}

absl::StatusOr<std::map<std::string, ShardAddress>> IndexStore::Shards() const {
  std::map<std::string, ShardAddress> out;
  const std::string scope = Scope("shard");
  RETURN_IF_ERROR(engine_->NewView()->Scan(kv::Space::kMeta, scope, store::ScopeEnd(scope),
                                           [&](std::string_view key, std::string_view value) {
                                             const size_t line = std::min(value.find('\n'), value.size());
                                             ShardAddress& address = out[std::string(key.substr(scope.size()))];
                                             address.base_url = std::string(value.substr(0, line));
                                             if (line < value.size())
                                               address.rpc_address = std::string(value.substr(line + 1));
                                             return true;
                                           }));
  return out;
}

absl::Status IndexStore::PutShard(std::string_view name, const ShardAddress& address) {
  return engine_->Apply({{.kind = kv::Write::Kind::kPut,
                          .space = kv::Space::kMeta,
                          .key = ShardKey(name),
                          .value = StrCat(address.base_url, "\n", address.rpc_address)}},
                        false);
}

absl::Status IndexStore::EraseShard(std::string_view name) {
  return engine_->Apply({{.kind = kv::Write::Kind::kDelete, .space = kv::Space::kMeta, .key = ShardKey(name)}}, false);
}

}  // namespace atoll::front_proxy
