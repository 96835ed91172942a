// Code: what a Machine runs: instructions over a stack of values, one array, jumps by index.
//
// Every expression leaves exactly one value. Errors are values on the stack; only instructions that combine look at
// them. Costs are counted by the instructions themselves: `n` of those that read a variable says what that costs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/cel/checker.h"

namespace re2 {
class RE2;
}

namespace atoll::cel {

enum class Op : uint8_t {
  kConst,      // push constants[a]
  kVariable,   // push the variable in slot a; costs n
  kLocal,      // push local a; costs n
  kLazyLocal,  // the same; when it is unset, the code at b computes it first
  kForget,     // local a is unset: the value of an earlier round
  kThunkEnd,   // local a is the value on the stack; go back to where kLazyLocal was
  kSelect,     // top = top.names[a]; field b when the operand's type is known (kNoField else); n: beside its own cost
  kOptSelect,  // top = top.?names[a]
  kHas,        // top = has(top.names[a]); n: 1 when it costs nothing
  kSkipIndex,  // to a, at the cost of n, when top is an error or has no value: then the index is not computed
  kIndex,      // pops the index; n: beside its own cost
  kOptIndex,
  kStopAtError,  // to a, at the cost of n, when top is an error: in place of the b values that are there so far
  kCall,         // calls[a] with n arguments
  kEqual,
  kNotEqual,
  kCompare,  // n: 0 <, 1 <=, 2 >, 3 >=; a: 1 when strings cost by length
  kNot,
  kNotStrictlyFalse,
  kInSet,    // top = top in constants[a], a map of what is in the list
  kAndJump,  // to a when top is false
  kAnd,      // pops the right side
  kOrJump,
  kOr,
  kTernary,       // pops the condition: to a when false, to b, with an error, when it is no bool
  kJump,          // to a
  kList,          // of a elements; optional marks at b (kNoMarks else)
  kMap,           // of a entries, 2a values
  kStruct,        // structs[a]
  kOptionalOr,    // to a when top is an optional with a value, or an error; n: 1 unwraps it
  kForBegin,      // pops the range; to loops[a].end with an error when it cannot be ranged over
  kForNext,       // sets the variables of the next round; to b when there is none
  kForCondition,  // pops it; to b when it is false
  kForStep,       // pops the accumulator's new value; to b
  kAppend,        // pops an element for the list that loop a builds; to b
  kInsert,        // pops value and key, or (n == 1) a map, for the map that loop a builds; to b
  kSkip,          // pops a filter's value: to b unless it is true; what is no bool becomes the accumulator
  kForEnd,        // the accumulator is complete, the loop is left
  kReturn,
};

inline constexpr uint32_t kNoField = 0xFFFFFFFF;
inline constexpr uint32_t kNoMarks = 0xFFFFFFFF;

struct Instruction {
  Op op;
  uint8_t n = 0;
  uint32_t a = 0, b = 0;
};

struct CallSite {
  const Function* function;
  const Overload* const* overloads;
  uint32_t count;
  std::shared_ptr<const re2::RE2> regex;  // of a literal pattern
  std::string_view pattern;
};

enum class Builds : uint8_t { kNothing, kList, kMap };

struct LoopSite {
  uint32_t accumulator = 0, first = 0, second = 0;
  bool two = false;
  Builds builds = Builds::kNothing;
  uint32_t end = 0;  // behind the loop, its result on the stack
};

struct StructSite {
  const Type* type;
  std::vector<std::string_view> fields;
  std::vector<uint8_t> optional;
};

struct Code {
  std::vector<Instruction> instructions;
  std::vector<Value> constants;
  std::vector<std::string_view> names;
  std::vector<const Field*> fields;
  std::vector<CallSite> calls;
  std::vector<LoopSite> loops;
  std::vector<StructSite> structs;
  std::vector<uint8_t> marks;  // optional elements, one byte each
  std::vector<uint8_t> uses;   // by slot
  uint32_t stack_max = 0, locals = 0;
  Arena arena;  // of constants
};

// Makes code of a checked expression; constants are folded. What goes wrong with one of them (`int('x')`) fails it,
// in *error.
bool Generate(const Environment& environment, const Checked& checked, Code* code, std::string* error);

// Literals that can never be right, and lists and maps of mixed types.
void ValidateLiterals(const Checked& checked, const Source& source, std::vector<Issue>* issues);

// Static cost.
Range Estimate(const Environment& environment, const Checked& checked, const SizeEstimator* sizes);

}  // namespace atoll::cel
