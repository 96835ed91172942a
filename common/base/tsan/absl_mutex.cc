// Teaches ThreadSanitizer about Abseil's locks. Built and linked into tsan builds only (CMakeLists.txt beside).
//
// The packaged Abseil is a shared library compiled without TSan: its Mutex is an atomic word and a futex, so what it
// orders looks like a race. The linker sends our calls (--wrap) through here, where each is announced with TSan's own
// annotations. Between a "pre" and its "post" TSan ignores memory accesses, which covers Conditions, that any thread
// may evaluate inside Unlock.
#include <sanitizer/tsan_interface.h>

#include <type_traits>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

// `mangled` holds the packaged library's inline namespace.
#define WRAPPED(result, name, mangled, ...)                          \
  extern "C" result real_##name(__VA_ARGS__) asm("__real_" mangled); \
  extern "C" result wrap_##name(__VA_ARGS__) asm("__wrap_" mangled); \
  extern "C" result wrap_##name(__VA_ARGS__)

namespace {

constexpr unsigned kWrite = __tsan_mutex_linker_init;
constexpr unsigned kRead = __tsan_mutex_linker_init | __tsan_mutex_read_lock;

// Runs `lock`, which acquires `mutex` before it returns.
template <class F>
auto Acquire(void* mutex, unsigned flags, F lock) {
  __tsan_mutex_pre_lock(mutex, flags);
  if constexpr (std::is_void_v<decltype(lock())>) {
    lock();
    __tsan_mutex_post_lock(mutex, flags, 0);
  } else {
    auto result = lock();
    __tsan_mutex_post_lock(mutex, flags, 0);
    return result;
  }
}

bool TryAcquire(void* mutex, unsigned flags, bool (*try_lock)(void*)) {
  flags |= __tsan_mutex_try_lock;
  __tsan_mutex_pre_lock(mutex, flags);
  bool locked = try_lock(mutex);
  __tsan_mutex_post_lock(mutex, locked ? flags : flags | __tsan_mutex_try_lock_failed, 0);
  return locked;
}

template <class F>
void Release(void* mutex, unsigned flags, F unlock) {
  __tsan_mutex_pre_unlock(mutex, flags);
  unlock();
  __tsan_mutex_post_unlock(mutex, flags);
}

// Runs `wait`, which releases `mutex` meanwhile. Awaiting readers do not occur in our code.
template <class F>
auto Reacquire(void* mutex, F wait) {
  Release(mutex, kWrite, [] {});
  return Acquire(mutex, kWrite, wait);
}

}  // namespace

WRAPPED(void, lock, "_ZN4absl7debian35Mutex4LockEv", void* m) {
  Acquire(m, kWrite, [m] { real_lock(m); });
}
WRAPPED(void, unlock, "_ZN4absl7debian35Mutex6UnlockEv", void* m) {
  Release(m, kWrite, [m] { real_unlock(m); });
}
WRAPPED(bool, try_lock, "_ZN4absl7debian35Mutex7TryLockEv", void* m) { return TryAcquire(m, kWrite, real_try_lock); }
WRAPPED(void, reader_lock, "_ZN4absl7debian35Mutex10ReaderLockEv", void* m) {
  Acquire(m, kRead, [m] { real_reader_lock(m); });
}
WRAPPED(void, reader_unlock, "_ZN4absl7debian35Mutex12ReaderUnlockEv", void* m) {
  Release(m, kRead, [m] { real_reader_unlock(m); });
}
WRAPPED(bool, reader_try_lock, "_ZN4absl7debian35Mutex13ReaderTryLockEv", void* m) {
  return TryAcquire(m, kRead, real_reader_try_lock);
}
WRAPPED(void, lock_when, "_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE", void* m, const absl::Condition& c) {
  Acquire(m, kWrite, [m, &c] { real_lock_when(m, c); });
}
WRAPPED(void, await, "_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE", void* m, const absl::Condition& c) {
  Reacquire(m, [m, &c] { real_await(m, c); });
}
WRAPPED(bool, await_timeout, "_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", void* m,
        const absl::Condition& c, absl::Duration d) {
  return Reacquire(m, [m, &c, d] { return real_await_timeout(m, c, d); });
}
WRAPPED(bool, await_deadline, "_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE", void* m,
        const absl::Condition& c, absl::Time t) {
  return Reacquire(m, [m, &c, t] { return real_await_deadline(m, c, t); });
}
WRAPPED(void, cv_wait, "_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE", void* cv, void* m) {
  Reacquire(m, [cv, m] { real_cv_wait(cv, m); });
}
WRAPPED(bool, cv_wait_timeout, "_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE", void* cv,
        void* m, absl::Duration d) {
  return Reacquire(m, [cv, m, d] { return real_cv_wait_timeout(cv, m, d); });
}
WRAPPED(bool, cv_wait_deadline, "_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE", void* cv, void* m,
        absl::Time t) {
  return Reacquire(m, [cv, m, t] { return real_cv_wait_deadline(cv, m, t); });
}

// One-way signals: what precedes Notify happens before what follows Wait.
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);

WRAPPED(void, notify, "_ZN4absl7debian312Notification6NotifyEv", void* n) {
  __tsan_release(n);
  real_notify(n);
}
WRAPPED(void, notification_wait, "_ZNK4absl7debian312Notification19WaitForNotificationEv", void* n) {
  real_notification_wait(n);
  __tsan_acquire(n);
}
WRAPPED(bool, notification_wait_timeout,
        "_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE", void* n, absl::Duration d) {
  bool notified = real_notification_wait_timeout(n, d);
  if (notified) __tsan_acquire(n);
  return notified;
}
WRAPPED(bool, counter_decrement, "_ZN4absl7debian315BlockingCounter14DecrementCountEv", void* c) {
  __tsan_release(c);
  return real_counter_decrement(c);
}
WRAPPED(void, counter_wait, "_ZN4absl7debian315BlockingCounter4WaitEv", void* c) {
  real_counter_wait(c);
  __tsan_acquire(c);
}
