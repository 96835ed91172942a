// Functions: what a library gives to the checker, to costs and to the evaluator: one row an overload.
//
// A row's signature is text: "list(T),int" with one capital letter for a type variable. Implementations get arguments
// that are no errors and fit the signature at run time, the target first.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/cel/cost.h"
#include "common/cel/type.h"
#include "common/cel/value.h"

namespace re2 {
class RE2;
}

namespace atoll::cel {

// What implementations may use.
class CallContext {
 public:
  explicit CallContext(Arena& arena) : arena_(arena) {}
  virtual ~CallContext() = default;
  Arena& arena() { return arena_; }
  Value Error(std::string_view message) { return Value::Error(message, arena_); }
  Value NewString(std::string_view s) { return Value::String(arena_.Copy(s)); }
  // Whether that many units of cost are left; for loops whose work must not run ahead of what will be charged.
  virtual bool Affords(uint64_t cost) const = 0;
  // Compiled once per evaluation for the pattern last asked for. nullptr, and *error is a value, when it is none.
  virtual const re2::RE2* Regex(std::string_view pattern, Value* error) = 0;

 private:
  Arena& arena_;
};

using Arguments = std::span<const Value>;
using Implementation = Value (*)(CallContext& c, Arguments args);
// What a call cost; nullptr in a row means 1. Arguments and result may be errors, which count as 1.
using ActualCost = uint64_t (*)(Arguments args, const Value& result);
// The same before it runs, without the cost of computing the arguments. `args` has the target first.
using EstimatedCost = CallEstimate (*)(const EstimateContext& c, std::span<const Operand> args);

enum class Style : uint8_t { kGlobal, kMember };

struct OverloadRow {
  std::string_view function;
  std::string_view id;
  Style style;
  std::string_view parameters;
  std::string_view result;
  Implementation call;
  ActualCost actual = nullptr;
  EstimatedCost estimate = nullptr;
  bool any_values = false;  // values are not matched with the signature at run time, where arguments are dyn
};

struct Overload {
  std::string id;
  Style style;
  std::vector<const Type*> parameters;
  const Type* result;
  bool generic;  // has type variables
  Implementation call;
  ActualCost actual;
  EstimatedCost estimate;
  bool any_values;
  bool costs_by_overload;

  // Whether these values may be its arguments.
  bool Accepts(Arguments args) const;
};

struct Function {
  std::string name;
  std::vector<Overload> overloads;
};

// A library and the Kubernetes releases (1.N) that have it.
struct Library {
  std::string_view name;
  int introduced = 0;
  int removed = 1000;
  std::span<const OverloadRow> rows;
  // A call that may be of several overloads, because of dyn arguments, costs 1 whatever it turns out to be. Kubernetes'
  // own libraries count by the function's name, so theirs cost the same.
  bool costs_by_overload = false;
};

// All functions of one release. Immutable, shared by every environment of that release.
class Functions {
 public:
  // REQUIRES: minor >= 0. Built once per release, lives as long as the process.
  static const Functions& Of(int minor);

  const Function* Find(std::string_view name) const;
  // A constant of the name of a type: `int`, `list`. nullptr when it is none.
  const Type* FindType(std::string_view name) const;

 private:
  explicit Functions(int minor);

  std::map<std::string, Function, std::less<>> functions_;
  std::map<std::string, const Type*, std::less<>> types_;
  TypePool pool_;
};

// "list(T)", "map(string,dyn)", "optional_type(V)", "net.IP", "timestamp".
const Type* ParseSignatureType(std::string_view text, TypePool* pool);

}  // namespace atoll::cel
