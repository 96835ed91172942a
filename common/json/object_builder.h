// ObjectBuilder: fills an Object from members as they are read, the last one of equal keys winning, and reports
// repetitions.
//
// Used by every reader (JSON, YAML), on one thread, for the time of one object. Looking for a repeated key is linear up
// to kLinearMembersMax members and hashed beyond, so a hostile object with a million keys costs a million steps.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/json/value.h"

namespace atoll::json {

// Where a reader stands: a chain on its stack, made text only when there is something to report.
struct PathFrame {
  const PathFrame* up = nullptr;
  std::string_view key;  // a member when `is_index` is false
  size_t index = 0;
  bool is_index = false;

  // `spec.a[0].b`; null is the root.
  static std::string Text(const PathFrame* frame, std::string_view last_key);
};

class ObjectBuilder {
 public:
  static constexpr size_t kLinearMembersMax = 16;
  static constexpr size_t kReportedMax = 100;

  // `duplicates` may be null. Both must outlive this.
  ObjectBuilder(const PathFrame* at, std::vector<std::string>* duplicates) : at_(at), duplicates_(duplicates) {}

  void Reserve(size_t members) { object_.members().reserve(members); }
  // Where to put the value of `key`: valid until the next call.
  Value* Member(std::string_view key);
  Object Take() { return std::move(object_); }

 private:
  Value* Repeated(std::string_view key, size_t position);

  const PathFrame* at_;
  std::vector<std::string>* duplicates_;
  Object object_;
  std::unique_ptr<absl::flat_hash_map<std::string, size_t>> positions_;  // only beyond kLinearMembersMax
};

}  // namespace atoll::json
