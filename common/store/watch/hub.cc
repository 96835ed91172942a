#include "common/store/watch/hub.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/strings.h"

namespace atoll::store {

Hub::Hub(Loop& loop, Ring ring, size_t mailbox_bytes_max)
    : loop_(loop), mailbox_bytes_max_(mailbox_bytes_max), ring_(std::move(ring)) {}

void Hub::Deliver(EventGroupPtr group) {
  absl::MutexLock lock(&mutex_);
  mail_.bytes += group->bytes;
  mail_.groups.push_back(std::move(group));
  if (mail_.bytes > mailbox_bytes_max_ && mail_.groups.size() > 1) {
    // The loop has not run for long. What is dropped here would have left its ring anyway.
    mail_.dropped_through = mail_.groups[mail_.groups.size() - 2]->last;
    mail_.groups.erase(mail_.groups.begin(), mail_.groups.end() - 1);
    mail_.bytes = mail_.groups.front()->bytes;
  }
  PostDrain();
}

void Hub::Stop() {
  absl::MutexLock lock(&mutex_);
  mail_.stop = true;
  PostDrain();
}

void Hub::PostDrain() {
  if (std::exchange(posted_, true)) return;
  loop_.Post([self = shared_from_this()] { self->Drain(); });
}

void Hub::Drain() {
  loop_.AssertHere();
  Mail mail;
  {
    absl::MutexLock lock(&mutex_);
    mail = std::exchange(mail_, {});
    posted_ = false;
  }
  if (mail.dropped_through.value != 0) {
    const Revision first{ring_.last().value + 1};
    ring_.Reset(mail.dropped_through);
    LookAgain(first);
  }
  for (EventGroupPtr& group : mail.groups) {
    ring_.Append(group);
    Dispatch(*group);
  }
  if (mail.stop) {
    stopped_ = true;
    LookAgain({});
  }
  WakeWaiters();
}

// An event concerns the cursors of each scope that is a prefix of its key ending at a component's terminator.
void Hub::Dispatch(const EventGroup& group) {
  if (by_scope_.empty()) return;
  for (const EventPtr& event : group.events) {
    const std::string_view key = event->key;
    Notify({}, event->revision);
    for (size_t end = key.find('\0'); end != std::string_view::npos; end = key.find('\0', end + 1)) {
      Notify(key.substr(0, end + 1), event->revision);
    }
  }
}

void Hub::Notify(std::string_view scope, Revision revision) {
  const auto it = by_scope_.find(ToAbsl(scope));
  if (it == by_scope_.end()) return;
  for (Cursor* cursor : it->second) {
    if (cursor->scan_from.value != 0 || revision <= cursor->position) continue;
    cursor->scan_from = revision;
    cursor->wake.Set();
  }
}

// Wakes every cursor; with `first`, those that wait must look at everything from there on.
void Hub::LookAgain(Revision first) {
  for (auto& [scope, cursors] : by_scope_) {
    for (Cursor* cursor : cursors) {
      if (first.value != 0 && cursor->scan_from.value == 0) {
        const bool last = cursor->position.value == UINT64_MAX;
        cursor->scan_from = std::max(first, Revision{cursor->position.value + (last ? 0 : 1)});
      }
      cursor->wake.Set();
    }
  }
}

void Hub::WakeWaiters() {
  for (auto it = waiters_.begin(); it != waiters_.end() && (stopped_ || it->first <= seen()); ++it) it->second->Set();
}

void Hub::Add(Cursor* cursor) { by_scope_[cursor->scope].push_back(cursor); }

void Hub::Remove(Cursor* cursor) {
  const auto it = by_scope_.find(cursor->scope);
  CHECK(it != by_scope_.end());
  auto& cursors = it->second;
  const auto at = std::find(cursors.begin(), cursors.end(), cursor);
  CHECK(at != cursors.end());
  *at = cursors.back();
  cursors.pop_back();
  if (cursors.empty()) by_scope_.erase(it);
}

}  // namespace atoll::store
