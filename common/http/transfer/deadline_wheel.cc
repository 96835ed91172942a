#include "common/http/transfer/deadline_wheel.h"

#include <algorithm>

namespace atoll::http {

void DeadlineWheel::List::Clear() { next_ = previous_ = this; }
bool DeadlineWheel::List::empty() const { return next_ == this; }

void DeadlineWheel::Member::Unlink() {
  if (wheel_ == nullptr) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  --wheel_->members_;
  wheel_ = nullptr;
}

DeadlineWheel::DeadlineWheel(Loop& loop, absl::Duration tick) : loop_(loop), tick_(tick) {}

DeadlineWheel::~DeadlineWheel() {
  CHECK(members_ == 0);
  if (armed_ && loop_.Here()) loop_.Cancel(timer_);
}

DeadlineWheel::Ticks DeadlineWheel::FromDuration(absl::Duration d) const {
  if (d == absl::InfiniteDuration()) return kNever;
  absl::Duration rest;
  int64_t whole = absl::IDivDuration(d, tick_, &rest);
  return static_cast<Ticks>(std::clamp<int64_t>(whole + (rest > absl::ZeroDuration() ? 1 : 0), 1, int64_t{1} << 61));
}

void DeadlineWheel::Link(List& list, Member& member) {
  Member& head = list;
  member.next_ = &head;
  member.previous_ = head.previous_;
  head.previous_->next_ = &member;
  head.previous_ = &member;
}

void DeadlineWheel::Schedule(Member& member, Ticks due) {
  member.Unlink();
  member.due_ = std::max(due, now_ + 1);
  member.wheel_ = this;
  ++members_;
  Link(slots_[member.due_ % kSlots], member);
  Arm();
}

void DeadlineWheel::Arm() {
  if (armed_) return;
  armed_ = true;
  timer_ = loop_.After(tick_, [this] {
    armed_ = false;
    Tick();
  });
}

void DeadlineWheel::Tick() {
  ++now_;
  // Those of later rounds go back to the slot; the due ones are called after that, since they may do anything to the
  // lists.
  List due;
  List& slot = slots_[now_ % kSlots];
  Member* m = slot.next_;
  while (m != &slot) {
    Member* next = m->next_;
    if (m->due_ <= now_) {
      m->previous_->next_ = m->next_;
      m->next_->previous_ = m->previous_;
      Link(due, *m);
    }
    m = next;
  }
  while (!due.empty()) {
    Member* member = due.next_;
    member->Unlink();
    member->OnDue();
  }
  if (members_ > 0) Arm();
}

}  // namespace atoll::http
