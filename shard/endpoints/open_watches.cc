#include "shard/endpoints/open_watches.h"

#include <utility>
#include <vector>

#include "common/base/strings.h"

namespace atoll::endpoints {

std::string OpenWatches::KeyOf(const LogicalClusterId& cluster, const api::GroupResource& resource) {
  return Cat(cluster.name(), "/", resource.group, "/", resource.resource);
}

OpenWatches::Ticket::Ticket(OpenWatches* watches, registry::ObjectWatch* watch, const registry::CallContext& ctx)
    : watches_(watches),
      cluster_(ctx.view == nullptr ? ctx.cluster.id : ctx.view->decided_in),
      seat_(std::make_shared<Seat>(Seat{.loop = Loop::Current(), .watch = watch, .resource = ""})) {
  if (ctx.definition->shape != 0) seat_->resource = KeyOf(ctx.cluster.id, ctx.definition->gr());
  absl::MutexLock lock(&watches_->mutex_);
  id_ = watches_->next_id_++;
  watches_->seats_.emplace(id_, seat_);
  watches_->by_cluster_[cluster_].insert(id_);
}

OpenWatches::Ticket::~Ticket() {
  seat_->watch = nullptr;
  absl::MutexLock lock(&watches_->mutex_);
  watches_->seats_.erase(id_);
  auto at = watches_->by_cluster_.find(cluster_);
  at->second.erase(id_);
  if (at->second.empty()) watches_->by_cluster_.erase(at);
}

void OpenWatches::Recheck(const LogicalClusterId* cluster) {
  std::vector<std::shared_ptr<Ticket::Seat>> seats;
  {
    absl::MutexLock lock(&mutex_);
    if (cluster == nullptr) {
      for (const auto& [id, seat] : seats_) seats.push_back(seat);
    } else if (auto at = by_cluster_.find(*cluster); at != by_cluster_.end()) {
      for (const uint64_t id : at->second) seats.push_back(seats_.at(id));
    }
  }
  for (auto& seat : seats) {
    Loop* loop = seat->loop;
    loop->Post([seat = std::move(seat)] {
      seat->recheck = true;
      if (seat->watch != nullptr) seat->watch->Wake();
    });
  }
}

void OpenWatches::Drain() {
  draining_.store(true, std::memory_order_release);
  std::vector<std::shared_ptr<Ticket::Seat>> seats;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, seat] : seats_) seats.push_back(seat);
  }
  for (auto& seat : seats) {
    Loop* loop = seat->loop;
    loop->Post([seat = std::move(seat)] {
      if (seat->watch != nullptr) seat->watch->Wake();
    });
  }
}

void OpenWatches::End(const LogicalClusterId& cluster, const api::GroupResource& resource) {
  const std::string key = KeyOf(cluster, resource);
  std::vector<std::shared_ptr<Ticket::Seat>> seats;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, seat] : seats_) {
      if (seat->resource == key) seats.push_back(seat);
    }
  }
  EndAll(std::move(seats));
}

void OpenWatches::EndWildcards() {
  std::vector<std::shared_ptr<Ticket::Seat>> seats;
  {
    absl::MutexLock lock(&mutex_);
    // They have no cluster of their own.
    if (auto at = by_cluster_.find(LogicalClusterId()); at != by_cluster_.end()) {
      for (const uint64_t id : at->second) seats.push_back(seats_.at(id));
    }
  }
  EndAll(std::move(seats));
}

void OpenWatches::EndAll(std::vector<std::shared_ptr<Ticket::Seat>> seats) {
  for (auto& seat : seats) {
    Loop* loop = seat->loop;
    loop->Post([seat = std::move(seat)] {
      seat->ended = true;
      if (seat->watch != nullptr) seat->watch->Wake();
    });
  }
}

size_t OpenWatches::size() const {
  absl::MutexLock lock(&mutex_);
  return seats_.size();
}

}  // namespace atoll::endpoints
