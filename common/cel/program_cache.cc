#include "common/cel/program_cache.h"

#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/cel/program.h"

namespace atoll::cel {

ProgramCache& ProgramCache::Shared() {
  static ProgramCache* cache = new ProgramCache;  // never destroyed: used until the last thread ends
  return *cache;
}

Compiled ProgramCache::Compile(const EnvironmentPtr& environment, std::string_view expression) {
  DCHECK(!environment->identity().empty());
  // Lengths keep identity and expression apart.
  std::string key =
      StrCat(environment->identity().size(), ":", environment->minor(), ":", environment->identity(), expression);
  {
    absl::MutexLock lock(&mutex_);
    const auto at = by_key_.find(key);
    if (at != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, at->second);
      return {.program = at->second->program, .issues = {}, .error = {}};
    }
  }
  Compiled compiled = environment->Compile(expression);
  if (!compiled.ok()) return compiled;
  absl::MutexLock lock(&mutex_);
  const auto at = by_key_.find(key);
  if (at != by_key_.end()) {
    compiled.program = at->second->program;
    return compiled;
  }
  entries_.push_front({key, compiled.program});
  by_key_.emplace(std::move(key), entries_.begin());
  if (entries_.size() > programs_max_) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  return compiled;
}

size_t ProgramCache::size() const {
  absl::MutexLock lock(&mutex_);
  return entries_.size();
}

}  // namespace atoll::cel
