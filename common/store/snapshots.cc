#include "common/store/snapshots.h"

#include <utility>

#include "common/base/status.h"
#include "common/store/format.h"

namespace atoll::store {
namespace {

absl::StatusOr<std::optional<Entry>> Decode(std::string_view key, absl::StatusOr<std::optional<std::string>> record) {
  if (!record.ok()) return std::move(record).status();
  if (!record->has_value()) return std::optional<Entry>();
  ASSIGN_OR_RETURN(Entry entry, format::TakeEntry(key, **std::move(record)));
  return std::optional<Entry>(std::move(entry));
}

}  // namespace

absl::StatusOr<std::optional<Entry>> StoreView::Get(std::string_view key) const {
  return Decode(key, view_->Get(kv::Space::kObjects, key));
}

absl::StatusOr<std::optional<Entry>> StoreView::GetCached(std::string_view key) const {
  return Decode(key, view_->GetCached(kv::Space::kObjects, key));
}

absl::Status StoreView::Scan(std::string_view begin, std::string_view end,
                             const std::function<bool(std::string_view, std::string_view, Revision)>& visit) const {
  absl::Status damaged;
  RETURN_IF_ERROR(view_->Scan(kv::Space::kObjects, begin, end, [&](std::string_view key, std::string_view record) {
    const auto object = format::DecodeObject(key, record);
    if (!object.ok()) {
      damaged = object.status();
      return false;
    }
    return visit(key, object->value, object->modified);
  }));
  return damaged;
}

absl::Status StoreView::ScanIndex(std::string_view begin, std::string_view end,
                                  const std::function<bool(std::string_view)>& visit) const {
  return view_->Scan(kv::Space::kIndex, begin, end, [&](std::string_view key, std::string_view) { return visit(key); });
}

void KeptSnapshots::Keep(std::shared_ptr<const SnapshotView> view, bool newest) {
  Views gone;
  absl::MutexLock lock(&mutex_);
  const Revision revision = view->revision();
  const auto [it, added] = views_.try_emplace(revision, Kept{std::move(view), clock_.Monotonic()});
  if (!added && newest) it->second.since = clock_.Monotonic();
  gone = TakeExpired();
}

std::shared_ptr<const SnapshotView> KeptSnapshots::Find(Revision at) {
  Views gone;
  absl::MutexLock lock(&mutex_);
  gone = TakeExpired();
  const auto it = views_.find(at);
  return it == views_.end() ? nullptr : it->second.view;
}

void KeptSnapshots::Expire() {
  Views gone;
  absl::MutexLock lock(&mutex_);
  gone = TakeExpired();
}

size_t KeptSnapshots::size() const {
  absl::MutexLock lock(&mutex_);
  return views_.size();
}

KeptSnapshots::Views KeptSnapshots::TakeExpired() {
  Views gone;
  const absl::Duration now = clock_.Monotonic();
  // `since` rises with the revision: only the newest view of its time is prolonged.
  while (!views_.empty() && (views_.size() > count_max_ || now - views_.begin()->second.since > age_max_)) {
    gone.insert(views_.extract(views_.begin()));
  }
  return gone;
}

}  // namespace atoll::store
