// Views of the store at a revision, and the few that are kept for continue tokens.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/store/kv/engine.h"
#include "common/store/store.h"

namespace atoll::store {

// An engine's view, decoded. Made by the sequencer right after a group is applied, so it shows exactly `revision`; all
// readers of that revision share it.
class StoreView final : public SnapshotView {
 public:
  StoreView(std::shared_ptr<const kv::View> view, Revision revision) : view_(std::move(view)), revision_(revision) {}

  Revision revision() const override { return revision_; }
  absl::StatusOr<std::optional<Entry>> Get(std::string_view key) const override;
  // As Get, but Unavailable instead of reading the disk.
  absl::StatusOr<std::optional<Entry>> GetCached(std::string_view key) const;
  absl::Status Scan(std::string_view begin, std::string_view end,
                    const std::function<bool(std::string_view, std::string_view, Revision)>& visit) const override;
  absl::Status ScanIndex(std::string_view begin, std::string_view end,
                         const std::function<bool(std::string_view)>& visit) const override;

  const kv::View& raw() const { return *view_; }

 private:
  const std::shared_ptr<const kv::View> view_;
  const Revision revision_;
};

// Thread-safe. Bounds: `count_max` views, each for `age_max` after it was last kept as the newest; the oldest goes
// first.
class KeptSnapshots {
 public:
  KeptSnapshots(size_t count_max, absl::Duration age_max, const Clock& clock)
      : count_max_(count_max), age_max_(age_max), clock_(clock) {}

  // Keeping a view again prolongs its life only with `newest`: else paging could hold old data for ever.
  void Keep(std::shared_ptr<const SnapshotView> view, bool newest);
  // Null when it is gone.
  std::shared_ptr<const SnapshotView> Find(Revision at);
  // Lets go what is too old. Called now and then, so that an idle store does not hold data.
  void Expire();
  size_t size() const;

 private:
  struct Kept {
    std::shared_ptr<const SnapshotView> view;
    absl::Duration since;
  };
  using Views = std::map<Revision, Kept>;
  // Moves what must go out of the map: views are released without the lock.
  Views TakeExpired() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t count_max_;
  const absl::Duration age_max_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  Views views_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::store
