// QuotaLedger: counts an object in the transaction that makes or removes it.
//
// A creation commits together with the new status.used of each quota that bounds it, on condition that nobody has
// changed those quotas since they were read; who loses that race reads and judges again (registry/ledger.h). So
// however many create at once, a quota is never exceeded, and a count needs no repair after a crash.
#pragma once

#include <vector>

#include "common/loop/sync.h"
#include "common/store/store.h"
#include "shard/quota/index.h"
#include "shard/registry/ledger.h"
#include "shard/registry/registry.h"

namespace atoll::quota {

// Any loop. All outlive it.
class QuotaLedger final : public registry::Ledger {
 public:
  struct Options {
    store::Store* store = nullptr;
    BlockingPool* pool = nullptr;
    QuotaIndex* index = nullptr;
    registry::DefinitionPtr resource_quotas;
  };
  explicit QuotaLedger(Options options) : options_(std::move(options)) {}

  Task<absl::StatusOr<std::vector<store::Op>>> Charge(const registry::CallContext& ctx, std::string name,
                                                      int delta) override;
  void WillCreate(const registry::CallContext& ctx, std::string_view name) override;

 private:
  const Options options_;
};

}  // namespace atoll::quota
