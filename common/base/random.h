// The only source of randomness. SystemRandom is cryptographically strong; SeededRandom repeats itself for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"

namespace atoll {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(void* into, size_t size_bytes) = 0;

  uint64_t Uint64();
  // Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound);
  // RFC 9562 version 4, lower case.
  std::string Uuid();
  // `length` characters drawn uniformly from `alphabet`.
  std::string Characters(size_t length, std::string_view alphabet);
};

// Thread-safe; buffers per thread. Lives for the whole process.
Random& SystemRandom();

// Deterministic (splitmix64). Thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void Fill(void* into, size_t size_bytes) override;

 private:
  absl::Mutex mutex_;
  uint64_t state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll
