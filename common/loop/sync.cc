#include "common/loop/sync.h"

#include <pthread.h>

#include <thread>
#include <vector>

#include "common/base/check.h"

namespace atoll {

void WakeUp::Set() {
  Loop* loop = Loop::Current();
  if (!waiter_ || loop == nullptr) {
    set_ = true;
    return;
  }
  if (posted_) return;
  posted_ = std::make_shared<WakeUp*>(this);
  loop->Post([posted = posted_] {
    if (*posted == nullptr) return;
    WakeUp& self = **posted;
    self.posted_.reset();
    std::exchange(self.waiter_, {}).resume();
  });
}

void WakeUp::Forget() {
  waiter_ = {};
  if (posted_) *posted_ = nullptr;
  posted_.reset();
}

// Counts a task from Spawn until its frame is gone, also when the loop stops before it started.
class TaskGroup::Member {
 public:
  explicit Member(TaskGroup* group) : group_(group) { ++group_->running_; }
  ~Member() {
    if (--group_->running_ == 0) group_->idle_.Set();
  }

 private:
  TaskGroup* group_;
};

TaskGroup::~TaskGroup() { CHECK(running_ == 0 || !loop_.Here()); }

void TaskGroup::Spawn(Task<void> task) { loop_.Spawn(Run(std::make_unique<Member>(this), std::move(task))); }

Task<void> TaskGroup::Run(std::unique_ptr<Member> member, Task<void> task) {
  // The task's own frame goes first: it may refer to what the group's owner destroys once the group is empty.
  Task<void> own = std::move(task);
  co_await std::move(own);
}

Task<void> TaskGroup::Join() {
  while (running_ > 0) co_await idle_.Wait();
}

void Cancellation::Cancel() {
  if (std::exchange(cancelled_, true)) return;
  while (!callbacks_.empty()) {
    auto fn = std::move(callbacks_.front().second);
    callbacks_.pop_front();
    fn();
  }
}

uint64_t Cancellation::OnCancel(std::function<void()> fn) {
  uint64_t id = next_id_++;
  if (cancelled_) {
    fn();
  } else {
    callbacks_.emplace_back(id, std::move(fn));
  }
  return id;
}

void Cancellation::Forget(uint64_t id) {
  for (auto it = callbacks_.begin(); it != callbacks_.end(); ++it) {
    if (it->first != id) continue;
    auto fn = std::move(it->second);
    callbacks_.erase(it);
    return;
  }
}

struct BlockingPool::Impl {
  size_t queue_max = 0;
  absl::Mutex mutex;
  std::deque<absl::AnyInvocable<void()>> queue ABSL_GUARDED_BY(mutex);
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  std::vector<std::thread> threads;

  bool Ready() const ABSL_SHARED_LOCKS_REQUIRED(mutex) { return stopping || !queue.empty(); }

  void Work() {
    while (true) {
      absl::AnyInvocable<void()> fn;
      {
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(this, &Impl::Ready));
        if (queue.empty()) return;
        fn = std::move(queue.front());
        queue.pop_front();
      }
      fn();
    }
  }
};

BlockingPool::BlockingPool(Options options) : impl_(std::make_unique<Impl>()) {
  CHECK(options.threads > 0);
  impl_->queue_max = options.queue_max;
  for (int i = 0; i < options.threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->Work(); });
    pthread_setname_np(impl_->threads.back().native_handle(), options.name.substr(0, 15).c_str());
  }
}

BlockingPool::~BlockingPool() {
  {
    absl::MutexLock lock(&impl_->mutex);
    impl_->stopping = true;
  }
  for (std::thread& t : impl_->threads) t.join();
}

bool BlockingPool::TrySubmit(absl::AnyInvocable<void()> fn) {
  absl::MutexLock lock(&impl_->mutex);
  if (impl_->stopping || impl_->queue.size() >= impl_->queue_max) return false;
  impl_->queue.push_back(std::move(fn));
  return true;
}

}  // namespace atoll
