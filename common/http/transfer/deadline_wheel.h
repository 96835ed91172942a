// DeadlineWheel: coarse deadlines for any number of connections on one loop timer, which runs only while there are
// members. A member that is active just notes now() and computes its real deadline when asked, so a request costs no
// timer operation. Loop-owned.
#pragma once

#include <array>
#include <cstdint>

#include "absl/time/time.h"
#include "common/loop/loop.h"

namespace atoll::http {

class DeadlineWheel {
 public:
  using Ticks = uint64_t;

  // Something that looks at its deadlines now and then. Leaves the wheel on destruction.
  class Member {
   public:
    Member() = default;
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    virtual ~Member() { Unlink(); }
    // Its time has come. It is out of the wheel and may be scheduled again, or destroyed.
    virtual void OnDue() = 0;
    // Leaves the wheel, for who must be out before its destructor ends.
    void Unlink();

   private:
    friend class DeadlineWheel;
    Member* next_ = nullptr;
    Member* previous_ = nullptr;
    Ticks due_ = 0;
    DeadlineWheel* wheel_ = nullptr;
  };

  DeadlineWheel(Loop& loop, absl::Duration tick);
  ~DeadlineWheel();  // REQUIRES: no members.

  Ticks now() const { return now_; }
  // At least one; InfiniteDuration gives kNever.
  Ticks FromDuration(absl::Duration d) const;
  static constexpr Ticks kNever = uint64_t{1} << 62;
  // Moves the member to `due` (at least the next tick).
  void Schedule(Member& member, Ticks due);

 private:
  static constexpr size_t kSlots = 64;
  struct List final : Member {
    List() { Clear(); }
    void Clear();
    bool empty() const;
    void OnDue() override {}
  };
  static void Link(List& list, Member& member);
  void Arm();
  void Tick();

  Loop& loop_;
  const absl::Duration tick_;
  std::array<List, kSlots> slots_;
  Ticks now_ = 1;
  size_t members_ = 0;
  bool armed_ = false;
  Loop::TimerId timer_ = 0;
};

}  // namespace atoll::http
