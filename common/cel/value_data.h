// What lists and maps made by expressions are in the arena. For .cc files of this folder.
#pragma once

#include <cstdint>

#include "common/cel/value.h"

namespace atoll::cel {

struct ListData {
  const Value* items;
  int64_t size;
};

// Two lists behind each other.
struct ConcatData {
  Value left, right;
  int64_t size;
};

// Entries in order of insertion. Above kLinearMax of them `index` holds entry numbers + 1, by hash, 0 where free; its
// size is a power of two, at least twice the entries.
struct MapData {
  static constexpr uint32_t kLinearMax = 8;

  Value* keys = nullptr;
  Value* values = nullptr;
  uint32_t* index = nullptr;
  uint32_t size = 0, capacity = 0, index_size = 0;

  // The entry, or -1.
  int64_t Find(const Value& key) const;
};

}  // namespace atoll::cel
