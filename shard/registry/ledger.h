// Ledger: what is counted along with the objects, in the very transactions that make and remove them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/loop/task.h"
#include "common/store/types.h"
#include "shard/registry/registry.h"

namespace atoll::registry {

class Ledger {
 public:
  virtual ~Ledger() = default;
  // The operations to commit together with the creation (`delta` 1) or the removal (-1) of the object `name` that `ctx`
  // is about; none for nearly all. Called last before the commit, for a dry run as well (its answer is then dropped).
  // When a precondition of one of them fails, the registry asks again. Errors refuse the write. Any loop.
  virtual Task<absl::StatusOr<std::vector<store::Op>>> Charge(const CallContext& ctx, std::string name, int delta) = 0;
  // The object `name` that Charge let pass is about to be committed; not called for a dry run. Any loop; never blocks.
  virtual void WillCreate(const CallContext& ctx, std::string_view name) = 0;
};

}  // namespace atoll::registry
