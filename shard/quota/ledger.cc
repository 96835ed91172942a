#include "shard/quota/ledger.h"

#include <utility>

#include "common/api/errors.h"
#include "common/base/status.h"
#include "shard/quota/count.h"
#include "shard/quota/usage.h"
#include "shard/storage/stored_object.h"

namespace atoll::quota {

Task<absl::StatusOr<std::vector<store::Op>>> QuotaLedger::Charge(const registry::CallContext& ctx, std::string name,
                                                                 int delta) {
  std::vector<store::Op> ops;
  const api::GroupResource resource = ctx.definition->gr(), quotas = options_.resource_quotas->gr();
  if (options_.index->empty()) co_return ops;
  const std::string ns = ctx.definition->namespaced() ? ctx.ns : std::string();
  if (IsExempt(resource, name)) co_return ops;
  for (const auto& [quota_ns, quota_name] : options_.index->Concerning(ctx.cluster.id, ns)) {
    if (delta < 0 && resource == quotas && quota_ns == ns && quota_name == name) continue;  // it goes itself
    const std::string key = storage::EncodeKey({quotas, "", ctx.cluster.id, quota_ns, quota_name});
    CO_ASSIGN_OR_RETURN(std::optional<store::Entry> entry, co_await options_.store->Get(key));
    if (!entry.has_value()) continue;
    CO_ASSIGN_OR_RETURN(json::Value quota, storage::StoredObject(std::move(entry->value), entry->modified).Decode());
    const bool whole_cluster = IsClusterScoped(quota);
    if (!whole_cluster && quota_ns != ns) continue;
    const std::optional<Bound> bound = BoundOf(quota, resource);
    if (!bound.has_value()) continue;
    int64_t used = 0;
    if (bound->used.has_value()) {
      used = bound->used->Whole();
    } else if (delta < 0) {
      continue;  // whoever counts first will not see it
    } else {
      // In force, and nobody has counted yet.
      CO_ASSIGN_OR_RETURN(used, co_await CountObjects(*options_.store, *options_.pool, ctx.definition, ctx.cluster.id,
                                                      whole_cluster ? std::string() : ns));
    }
    if (delta > 0) {
      if (std::string why = Exceeded(quota_name, CountName(resource), *bound, used); !why.empty())
        co_return api::Forbidden(resource, name, why);
    }
    SetUsed(resource, used + delta, &quota);
    ops.push_back({store::Op::Kind::kPut, key,
                   storage::EncodeForStore(*options_.resource_quotas, ctx.cluster.id, std::move(quota)),
                   store::Precondition::At(entry->modified)});
  }
  co_return ops;
}

// A quota is known before it is committed, whichever of its follower and the next write comes first. One that is
// refused or tried for show never is: the index grows with quotas, not with attempts.
void QuotaLedger::WillCreate(const registry::CallContext& ctx, std::string_view name) {
  if (ctx.definition->gr() == options_.resource_quotas->gr()) options_.index->Put(ctx.cluster.id, ctx.ns, name);
}

}  // namespace atoll::quota
