// The machine: one switch over instructions, values on an explicit stack. Hot path: no allocation but in the arena, no
// locks, no virtual calls per instruction.
#include <algorithm>
#include <cmath>

#include "common/base/strings.h"
#include "common/cel/code.h"
#include "common/cel/program.h"
#include "common/cel/regex.h"
#include "common/cel/value_data.h"

namespace atoll::cel {

struct Evaluation::Loop {
  Value range;
  int64_t at = 0, size = 0;
  // What it builds, kept apart from the accumulator until it is complete.
  ListBuilder list;
  Value map;
};

Evaluation::Evaluation() = default;
Evaluation::~Evaluation() = default;

namespace {

// Nothing a run can cost: uint64 arithmetic never wraps below it.
constexpr uint64_t kCostCeiling = uint64_t{1} << 62;

uint64_t Scaled(uint64_t size, double factor) {
  return static_cast<uint64_t>(std::ceil(static_cast<double>(size) * factor));
}

uint64_t EqualityCost(const Value& a, const Value& b) {
  if (a.is_opaque()) return 1;
  if (!a.is_string() && !a.is_bytes() && !a.is_list() && !a.is_map() && !a.is_optional()) {
    // A scalar: 1 at most, and nothing beside something empty.
    return CostSize(b) == 0 ? 0 : 1;
  }
  return Scaled(std::min(CostSize(a), CostSize(b)), kStringTraversalFactor);
}

}  // namespace

class Machine final : public CallContext {
 public:
  Machine(const Program& program, std::span<const Value> variables, const Limits& limits, Evaluation* run)
      : CallContext(run->arena_),
        code_(*program.code_),
        environment_(*program.environment_),
        variables_(variables),
        limits_(limits),
        run_(*run) {
    if (run_.stack_.size() < code_.stack_max + 1) run_.stack_.resize(code_.stack_max + 1);
    if (run_.locals_.size() < code_.locals) run_.locals_.resize(code_.locals);
    run_.loops_.clear();
    run_.returns_.clear();
  }

  Value Run();

  bool Affords(uint64_t cost) const override { return cost_ + std::min(cost, kCostCeiling) <= limits_.cost_max; }
  const re2::RE2* Regex(std::string_view pattern, Value* error) override;

 private:
  void Charge(uint64_t cost) { cost_ += std::min(cost, kCostCeiling); }
  bool Exceeded() const { return cost_ > limits_.cost_max || cost_ >= kCostCeiling; }

  Value NoSuchKey(std::string_view name) { return Error(StrCat("no such key: ", name)); }
  Value NoSuchKey(const Value& key) { return NoSuchKey(DebugString(key, arena())); }

  Value Select(const Instruction& i, const Value& operand);
  Value SelectFrom(const Value& operand, std::string_view name, uint32_t field, bool* present);
  Value OptSelect(const Instruction& i, const Value& operand);
  Value Has(const Instruction& i, const Value& operand);
  Value IndexInto(const Value& operand, const Value& index, bool* present);
  Value Index(const Instruction& i, const Value& operand, const Value& index, bool optional);
  Value CompareValues(const Instruction& i, const Value& a, const Value& b);
  Value Call(const Instruction& i, Arguments args);
  void ChargeCall(const CallSite& site, const Overload& overload, Arguments args, const Value& result);
  Value NoOverload(std::string_view function, Arguments args);
  static bool IsOperator(std::string_view function);
  static std::string_view GoType(const Value& v);
  Value MakeList(const Instruction& i, Arguments args);
  Value MakeMap(const Instruction& i, Arguments args);
  Value MakeStruct(const StructSite& site, Arguments args);
  bool Begin(const LoopSite& site, const Value& range, Value* error);
  bool Next(const LoopSite& site);
  void Append(const LoopSite& site, const Value& element);
  void Insert(const LoopSite& site, Arguments args);
  void InsertEntry(const LoopSite& site, const Value& key, const Value& value);

  const Code& code_;
  const Environment& environment_;
  const std::span<const Value> variables_;
  const Limits& limits_;
  Evaluation& run_;
  uint64_t cost_ = 0;
  const CallSite* site_ = nullptr;

  friend class Program;
  std::shared_ptr<const re2::RE2> regex_;
  std::string pattern_;
};

const re2::RE2* Machine::Regex(std::string_view pattern, Value* error) {
  if (site_ != nullptr && site_->regex != nullptr && pattern.data() == site_->pattern.data()) {
    return site_->regex.get();
  }
  if (regex_ == nullptr || pattern != pattern_) {
    std::string wrong;
    regex_ = CompileRegex(pattern, &wrong);
    pattern_ = pattern;
    if (regex_ == nullptr) *error = Error(wrong);
  }
  return regex_.get();
}

// The member `name` of what is no optional. Not present: kUnset without an error.
Value Machine::SelectFrom(const Value& operand, std::string_view name, uint32_t field, bool* present) {
  *present = false;
  if (operand.is_map()) {
    const Value found =
        field != kNoField ? operand.FindField(*code_.fields[field], arena()) : operand.FindMember(name, arena());
    *present = !found.is_unset();
    return found;
  }
  if (operand.is_list()) return Value::StaticError("unsupported index type 'string' in list");
  return Value();
}

Value Machine::Select(const Instruction& i, const Value& operand) {
  Charge(i.n);
  if (operand.is_error()) return operand;
  bool present;
  const std::string_view name = code_.names[i.a];
  if (operand.is_optional()) {
    if (!operand.has_value()) return operand;
    const Value found = SelectFrom(operand.boxed(), name, kNoField, &present);
    if (found.is_error()) return found;
    if (!present) return Value::NoOptional();
    Charge(1);
    return Value::Optional(found, arena());
  }
  Charge(1);
  const Value found = SelectFrom(operand, name, i.b, &present);
  return found.is_unset() ? NoSuchKey(name) : found;
}

Value Machine::OptSelect(const Instruction& i, const Value& operand) {
  Charge(i.n);
  if (operand.is_error()) return operand;
  if (operand.is_optional() && !operand.has_value()) return operand;
  bool present;
  const Value found =
      SelectFrom(operand.is_optional() ? operand.boxed() : operand, code_.names[i.a], kNoField, &present);
  if (found.is_error()) return found;
  if (!present) return Value::NoOptional();
  Charge(1);
  return Value::Optional(found, arena());
}

Value Machine::Has(const Instruction& i, const Value& operand) {
  if (operand.is_error()) {
    if (i.n == 1 && cost_ > 0) --cost_;  // cel-go takes back what a condition was never charged
    return operand;
  }
  if (operand.is_optional() && !operand.has_value()) return Value::Bool(false);
  if (i.n == 0) Charge(1);
  bool present;
  const bool optional = operand.is_optional();
  const Value found =
      SelectFrom(optional ? operand.boxed() : operand, code_.names[i.a], optional ? kNoField : i.b, &present);
  if (found.is_error() && !present) return found;
  return Value::Bool(present);
}

Value Machine::IndexInto(const Value& operand, const Value& index, bool* present) {
  *present = false;
  if (operand.is_map()) {
    const Value found = operand.Find(index, arena());
    *present = !found.is_unset();
    return found;
  }
  if (!operand.is_list()) return Value();
  int64_t at = -1;
  if (index.is_int()) {
    at = index.int_value();
  } else if (index.is_uint()) {
    at = index.uint_value() > INT64_MAX ? -1 : static_cast<int64_t>(index.uint_value());
  } else if (index.is_double() && index.double_value() == std::floor(index.double_value()) &&
             std::abs(index.double_value()) < 1e15) {
    at = static_cast<int64_t>(index.double_value());
  } else if (index.is_double()) {
    return Error(StrCat("unsupported index value ", DebugString(index, arena()), " in list"));
  } else {
    return Error(StrCat("unsupported index type '", index.RuntimeType()->TypeName(), "' in list"));
  }
  if (at < 0 || at >= operand.Size()) return Value();
  *present = true;
  return operand.At(at, arena());
}

Value Machine::Index(const Instruction& i, const Value& operand, const Value& index, bool optional) {
  Charge(i.n);
  if (operand.is_error()) return operand;
  if (operand.is_optional()) {
    if (!operand.has_value()) return operand;
    optional = true;
  }
  if (index.is_error()) {
    if (!optional) Charge(1);
    return index;
  }
  const Value& container = operand.is_optional() ? operand.boxed() : operand;
  bool present;
  const Value found = IndexInto(container, index, &present);
  if (optional) {
    if (found.is_error() && !present) return found;
    if (!present) return Value::NoOptional();
    Charge(1);
    return found.is_error() ? found : Value::Optional(found, arena());
  }
  Charge(1);
  if (!found.is_unset()) return found;
  return container.is_list() ? Error(StrCat("index out of bounds: ", DebugString(index, arena()))) : NoSuchKey(index);
}

Value Machine::CompareValues(const Instruction& i, const Value& a, const Value& b) {
  if (a.is_error() || b.is_error()) {
    Charge(1);
    return a.is_error() ? a : b;
  }
  int order;
  if (a.is_int() && b.is_int()) [[likely]] {
    Charge(1);
    order = a.int_value() < b.int_value() ? -1 : a.int_value() > b.int_value() ? 1 : 0;
  } else {
    const bool texts = i.a == 1 && (a.is_string() || a.is_bytes());
    Charge(texts ? Scaled(std::min(CostSize(a), CostSize(b)), kStringTraversalFactor) : 1);
    const bool comparable =
        a.is_number() || a.is_string() || a.is_bytes() || a.is_bool() || a.is_duration() || a.is_timestamp();
    if (!comparable) {
      static constexpr std::string_view kNames[] = {"_<_", "_<=_", "_>_", "_>=_"};
      return Error(StrCat("no such overload: ", kNames[i.n]));
    }
    const Value result = Compare(a, b);
    if (result.is_error()) return result;
    order = static_cast<int>(result.int_value());
  }
  switch (i.n) {
    case 0:
      return Value::Bool(order < 0);
    case 1:
      return Value::Bool(order <= 0);
    case 2:
      return Value::Bool(order > 0);
    default:
      return Value::Bool(order >= 0);
  }
}

Value Machine::Call(const Instruction& i, Arguments args) {
  const CallSite& site = code_.calls[i.a];
  site_ = &site;
  for (const Value& arg : args) {
    if (!arg.is_error()) continue;
    ChargeCall(site, *site.overloads[0], args, arg);
    return arg;
  }
  for (uint32_t o = 0; o < site.count; ++o) {
    const Overload& overload = *site.overloads[o];
    if (!overload.Accepts(args)) continue;
    const Value result = overload.call(*this, args);
    ChargeCall(site, overload, args, result);
    return result;
  }
  // An operator does what its operands can do, whatever the checker thought a dyn would be.
  if (IsOperator(site.function->name)) {
    for (const Overload& overload : site.function->overloads) {
      if (!overload.Accepts(args)) continue;
      const Value result = overload.call(*this, args);
      ChargeCall(site, *site.overloads[0], args, result);
      return result;
    }
  }
  Charge(1);
  return NoOverload(site.function->name, args);
}

bool Machine::IsOperator(std::string_view function) {
  return function.starts_with('_') || function == "-_" || function == "size" || function == "@in";
}

void Machine::ChargeCall(const CallSite& site, const Overload& overload, Arguments args, const Value& result) {
  const bool constant = overload.actual == nullptr || (site.count > 1 && overload.costs_by_overload);
  Charge(constant ? 1 : overload.actual(args, result));
}

// In cel-go's words, which depend on how a function finds out.
Value Machine::NoOverload(std::string_view function, Arguments args) {
  if (function == "@in" || function == "contains" || function == "startsWith" || function == "endsWith" ||
      function == "matches") {
    return Value::NoSuchOverload();
  }
  if (site_->regex != nullptr) return Value::NoSuchOverload();
  if (function == "size" || function == "sort") return Error(StrCat("no such overload: ", function));
  if (function.starts_with('_') || function == "-_") {
    const Value& a = args[0];
    const bool operates = a.is_int() || (a.is_double() && function != "_%_") || a.is_duration() || a.is_timestamp() ||
                          a.is_string() || (a.is_uint() && function != "-_") ||
                          (function == "_+_" && (a.is_bytes() || a.is_list()));
    return operates ? Value::NoSuchOverload() : Error(StrCat("no such overload: ", function));
  }
  std::string types;
  for (const Value& arg : args) StrAppend(&types, types.empty() ? "" : ", ", arg.RuntimeType()->TypeName());
  return Error(StrCat("no such overload: ", function, "(", types, ")"));
}

// The name of what a value is in Go.
std::string_view Machine::GoType(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kBool:
      return "types.Bool";
    case Value::Kind::kInt:
      return "types.Int";
    case Value::Kind::kUint:
      return "types.Uint";
    case Value::Kind::kDouble:
      return "types.Double";
    case Value::Kind::kString:
      return "types.String";
    case Value::Kind::kBytes:
      return "types.Bytes";
    case Value::Kind::kDuration:
      return "types.Duration";
    case Value::Kind::kTimestamp:
      return "types.Timestamp";
    case Value::Kind::kNull:
      return "types.Null";
    case Value::Kind::kType:
      return "*types.Type";
    case Value::Kind::kOptional:
      return "*types.Optional";
    default:
      return v.RuntimeType()->TypeName();
  }
}

Value Machine::MakeList(const Instruction& i, Arguments args) {
  Charge(kListCost);
  ListBuilder list(arena(), args.size());
  for (size_t at = 0; at < args.size(); ++at) {
    Value element = args[at];
    if (element.is_error()) return element;
    if (i.b != kNoMarks && code_.marks[i.b + at] != 0) {
      if (!element.is_optional()) {
        return Error(
            StrCat("cannot initialize optional list element from non-optional value ", DebugString(element, arena())));
      }
      if (!element.has_value()) continue;
      element = element.boxed();
    }
    list.Add(element);
  }
  return list.Build();
}

Value Machine::MakeMap(const Instruction& i, Arguments args) {
  Charge(kMapCost);
  MapBuilder map(arena());
  for (size_t at = 0; at < args.size(); at += 2) {
    const Value& key = args[at];
    Value value = args[at + 1];
    if (key.is_error()) return key;
    if (value.is_error()) return value;
    if (!key.is_string() && !key.is_bool() && !key.is_number()) {
      return Error(StrCat("unsupported key type: ", key.RuntimeType()->TypeName()));
    }
    if (i.b != kNoMarks && code_.marks[i.b + at / 2] != 0) {
      if (!value.is_optional()) {
        return Error(StrCat("cannot initialize optional entry '", DebugString(key, arena()),
                            "' from non-optional value ", DebugString(value, arena())));
      }
      if (!value.has_value()) {
        map.Erase(key);
        continue;
      }
      value = value.boxed();
    }
    map.Set(key, value);
  }
  return map.Build();
}

Value Machine::MakeStruct(const StructSite& site, Arguments args) {
  Charge(kStructCost);
  MapBuilder map(arena());
  for (size_t at = 0; at < args.size(); ++at) {
    Value value = args[at];
    if (value.is_error()) return value;
    if (site.optional[at] != 0) {
      if (!value.is_optional()) {
        return Error(StrCat("cannot initialize optional entry '", site.fields[at], "' from non-optional value ",
                            DebugString(value, arena())));
      }
      if (!value.has_value()) continue;
      value = value.boxed();
    }
    map.Set(Value::String(site.fields[at]), value);
  }
  return map.Build(site.type);
}

bool Machine::Begin(const LoopSite& site, const Value& range, Value* error) {
  if (range.is_error()) {
    *error = range;
    return false;
  }
  if (!range.is_list() && !range.is_map()) {
    *error = Error(site.two ? StrCat("unsupported comprehension range type: ", GoType(range))
                            : StrCat("got '", GoType(range), "', expected iterable type"));
    return false;
  }
  run_.loops_.push_back({.range = range, .at = 0, .size = range.Size(), .list = ListBuilder(arena()), .map = Value()});
  if (site.builds == Builds::kMap) run_.loops_.back().map = MapBuilder(arena()).Build();
  return true;
}

bool Machine::Next(const LoopSite& site) {
  Evaluation::Loop& loop = run_.loops_.back();
  if (loop.at >= loop.size) return false;
  Value& first = run_.locals_[site.first];
  if (loop.range.is_list()) {
    const Value element = loop.range.At(loop.at, arena());
    if (site.two) {
      first = Value::Int(loop.at);
      run_.locals_[site.second] = element;
    } else {
      first = element;
    }
  } else {
    first = loop.range.KeyAt(loop.at);
    if (site.two) run_.locals_[site.second] = loop.range.ValueAt(loop.at, arena());
  }
  ++loop.at;
  return true;
}

void Machine::Append(const LoopSite& site, const Value& element) {
  Value& accumulator = run_.locals_[site.accumulator];
  if (accumulator.is_error()) return;
  if (element.is_error()) {
    accumulator = element;
  } else {
    run_.loops_.back().list.Add(element);
  }
}

void Machine::InsertEntry(const LoopSite& site, const Value& key, const Value& value) {
  Value& accumulator = run_.locals_[site.accumulator];
  if (accumulator.is_error()) return;
  Value& map = run_.loops_.back().map;
  if (key.is_error()) {
    accumulator = key;
  } else if (value.is_error()) {
    accumulator = value;
  } else if (map.is_error()) {
    accumulator = map;
  } else if (!key.is_string() && !key.is_bool() && !key.is_number()) {
    accumulator = Error(StrCat("unsupported key type: ", key.RuntimeType()->TypeName()));
  } else if (!MapBuilder(map, arena()).Insert(key, value)) {
    accumulator = Error(StrCat("insert failed: key ", DebugString(key, arena()), " already exists"));
  }
}

void Machine::Insert(const LoopSite& site, Arguments args) {
  Charge(2);
  if (args.size() == 2) return InsertEntry(site, args[0], args[1]);
  if (args[0].is_error() || !args[0].is_map()) {
    return InsertEntry(site, args[0].is_error() ? args[0] : Value::NoSuchOverload(), Value());
  }
  for (int64_t i = 0; i < args[0].Size(); ++i) InsertEntry(site, args[0].KeyAt(i), args[0].ValueAt(i, arena()));
}

Value Machine::Run() {
  const Instruction* const code = code_.instructions.data();
  Value* top = run_.stack_.data();  // the topmost value; the first slot is never read
  for (const Instruction* at = code;; ++at) {
    const Instruction& i = *at;
    if (Exceeded()) [[unlikely]] {
      run_.cost_exceeded_ = true;
      return Value::StaticError(kCostExceeded);
    }
    switch (i.op) {
      case Op::kConst:
        *++top = code_.constants[i.a];
        break;
      case Op::kVariable:
        Charge(i.n);
        *++top = i.a < variables_.size() ? variables_[i.a] : Value();
        if (top->is_unset()) {
          *top = Error(StrCat("no such attribute(s): ", environment_.variables()[i.a].name));
        }
        break;
      case Op::kLocal:
        Charge(i.n);
        *++top = run_.locals_[i.a];
        break;
      case Op::kLazyLocal:
        if (run_.locals_[i.a].is_unset()) {
          run_.returns_.push_back(static_cast<uint32_t>(at - code));
          at = code + i.b - 1;
          break;
        }
        Charge(i.n);
        *++top = run_.locals_[i.a];
        break;
      case Op::kForget:
        run_.locals_[i.a] = Value();
        break;
      case Op::kThunkEnd:  // kLazyLocal runs again and finds it
        run_.locals_[i.a] = *top--;
        at = code + run_.returns_.back() - 1;
        run_.returns_.pop_back();
        break;
      case Op::kSelect:
        *top = Select(i, *top);
        break;
      case Op::kOptSelect:
        *top = OptSelect(i, *top);
        break;
      case Op::kHas:
        *top = Has(i, *top);
        break;
      case Op::kSkipIndex:
        if (top->is_error() || (top->is_optional() && !top->has_value())) {
          Charge(i.n);
          at = code + i.a - 1;
        }
        break;
      case Op::kIndex:
      case Op::kOptIndex:
        --top;
        *top = Index(i, top[0], top[1], i.op == Op::kOptIndex);
        break;
      case Op::kStopAtError:
        if (top->is_error()) {
          const Value error = *top;
          top -= i.b - 1;
          *top = error;
          Charge(i.n);
          at = code + i.a - 1;
        }
        break;
      case Op::kCall:
        top -= i.n;
        ++top;
        *top = Call(i, {top, i.n});
        break;
      case Op::kEqual:
      case Op::kNotEqual:
        --top;
        Charge(EqualityCost(top[0], top[1]));
        if (top[1].is_error() && !top[0].is_error()) {
          top[0] = top[1];
        } else if (!top[0].is_error()) {
          if (!Exceeded()) top[0] = Value::Bool(Equal(top[0], top[1], arena()) == (i.op == Op::kEqual));
        }
        break;
      case Op::kCompare:
        --top;
        *top = CompareValues(i, top[0], top[1]);
        break;
      case Op::kNot:
        Charge(1);
        if (!top->is_error()) *top = top->is_bool() ? Value::Bool(!top->bool_value()) : Value::NoSuchOverload();
        break;
      case Op::kNotStrictlyFalse:
        Charge(1);
        *top = Value::Bool(!top->IsFalse());
        break;
      case Op::kInSet:
        if (!top->is_error()) {
          const bool scalar = top->is_string() || top->is_bool() || top->is_number();
          *top = Value::Bool(scalar && !code_.constants[i.a].Find(*top, arena()).is_unset());
        }
        break;
      case Op::kAndJump:
        if (top->IsFalse()) at = code + i.a - 1;
        break;
      case Op::kOrJump:
        if (top->IsTrue()) at = code + i.a - 1;
        break;
      case Op::kAnd:
      case Op::kOr: {
        --top;
        const bool decides = i.op == Op::kOr;  // this value on either side is the result
        const Value &a = top[0], &b = top[1];
        if (b.is_bool() && b.bool_value() == decides) {
          *top = b;
        } else if (a.is_error()) {
          // The first error is the result.
        } else if (!a.is_bool()) {
          *top = Value::NoSuchOverload();
        } else {
          *top = b.is_bool() || b.is_error() ? b : Value::NoSuchOverload();
        }
        break;
      }
      case Op::kTernary:
        if (top->is_bool()) {
          if (!top->bool_value()) at = code + i.a - 1;
          --top;
        } else {
          if (!top->is_error()) *top = Value::NoSuchOverload();
          at = code + i.b - 1;
        }
        break;
      case Op::kJump:
        at = code + i.a - 1;
        break;
      case Op::kList:
        top -= i.a;
        ++top;
        *top = MakeList(i, {top, i.a});
        break;
      case Op::kMap:
        top -= 2 * i.a;
        ++top;
        *top = MakeMap(i, {top, size_t{2} * i.a});
        break;
      case Op::kStruct: {
        const StructSite& site = code_.structs[i.a];
        top -= site.fields.size();
        ++top;
        *top = MakeStruct(site, {top, site.fields.size()});
        break;
      }
      case Op::kOptionalOr:
        if (top->is_optional() && !top->has_value()) {
          --top;
        } else {
          if (top->is_optional()) {
            if (i.n == 1) *top = Value(top->boxed());
          } else if (!top->is_error()) {
            *top = Value::NoSuchOverload();
          }
          at = code + i.a - 1;
        }
        break;
      case Op::kForBegin: {
        const LoopSite& site = code_.loops[i.a];
        Value error;
        if (Begin(site, *top, &error)) {
          --top;
        } else {
          *top = error;
          at = code + site.end - 1;
        }
        break;
      }
      case Op::kForNext:
        if (limits_.interrupted != nullptr && limits_.interrupted->load(std::memory_order_relaxed)) {
          return Value::StaticError("operation interrupted");
        }
        if (arena().exhausted()) return Value::StaticError("operation cancelled: evaluation memory limit exceeded");
        if (!Next(code_.loops[i.a])) at = code + i.b - 1;
        break;
      case Op::kForCondition:
        if ((top--)->IsFalse()) at = code + i.b - 1;
        break;
      case Op::kForStep:
        run_.locals_[i.a] = *top--;
        if (i.n == 0) at = code + i.b - 1;
        break;
      case Op::kSkip: {
        const Value filter = *top--;
        if (filter.IsTrue()) break;
        if (!filter.is_bool()) {
          run_.locals_[code_.loops[i.a].accumulator] = filter.is_error() ? filter : Value::NoSuchOverload();
        }
        at = code + i.b - 1;
        break;
      }
      case Op::kAppend:
        Charge(i.n);
        Append(code_.loops[i.a], *top--);
        at = code + i.b - 1;
        break;
      case Op::kInsert: {
        const size_t n = i.n == 1 ? 1 : 2;
        top -= n;
        Insert(code_.loops[i.a], {top + 1, n});
        at = code + i.b - 1;
        break;
      }
      case Op::kForEnd: {
        const LoopSite& site = code_.loops[i.a];
        Evaluation::Loop& loop = run_.loops_.back();
        Value& accumulator = run_.locals_[site.accumulator];
        if (site.builds != Builds::kNothing && !accumulator.is_error()) {
          accumulator = site.builds == Builds::kList ? loop.list.Build() : loop.map;
        }
        run_.loops_.pop_back();
        break;
      }
      case Op::kReturn:
        if (arena().exhausted()) return Value::StaticError("operation cancelled: evaluation memory limit exceeded");
        return *top;
    }
  }
}

Value Program::Evaluate(std::span<const Value> variables, const Limits& limits, Evaluation* evaluation) const {
  evaluation->cost_exceeded_ = false;
  Machine machine(*this, variables, limits, evaluation);
  const Value result = machine.Run();
  evaluation->cost_ = machine.cost_;
  return result;
}

}  // namespace atoll::cel
