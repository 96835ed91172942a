// Arena: the memory of one evaluation. Bump allocation in blocks that are kept for the next evaluation.
//
// Everything a Value points to that is neither input nor program lives here, until Reset(). Bound: `bytes_max`; beyond
// it allocations return nullptr and the evaluation ends in an error. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace atoll::cel {

class Opaque;

class Arena {
 public:
  static constexpr size_t kBytesMaxDefault = 64 << 20;

  explicit Arena(size_t bytes_max = kBytesMaxDefault) : bytes_max_(bytes_max) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  // Aligned to 8; nullptr beyond the bound, and then exhausted() is true.
  void* Allocate(size_t bytes) {
    bytes = (bytes + 7) & ~size_t{7};
    if (bytes <= static_cast<size_t>(end_ - at_)) [[likely]] {
      void* p = at_;
      at_ += bytes;
      return p;
    }
    return AllocateSlowly(bytes);
  }
  // T must be trivially destructible. nullptr beyond the bound.
  template <class T, class... Args>
  T* Make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    void* p = Allocate(sizeof(T));
    return p == nullptr ? nullptr : new (p) T{std::forward<Args>(args)...};
  }
  template <class T>
  T* MakeArray(size_t n) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (n > bytes_max_ / sizeof(T)) {
      exhausted_ = true;
      return nullptr;
    }
    return static_cast<T*>(Allocate(n * sizeof(T)));
  }
  // A copy of `s`; empty beyond the bound.
  std::string_view Copy(std::string_view s);
  // Kept until Reset().
  const Opaque* Own(std::unique_ptr<const Opaque> object);

  // Indexes of large objects of the input, kept in this arena until Reset(). nullptr when there is none.
  const uint32_t* FindIndex(const void* object) const {
    const auto at = indexes_.find(object);
    return at == indexes_.end() ? nullptr : at->second;
  }
  void KeepIndex(const void* object, const uint32_t* index) { indexes_[object] = index; }

  bool exhausted() const { return exhausted_; }
  // Forgets everything; keeps the first block.
  void Reset();

 private:
  void* AllocateSlowly(size_t bytes);

  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  const size_t bytes_max_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  size_t used_ = 0;  // of full blocks
  bool exhausted_ = false;
  std::vector<Block> blocks_;
  std::vector<std::unique_ptr<const Opaque>> owned_;
  absl::flat_hash_map<const void*, const uint32_t*> indexes_;
};

}  // namespace atoll::cel
