#include "shard/registry/object_watch.h"

#include <algorithm>
#include <utility>

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/registry/list_reader.h"
#include "shard/registry/registry_impl.h"

namespace atoll::registry {

namespace {

class Watcher final : public ObjectWatch {
 public:
  Watcher(WatchPlan plan, store::Store* store, BlockingPool* pool)
      : plan_(std::move(plan)), store_(*store), pool_(pool) {
    if (!plan_.initial_events && plan_.after <= store_.current()) Start(plan_.after);
  }

  Task<absl::StatusOr<std::vector<WatchEvent>>> Next(absl::Duration timeout) override {
    if (follower_ == nullptr) {
      CO_RETURN_IF_ERROR(co_await AwaitRevision(&store_, plan_.at_least));
      if (!plan_.initial_events) {
        Start(plan_.after);
      } else {
        CO_ASSIGN_OR_RETURN(std::vector<WatchEvent> events, co_await NextInitial());
        if (!events.empty()) co_return events;
      }
    }
    auto batch = co_await follower_->Next(timeout);
    if (!batch.ok()) {
      if (!absl::IsOutOfRange(batch.status())) co_return CommitError(batch.status());
      const uint64_t oldest = store_.oldest_in_log().value;
      co_return api::Expired(
          StrCat("too old resource version: ", through_.value, " (", oldest > 0 ? oldest - 1 : 0, ")"));
    }
    std::vector<WatchEvent> events;
    events.reserve(batch->events.size());
    for (const store::EventPtr& event : batch->events) Judge(*event, &events);
    through_ = std::max(through_, batch->through);
    co_return events;
  }

  store::Revision through() const override { return through_; }
  void Wake() override {
    if (follower_ != nullptr) follower_->Wake();
  }

 private:
  void Start(store::Revision after) {
    through_ = after;
    follower_ = store_.Follow(plan_.scope, after);
  }

  // The next objects of the snapshot; at its end the marker, if one is wanted, and the follower stands.
  Task<absl::StatusOr<std::vector<WatchEvent>>> NextInitial() {
    if (reader_ == nullptr) {
      ListPlan list;
      list.definition = plan_.definition;
      list.selection = plan_.selection;
      list.scope = plan_.scope;
      list.view = store_.Snapshot();
      reader_ = NewListReader(std::move(list), &store_, pool_);
    }
    CO_ASSIGN_OR_RETURN(std::vector<storage::StoredObject> objects, co_await reader_->Next());
    std::vector<WatchEvent> events;
    for (storage::StoredObject& object : objects) {
      const store::Revision revision = object.modified();
      events.push_back({WatchEvent::Type::kAdded, std::move(object), revision});
    }
    if (events.empty()) {
      const store::Revision snapshot = reader_->revision();
      reader_.reset();
      Start(snapshot);
      if (plan_.mark_end) events.push_back({WatchEvent::Type::kBookmark, {}, snapshot, true});
    }
    co_return events;
  }

  bool Matches(std::string_view key, std::string_view value) const {
    return plan_.selection.Matches(*plan_.definition, key, value);
  }

  void Judge(const store::Event& event, std::vector<WatchEvent>* events) const {
    using Type = WatchEvent::Type;
    const auto emit = [&](Type type, const std::string& value) {
      events->push_back(
          {type, storage::StoredObject::InVersion(*plan_.definition, value, event.revision), event.revision});
    };
    const bool now = Matches(event.key, event.value);
    switch (event.kind) {
      case store::Event::Kind::kCreated:
        if (now) emit(Type::kAdded, event.value);
        break;
      case store::Event::Kind::kDeleted:
        if (now) emit(Type::kDeleted, event.value);
        break;
      case store::Event::Kind::kUpdated: {
        // Without a previous value nothing changed that a selector can see.
        const bool before = event.previous.has_value() ? Matches(event.key, *event.previous) : now;
        if (now) {
          emit(before ? Type::kModified : Type::kAdded, event.value);
        } else if (before) {
          emit(Type::kDeleted, event.previous.has_value() ? *event.previous : event.value);
        }
        break;
      }
    }
  }

  const WatchPlan plan_;
  store::Store& store_;
  BlockingPool* const pool_;
  std::unique_ptr<ListReader> reader_;         // while initial events are read
  std::unique_ptr<store::Follower> follower_;  // afterwards
  store::Revision through_;
};

}  // namespace

std::unique_ptr<ObjectWatch> NewObjectWatch(WatchPlan plan, store::Store* store, BlockingPool* pool) {
  return std::make_unique<Watcher>(std::move(plan), store, pool);
}

}  // namespace atoll::registry
