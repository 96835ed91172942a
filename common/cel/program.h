// Program: a compiled expression. Immutable, shared by all threads; what one run needs is in an Evaluation.
//
//   Evaluation evaluation;
//   const Value slots[] = {Value::Json(object, self_type, evaluation.arena())};  // in order of
//   Environment::variables() const Value result = program->Evaluate(slots, {}, &evaluation); if (result.is_error()) ...
//   result.text() budget -= evaluation.cost(); evaluation.Reset();  // before the next one; its values are gone then
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/cel/cost.h"
#include "common/cel/environment.h"
#include "common/cel/value.h"

namespace atoll::cel {

struct Limits {
  // Beyond it the result is the error kCostExceeded.
  uint64_t cost_max = kPerCallLimit;
  // When set and true, the run ends soon, with the error `operation interrupted`.
  const std::atomic<bool>* interrupted = nullptr;
};

inline constexpr std::string_view kCostExceeded = "operation cancelled: actual cost limit exceeded";

struct Code;     // code.h
struct Checked;  // checker.h

// The memory of runs: values, stacks. One run at a time; reused, it allocates nothing for small expressions.
class Evaluation {
 public:
  Evaluation();
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  // For values that are bound to variables, too.
  Arena& arena() { return arena_; }
  // Of the last run.
  uint64_t cost() const { return cost_; }
  bool cost_exceeded() const { return cost_exceeded_; }
  // Ends the life of all values made since the last Reset().
  void Reset() { arena_.Reset(); }

 private:
  friend class Machine;
  friend class Program;
  struct Loop;

  Arena arena_;
  std::vector<Value> stack_, locals_;
  std::vector<Loop> loops_;
  std::vector<uint32_t> returns_;
  uint64_t cost_ = 0;
  bool cost_exceeded_ = false;
};

class Program {
 public:
  Program(EnvironmentPtr environment, std::unique_ptr<Checked> checked, std::unique_ptr<Code> code);
  ~Program();

  // The static type of the result.
  const Type& type() const;
  // Whether the expression reads the variable in that slot, anywhere.
  bool Uses(int slot) const;
  // What it takes at least and at most, with what is known of the input's sizes.
  Range EstimateCost(const SizeEstimator* sizes = nullptr) const;

  // One value a variable, in order of Environment::variables(); kUnset for those that are not bound (reading one is an
  // error). The result views `variables`, the program and *evaluation. Bound: time and memory in proportion to
  // limits.cost_max.
  Value Evaluate(std::span<const Value> variables, const Limits& limits, Evaluation* evaluation) const;

  const Environment& environment() const { return *environment_; }
  size_t MemoryBytes() const;

 private:
  friend class Machine;
  const EnvironmentPtr environment_;
  const std::unique_ptr<const Checked> checked_;
  const std::unique_ptr<const Code> code_;
};

}  // namespace atoll::cel
