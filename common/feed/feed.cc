#include "common/feed/feed.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"

namespace atoll::feed {
namespace {

struct Page {
  absl::Status status;
  std::vector<Change> changes;
  std::string next;  // where the next page begins; empty at the scope's end
};

// Blocking.
Page ReadPage(const store::SnapshotView& view, const std::string& begin, const std::string& end, size_t items_max,
              size_t bytes_max) {
  Page page;
  size_t bytes = 0;
  page.status = view.Scan(begin, end, [&](std::string_view key, std::string_view value, store::Revision modified) {
    if (page.changes.size() >= items_max || bytes >= bytes_max) {
      page.next = std::string(key);
      return false;
    }
    bytes += key.size() + value.size();
    page.changes.push_back({.kind = Change::Kind::kState,
                            .key = std::string(key),
                            .value = std::string(value),
                            .previous = {},
                            .revision = modified});
    return true;
  });
  return page;
}

Change FromEvent(const store::Event& event) {
  Change out{.kind = Change::Kind::kCreated,
             .key = event.key,
             .value = event.value,
             .previous = event.previous,
             .revision = event.revision};
  if (event.kind == store::Event::Kind::kUpdated) out.kind = Change::Kind::kUpdated;
  if (event.kind == store::Event::Kind::kDeleted) out.kind = Change::Kind::kDeleted;
  return out;
}

}  // namespace

struct Feed::Impl {
  // One scope's cursor, moved by its own task. Filled by the task, emptied by Next, which lets the task go on.
  struct Cursor {
    std::string scope;
    std::unique_ptr<store::Follower> follower;
    std::vector<store::EventPtr> events;
    store::Revision through;
    absl::Status status;
    bool answered = false;  // since it was last emptied
    bool ended = false;
    WakeUp emptied;
  };

  Impl(store::Store* store, BlockingPool* pool, Options options)
      : store(store), pool(pool), options(std::move(options)), loop(*Loop::Current()), tasks(loop) {}

  store::Store* const store;
  BlockingPool* const pool;
  const Options options;
  Loop& loop;
  bool stopping = false, woken = false, started = false;
  bool reset = false;  // the next batch says so
  // Scanning.
  std::shared_ptr<const store::SnapshotView> view;
  size_t scan_scope = 0;
  std::string scan_begin;
  // Following.
  std::vector<std::unique_ptr<Cursor>> cursors;
  WakeUp wake;
  TaskGroup tasks;

  void StartScan() {
    view = store->Snapshot();
    scan_scope = 0;
    scan_begin.clear();
    reset = true;
  }

  void StartFollowing(store::Revision after) {
    view.reset();
    for (const std::string& scope : options.scopes) {
      auto cursor = std::make_unique<Cursor>();
      cursor->scope = scope;
      cursor->through = after;
      cursor->follower = store->Follow(scope, after);
      tasks.Spawn(RunCursor(cursor.get()));
      cursors.push_back(std::move(cursor));
    }
  }

  Task<void> StopFollowing() {
    for (auto& cursor : cursors) {
      cursor->ended = true;
      cursor->follower->Wake();
      cursor->emptied.Set();
    }
    co_await tasks.Join();
    cursors.clear();
  }

  Task<void> RunCursor(Cursor* cursor) {
    while (!cursor->ended) {
      auto batch =
          co_await cursor->follower->Next(absl::InfiniteDuration(), options.page_items_max, options.page_bytes_max);
      if (cursor->ended) co_return;
      if (batch.ok()) {
        cursor->events = std::move(batch->events);
        cursor->through = batch->through;
      } else {
        cursor->status = batch.status();
      }
      cursor->answered = true;
      wake.Set();
      if (!batch.ok()) co_return;
      while (cursor->answered && !cursor->ended) co_await cursor->emptied.Wait();
    }
  }

  Task<absl::StatusOr<Batch>> ScanPage() {
    std::string end = store::ScopeEnd(options.scopes[scan_scope]);
    auto read = [view = view, begin = scan_begin.empty() ? options.scopes[scan_scope] : scan_begin,
                 end = std::move(end), items_max = options.page_items_max,
                 bytes_max = options.page_bytes_max]() mutable {
      Page page = ReadPage(*view, begin, end, items_max, bytes_max);
      view.reset();  // before the answer: a store that closes then finds its files closed
      return page;
    };
    Page page;
    if (pool == nullptr) {
      page = read();
    } else {
      CO_ASSIGN_OR_RETURN(page, co_await pool->Run(std::move(read)));
    }
    CO_RETURN_IF_ERROR(page.status);
    if (stopping) co_return absl::CancelledError("the feed is stopping");
    Batch out;
    out.reset = std::exchange(reset, false);
    out.changes = std::move(page.changes);
    scan_begin = std::move(page.next);
    if (scan_begin.empty()) ++scan_scope;
    if (scan_scope == options.scopes.size()) {
      out.synced = true;
      out.through = view->revision();
      StartFollowing(out.through);
    }
    co_return out;
  }

  // The first one that says why; OutOfRange last, because it is curable.
  absl::Status CursorsStatus() const {
    absl::Status trimmed;
    for (const auto& cursor : cursors) {
      if (absl::IsOutOfRange(cursor->status)) {
        trimmed = cursor->status;
      } else if (!cursor->status.ok()) {
        return cursor->status;
      }
    }
    return trimmed;
  }

  // Waits until each cursor has answered once more, so that the smallest of their positions is recent.
  Task<void> Gather() {
    for (auto& cursor : cursors) {
      if (!cursor->answered) cursor->follower->Wake();
    }
    while (!stopping && !std::all_of(cursors.begin(), cursors.end(), [](const auto& c) { return c->answered; }))
      co_await wake.Wait();
  }

  Batch TakeGathered() {
    Batch out;
    out.through = cursors.front()->through;
    for (auto& cursor : cursors) {
      out.through = std::min(out.through, cursor->through);
      for (const store::EventPtr& event : cursor->events) out.changes.push_back(FromEvent(*event));
      cursor->events.clear();
      cursor->answered = false;
      cursor->emptied.Set();
    }
    std::stable_sort(out.changes.begin(), out.changes.end(),
                     [](const Change& a, const Change& b) { return a.revision < b.revision; });
    return out;
  }

  Task<absl::StatusOr<Batch>> Next(absl::Duration timeout) {
    if (stopping) co_return absl::CancelledError("the feed is stopping");
    if (!std::exchange(started, true)) {
      if (options.resume && options.resume->store_id == store->id() && options.resume->through <= store->current()) {
        StartFollowing(options.resume->through);
      } else {
        StartScan();
      }
    }
    if (view != nullptr) {
      auto page = co_await ScanPage();
      co_return page;
    }
    bool due = false;
    std::optional<Loop::TimerId> timer;
    if (timeout != absl::InfiniteDuration()) {
      timer = loop.After(timeout, [this, &due] {
        due = true;
        wake.Set();
      });
    }
    while (!due && !woken && !stopping &&
           std::none_of(cursors.begin(), cursors.end(), [](const auto& c) { return c->answered; })) {
      co_await wake.Wait();
    }
    if (timer && !due) loop.Cancel(*timer);
    woken = false;
    co_await Gather();
    if (stopping) co_return absl::CancelledError("the feed is stopping");
    absl::Status status = CursorsStatus();
    if (absl::IsOutOfRange(status)) {
      co_await StopFollowing();
      StartScan();
      auto page = co_await ScanPage();
      co_return page;
    }
    CO_RETURN_IF_ERROR(status);
    co_return TakeGathered();
  }
};

Feed::Feed(store::Store* store, BlockingPool* pool, Options options)
    : impl_(std::make_shared<Impl>(store, pool, std::move(options))) {
  ATOLL_CHECK(!impl_->options.scopes.empty());
}
Feed::~Feed() = default;

Task<absl::StatusOr<Batch>> Feed::Next(absl::Duration timeout) {
  auto impl = impl_;
  auto batch = co_await impl->Next(timeout);
  co_return batch;
}

void Feed::Wake() {
  impl_->woken = true;
  impl_->wake.Set();
}

Task<void> Feed::Stop() {
  auto impl = impl_;
  impl->stopping = true;
  impl->wake.Set();
  co_await impl->StopFollowing();
  impl->view.reset();
}

}  // namespace atoll::feed
