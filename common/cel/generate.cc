#include <re2/re2.h>

#include <algorithm>

#include "common/base/strings.h"
#include "common/cel/call_context.h"
#include "common/cel/code.h"
#include "common/cel/regex.h"

namespace atoll::cel {
namespace {

constexpr std::string_view kConversions[] = {"bool", "bytes",  "double",    "dyn",  "duration",
                                             "int",  "string", "timestamp", "type", "uint"};

bool IsConversion(std::string_view function) {
  return std::find(std::begin(kConversions), std::end(kConversions), function) != std::end(kConversions);
}

class Generator {
 public:
  Generator(const Environment& env, const Checked& checked, Code* code, std::string* error)
      : checked_(checked), ast_(checked.ast), code_(*code), error_(*error) {
    code_.uses.assign(env.variables().size(), 0);
    code_.locals = checked.locals;
  }

  bool Run() {
    Emit(ast_.root);
    Add({.op = Op::kReturn});
    code_.stack_max = static_cast<uint32_t>(depth_max_);
    return error_.empty();
  }

 private:
  uint32_t Here() const { return static_cast<uint32_t>(code_.instructions.size()); }

  uint32_t Add(Instruction i, int pushes = 0) {
    code_.instructions.push_back(i);
    depth_ += pushes;
    depth_max_ = std::max(depth_max_, depth_);
    return Here() - 1;
  }
  void JumpHere(uint32_t from) { code_.instructions[from].a = Here(); }

  uint32_t Constant(const Value& v) {
    code_.constants.push_back(v);
    return static_cast<uint32_t>(code_.constants.size() - 1);
  }
  uint32_t NameIndex(std::string_view name) {
    for (size_t i = 0; i < code_.names.size(); ++i) {
      if (code_.names[i] == name) return static_cast<uint32_t>(i);
    }
    code_.names.push_back(name);
    return static_cast<uint32_t>(code_.names.size() - 1);
  }

  // ---- constants -------------------------------------------------------------------------------------------------

  // The value, when it is known now and costs nothing.
  bool Fold(NodeId id, Value* out) {
    const Node& n = ast_[id];
    switch (n.kind) {
      case NodeKind::kLiteral:
        *out = ast_.Literal(id);
        return true;
      case NodeKind::kIdent:
      case NodeKind::kSelect:
        if (checked_.refs[id].kind != RefKind::kType) return false;
        *out = Value::TypeOf(checked_.refs[id].type);
        return true;
      case NodeKind::kList:
        return FoldList(id, out);
      case NodeKind::kMap:
        return FoldMap(id, out);
      case NodeKind::kCall:
        return FoldConversion(id, out);
      default:
        return false;
    }
  }

  bool FoldList(NodeId id, Value* out) {
    ListBuilder list(code_.arena);
    for (uint32_t i = 0; i < ast_[id].count; ++i) {
      Value element;
      if (ast_.IsOptional(id, i) || !Fold(ast_.Child(id, i), &element)) return false;
      list.Add(element);
    }
    *out = list.Build();
    return !out->is_error();
  }

  bool FoldMap(NodeId id, Value* out) {
    MapBuilder map(code_.arena);
    for (uint32_t i = 0; i < ast_[id].count; i += 2) {
      Value key, value;
      if (ast_.IsOptional(id, i + 1) || !Fold(ast_.Child(id, i), &key) || !Fold(ast_.Child(id, i + 1), &value) ||
          !(key.is_string() || key.is_number() || key.is_bool())) {
        return false;
      }
      map.Set(key, value);
    }
    *out = map.Build();
    return !out->is_error();
  }

  bool FoldConversion(NodeId id, Value* out) {
    const Ref& ref = checked_.refs[id];
    if (IsCallTo(id, "@in") && Is(ref, "in_list")) {  // nothing is in an empty list, whatever it would be
      Value list;
      *out = Value::Bool(false);
      return Fold(ast_.Child(id, 1), &list) && list.is_list() && list.Size() == 0;
    }
    if (ast_[id].flag || ast_[id].count != 1 || ref.kind != RefKind::kCall || !IsConversion(ref.function->name)) {
      return false;
    }
    Value argument;
    if (!Fold(ast_.Child(id, 0), &argument)) return false;
    *out = Convert(ref, argument);
    if (out->is_error() && error_.empty()) error_ = std::string(out->text());
    return true;
  }

  Value Convert(const Ref& ref, const Value& argument) {
    PlainCallContext context(code_.arena);
    for (uint32_t i = 0; i < ref.count; ++i) {
      const Overload& overload = *checked_.overloads[ref.first + i];
      if (overload.Accepts({&argument, 1})) return overload.call(context, {&argument, 1});
    }
    return context.Error(
        StrCat("no such overload: ", ref.function->name, "(", argument.RuntimeType()->TypeName(), ")"));
  }

  // ---- attributes: variables, and what is selected from them -------------------------------------------------------

  bool IsCallTo(NodeId id, std::string_view function) const {
    return ast_[id].kind == NodeKind::kCall && !ast_[id].flag && ast_.Name(id) == function;
  }
  bool IsSelection(NodeId id) const {
    return (ast_[id].kind == NodeKind::kSelect && !ast_[id].flag) || IsCallTo(id, "_[_]") || IsCallTo(id, "_[?_]") ||
           IsCallTo(id, "_?._");
  }
  // What costs 1 to read by itself, but nothing as a branch of a condition or as an index.
  bool IsAttribute(NodeId id) const {
    const RefKind kind = checked_.refs[id].kind;
    if (kind == RefKind::kVariable || kind == RefKind::kLocal) return true;
    return kind != RefKind::kType && (IsSelection(id) || ast_[id].kind == NodeKind::kSelect);
  }

  void EmitAttribute(NodeId id, bool charged) {
    const Ref& ref = checked_.refs[id];
    const uint8_t cost = charged ? 1 : 0;
    if (ref.kind == RefKind::kVariable) {
      code_.uses[ref.index] = 1;
      Add({.op = Op::kVariable, .n = cost, .a = ref.index}, 1);
    } else if (ref.kind == RefKind::kLocal) {
      const auto thunk = thunks_.find(ref.index);
      if (thunk == thunks_.end()) {
        Add({.op = Op::kLocal, .n = cost, .a = ref.index}, 1);
      } else {
        depth_max_ = std::max(depth_max_, depth_ + thunk->second.depth);
        Add({.op = Op::kLazyLocal, .n = cost, .a = ref.index, .b = thunk->second.code}, 1);
      }
    } else {
      EmitSelection(id, charged);
    }
  }

  void EmitSelection(NodeId id, bool charged) {
    const NodeId operand = ast_.Child(id, 0);
    const bool test = ast_[id].kind == NodeKind::kSelect && ast_[id].flag;
    bool beside = charged;  // the attribute's own cost is still to be counted
    bool ternary = false;
    if (IsAttribute(operand) && !(ast_[operand].kind == NodeKind::kSelect && ast_[operand].flag)) {
      EmitAttribute(operand, charged && !test);
      beside = false;
    } else if (IsCallTo(operand, "_?_:_")) {
      Emit(operand);
      beside = false;
      ternary = true;
    } else {
      Emit(operand);
      if (test) beside = false;
    }
    const uint8_t more = beside ? 1 : 0;
    if (test) {
      Add({.op = Op::kHas,
           .n = static_cast<uint8_t>(ternary && charged ? 1 : 0),
           .a = NameIndex(ast_.Name(id)),
           .b = FieldIndex(operand, ast_.Name(id))});
    } else if (ast_[id].kind == NodeKind::kSelect) {
      Add({.op = Op::kSelect, .n = more, .a = NameIndex(ast_.Name(id)), .b = FieldIndex(operand, ast_.Name(id))});
    } else if (IsCallTo(id, "_?._")) {
      const std::string_view name = ast_.Literal(ast_.Child(id, 1)).text();
      Add({.op = Op::kOptSelect, .n = more, .a = NameIndex(name), .b = kNoField});
    } else {
      const NodeId index = ast_.Child(id, 1);
      Value constant;
      const bool known = Fold(index, &constant);
      const uint32_t skip = known ? kNoNode : Add({.op = Op::kSkipIndex, .n = more});
      if (IsAttribute(index) && !known) {
        EmitAttribute(index, /*charged=*/false);
      } else {
        Emit(index);
      }
      Add({.op = IsCallTo(id, "_[?_]") ? Op::kOptIndex : Op::kIndex, .n = more}, -1);
      if (!known) JumpHere(skip);
    }
  }

  uint32_t FieldIndex(NodeId operand, std::string_view name) {
    const Type* type = checked_.types[operand];
    const Field* field = type->kind() == Type::Kind::kStruct ? type->FindField(name) : nullptr;
    if (field == nullptr) return kNoField;
    code_.fields.push_back(field);
    return static_cast<uint32_t>(code_.fields.size() - 1);
  }

  // ---- everything --------------------------------------------------------------------------------------------------

  void Emit(NodeId id) {
    Value constant;
    if (Fold(id, &constant)) {
      Add({.op = Op::kConst, .a = Constant(constant)}, 1);
      return;
    }
    if (IsAttribute(id)) return EmitAttribute(id, /*charged=*/true);
    switch (ast_[id].kind) {
      case NodeKind::kCall:
        return EmitCall(id);
      case NodeKind::kList:
        return EmitList(id);
      case NodeKind::kMap:
        return EmitMap(id);
      case NodeKind::kStruct:
        return EmitStruct(id);
      case NodeKind::kComprehension:
        return ast_.IsBind(id) ? EmitBind(id) : EmitLoop(id);
      default:
        error_ = "unsupported expression";
    }
  }

  // A branch of a condition: an attribute there is not charged for itself.
  void EmitBranch(NodeId id) {
    Value constant;
    if (IsAttribute(id) && !Fold(id, &constant)) return EmitAttribute(id, /*charged=*/false);
    Emit(id);
  }

  void EmitCall(NodeId id) {
    const Ref& ref = checked_.refs[id];
    const std::string_view function = ref.function == nullptr ? ast_.Name(id) : std::string_view(ref.function->name);
    const auto children = ast_.Children(id);
    const auto args = ref.qualified ? children.subspan(1) : children;
    if (function == "_&&_" || function == "_||_") {
      const bool conjunction = function == "_&&_";
      Emit(args[0]);
      const uint32_t jump = Add({.op = conjunction ? Op::kAndJump : Op::kOrJump});
      Emit(args[1]);
      Add({.op = conjunction ? Op::kAnd : Op::kOr}, -1);
      JumpHere(jump);
      return;
    }
    if (function == "_?_:_") {
      Emit(args[0]);
      const uint32_t condition = Add({.op = Op::kTernary}, -1);
      EmitBranch(args[1]);
      const uint32_t jump = Add({.op = Op::kJump}, -1);
      JumpHere(condition);
      EmitBranch(args[2]);
      JumpHere(jump);
      code_.instructions[condition].b = Here();
      return;
    }
    if ((function == "or" && Is(ref, "optional_or_optional")) ||
        (function == "orValue" && Is(ref, "optional_orValue_value"))) {
      Emit(args[0]);
      const uint32_t jump = Add({.op = Op::kOptionalOr, .n = static_cast<uint8_t>(function == "orValue" ? 1 : 0)}, -1);
      Emit(args[1]);
      JumpHere(jump);
      return;
    }
    if (function == "@in" && Is(ref, "in_list") && EmitInConstant(args)) return;
    const int n = static_cast<int>(args.size());
    std::vector<uint32_t> stops;
    if (n < 3) {
      for (const NodeId a : args) Emit(a);
    } else {  // of many arguments, those behind an error are not computed, and such a call costs nothing
      EmitUntilError(args.first(args.size() - 1), 0, &stops);
      Emit(args.back());
    }
    if (function == "_==_" || function == "_!=_") {
      Add({.op = function == "_==_" ? Op::kEqual : Op::kNotEqual}, -1);
    } else if (const int comparison = Comparison(function); comparison >= 0) {
      Add({.op = Op::kCompare, .n = static_cast<uint8_t>(comparison), .a = ref.count == 1 ? 1u : 0u}, -1);
    } else if (function == "!_") {
      Add({.op = Op::kNot});
    } else if (function == "@not_strictly_false") {
      Add({.op = Op::kNotStrictlyFalse});
    } else {
      code_.calls.push_back({ref.function, checked_.overloads.data() + ref.first, ref.count, nullptr, {}});
      AddRegex(ref, args);
      Add({.op = Op::kCall, .n = static_cast<uint8_t>(n), .a = static_cast<uint32_t>(code_.calls.size() - 1)}, 1 - n);
    }
    for (const uint32_t stop : stops) JumpHere(stop);
  }

  bool Is(const Ref& ref, std::string_view overload) const {
    return ref.count == 1 && checked_.overloads[ref.first]->id == overload;
  }

  static int Comparison(std::string_view function) {
    return function == "_<_" ? 0 : function == "_<=_" ? 1 : function == "_>_" ? 2 : function == "_>=_" ? 3 : -1;
  }

  // `x in ['a', 'b']` asks a set, and that costs nothing.
  bool EmitInConstant(std::span<const NodeId> args) {
    Value list;
    if (!Fold(args[1], &list) || !list.is_list()) return false;
    MapBuilder set(code_.arena);
    for (int64_t i = 0; i < list.Size(); ++i) {
      const Value element = list.At(i, code_.arena);
      if (!element.is_string() && !element.is_bool() && !element.is_number()) return false;
      set.Insert(element, Value::Bool(true));
    }
    Emit(args[0]);
    Add({.op = Op::kInSet, .a = Constant(set.Build())});
    return true;
  }

  // Literal patterns are compiled now, and must be right.
  void AddRegex(const Ref& ref, std::span<const NodeId> args) {
    const std::string& name = ref.function->name;
    if ((name != "matches" && name != "find" && name != "findAll") || args.size() < 2) return;
    Value pattern;
    if (!Fold(args[1], &pattern) || !pattern.is_string()) return;
    std::string wrong;
    CallSite& site = code_.calls.back();
    site.regex = CompileRegex(pattern.text(), &wrong);
    site.pattern = pattern.text();
    if (site.regex == nullptr && error_.empty()) error_ = wrong;
  }

  uint32_t Marks(NodeId id, uint32_t step) {
    bool any = false;
    for (uint32_t i = 0; i < ast_[id].count; ++i) any |= ast_.IsOptional(id, i);
    if (!any) return kNoMarks;
    const uint32_t first = static_cast<uint32_t>(code_.marks.size());
    for (uint32_t i = step - 1; i < ast_[id].count; i += step) code_.marks.push_back(ast_.IsOptional(id, i));
    return first;
  }

  // One after the other; the first error goes to where `stops` will lead, at that cost.
  void EmitUntilError(std::span<const NodeId> values, uint64_t cost, std::vector<uint32_t>* stops) {
    for (uint32_t i = 0; i < values.size(); ++i) {
      Emit(values[i]);
      Value constant;
      if (Fold(values[i], &constant)) continue;
      stops->push_back(Add({.op = Op::kStopAtError, .n = static_cast<uint8_t>(cost), .b = i + 1}));
    }
  }

  void EmitList(NodeId id) {
    std::vector<uint32_t> stops;
    EmitUntilError(ast_.Children(id), kListCost, &stops);
    const int n = static_cast<int>(ast_[id].count);
    Add({.op = Op::kList, .a = ast_[id].count, .b = Marks(id, 1)}, 1 - n);
    for (const uint32_t stop : stops) JumpHere(stop);
  }

  void EmitMap(NodeId id) {
    std::vector<uint32_t> stops;
    EmitUntilError(ast_.Children(id), kMapCost, &stops);
    const int n = static_cast<int>(ast_[id].count);
    Add({.op = Op::kMap, .a = ast_[id].count / 2, .b = Marks(id, 2)}, 1 - n);
    for (const uint32_t stop : stops) JumpHere(stop);
  }

  void EmitStruct(NodeId id) {
    StructSite site{.type = checked_.refs[id].type, .fields = {}, .optional = {}};
    for (uint32_t i = 0; i < ast_[id].count; ++i) {
      Emit(ast_.Child(id, i));
      site.fields.push_back(ast_.names[ast_.fields[ast_[id].first + i]]);
      site.optional.push_back(ast_.IsOptional(id, i));
    }
    code_.structs.push_back(std::move(site));
    Add({.op = Op::kStruct, .a = static_cast<uint32_t>(code_.structs.size() - 1)},
        1 - static_cast<int>(ast_[id].count));
  }

  // The variable is computed when it is first read, and only then.
  void EmitBind(NodeId id) {
    const auto part = ast_.Children(id);
    const uint32_t local = checked_.loops.at(id).accumulator;
    const uint32_t skip = Add({.op = Op::kJump});
    Thunk thunk{.code = Here(), .depth = 0};
    const int outer = depth_max_;
    depth_max_ = depth_;
    Emit(part[kInit]);
    thunk.depth = depth_max_ - depth_ + 1;
    depth_max_ = std::max(outer, depth_max_);
    Add({.op = Op::kThunkEnd, .a = local}, -1);
    JumpHere(skip);
    Add({.op = Op::kForget, .a = local});
    thunks_[local] = thunk;
    Emit(part[kResult]);
    thunks_.erase(local);
  }

  bool IsAccumulator(NodeId id, uint32_t local) const {
    return checked_.refs[id].kind == RefKind::kLocal && checked_.refs[id].index == local;
  }

  // `accu + [x]` or `insert(accu, k, v)`: kNoNode, or the call.
  bool IsGrowth(NodeId id, uint32_t local, Builds builds) const {
    if (builds == Builds::kList) {
      return IsCallTo(id, "_+_") && IsAccumulator(ast_.Child(id, 0), local) &&
             ast_[ast_.Child(id, 1)].kind == NodeKind::kList && ast_[ast_.Child(id, 1)].count == 1;
    }
    return IsCallTo(id, "cel.@mapInsert") && IsAccumulator(ast_.Child(id, 0), local);
  }

  void EmitLoop(NodeId id) {
    const auto part = ast_.Children(id);
    const LoopLocals& locals = checked_.loops.at(id);
    LoopSite site{
        .accumulator = locals.accumulator, .first = locals.first, .second = locals.second, .two = ast_[id].name2 != 0};
    const NodeId init = part[kInit];
    if (ast_[init].kind == NodeKind::kList && ast_[init].count == 0) site.builds = Builds::kList;
    if (ast_[init].kind == NodeKind::kMap && ast_[init].count == 0) site.builds = Builds::kMap;
    NodeId step = part[kStep], filter = kNoNode;
    if (site.builds != Builds::kNothing && IsCallTo(step, "_?_:_")) {
      filter = ast_.Child(step, 0);
      step = ast_.Child(step, 1);
    }
    if (site.builds != Builds::kNothing && !IsGrowth(step, site.accumulator, site.builds)) {
      site.builds = Builds::kNothing;
      step = part[kStep];
    }
    const uint32_t loop = static_cast<uint32_t>(code_.loops.size());
    code_.loops.push_back(site);

    Emit(part[kRange]);
    Add({.op = Op::kForBegin, .a = loop}, -1);
    Emit(init);
    Add({.op = Op::kForStep, .n = 1, .a = site.accumulator}, -1);
    const uint32_t next = Add({.op = Op::kForNext, .a = loop});
    Value condition;
    uint32_t leave = kNoNode;
    if (!Fold(part[kCondition], &condition) || !condition.IsTrue()) {
      Emit(part[kCondition]);
      leave = Add({.op = Op::kForCondition, .a = loop}, -1);
    }
    if (site.builds == Builds::kNothing) {
      Emit(step);
      Add({.op = Op::kForStep, .a = site.accumulator, .b = next}, -1);
    } else {
      if (filter != kNoNode) {
        Emit(filter);
        Add({.op = Op::kSkip, .a = loop, .b = next}, -1);
      }
      EmitGrowth(step, loop, next);
    }
    code_.instructions[next].b = Here();
    if (leave != kNoNode) code_.instructions[leave].b = Here();
    Add({.op = Op::kForEnd, .a = loop});
    Emit(part[kResult]);
    code_.loops[loop].end = Here();
  }

  // What reading the accumulator, making the list of one and the call cost is charged by the instructions.
  void EmitGrowth(NodeId step, uint32_t loop, uint32_t next) {
    if (code_.loops[loop].builds == Builds::kList) {
      const NodeId list = ast_.Child(step, 1);
      const NodeId element = ast_.Child(list, 0);
      Value constant;
      const bool folded = Fold(element, &constant);
      Emit(element);
      Add({.op = Op::kAppend, .n = static_cast<uint8_t>(folded ? 2 : 2 + kListCost), .a = loop, .b = next}, -1);
      return;
    }
    const uint32_t count = ast_[step].count;
    for (uint32_t i = 1; i < count; ++i) Emit(ast_.Child(step, i));
    Add({.op = Op::kInsert, .n = static_cast<uint8_t>(count == 2 ? 1 : 0), .a = loop, .b = next},
        -static_cast<int>(count - 1));
  }

  const Checked& checked_;
  const Ast& ast_;
  Code& code_;
  std::string& error_;
  struct Thunk {
    uint32_t code;
    int depth;  // of the stack it needs
  };
  absl::flat_hash_map<uint32_t, Thunk> thunks_;  // by local
  int depth_ = 0, depth_max_ = 0;
};

}  // namespace

bool Generate(const Environment& environment, const Checked& checked, Code* code, std::string* error) {
  return Generator(environment, checked, code, error).Run();
}

}  // namespace atoll::cel
