// ProgramCache: programs by environment and expression, shared by everything in the process: a thousand workspaces with
// one schema have one program a rule.
//
// Bound: `programs_max`; beyond it the one that was not asked for the longest goes (whoever holds it keeps it). Failed
// compilations are not kept. Thread-safe; compiling happens outside the lock, so two threads may do it twice and keep
// one.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/cel/environment.h"

namespace atoll::cel {

class ProgramCache {
 public:
  static constexpr size_t kProgramsMax = 20'000;

  explicit ProgramCache(size_t programs_max = kProgramsMax) : programs_max_(programs_max) {}

  // The process's own.
  static ProgramCache& Shared();

  // REQUIRES: environment->identity() names its options, and is not empty.
  Compiled Compile(const EnvironmentPtr& environment, std::string_view expression);

  size_t size() const;

 private:
  struct Entry {
    std::string key;
    ProgramPtr program;
  };

  const size_t programs_max_;
  mutable absl::Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // what was asked for last is in front
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atoll::cel
