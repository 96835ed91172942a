#include "shard/endpoints/open_watches.h"

#include <utility>
#include <vector>

#include "common/base/strings.h"

namespace atoll::endpoints {

std::string OpenWatches::KeyOf(const LogicalClusterId& cluster, const api::GroupResource& resource) {
  return Cat(cluster.name(), "/", resource.group, "/", resource.resource);
}

OpenWatches::Ticket::Ticket(OpenWatches* watches, registry::ObjectWatch* watch, const registry::CallContext& ctx)
    : watches_(watches), seat_(std::make_shared<Seat>(Seat{Loop::Current(), watch, {}})) {
  if (ctx.definition->shape != 0) seat_->resource = KeyOf(ctx.cluster.id, ctx.definition->gr());
  absl::MutexLock lock(&watches_->mutex_);
  id_ = watches_->next_id_++;
  watches_->seats_.emplace(id_, seat_);
}

OpenWatches::Ticket::~Ticket() {
  seat_->watch = nullptr;
  absl::MutexLock lock(&watches_->mutex_);
  watches_->seats_.erase(id_);
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
