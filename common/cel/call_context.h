// The CallContext of a call outside a run: constants, tests. One thread's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/cel/function.h"
#include "common/cel/regex.h"

namespace atoll::cel {

class PlainCallContext : public CallContext {
 public:
  using CallContext::CallContext;
  bool Affords(uint64_t) const override { return true; }
  const re2::RE2* Regex(std::string_view pattern, Value* error) override {
    if (regex_ == nullptr || pattern != pattern_) {
      std::string wrong;
      regex_ = CompileRegex(pattern, &wrong);
      pattern_ = pattern;
      if (regex_ == nullptr) *error = Error(wrong);
    }
    return regex_.get();
  }

 private:
  std::shared_ptr<const re2::RE2> regex_;
  std::string pattern_;
};

}  // namespace atoll::cel
