// The static cost of an expression: what each node costs at least and at most, bottom up, and how large its value may
// be. Must agree with what the machine charges (evaluate.cc) and with what every Kubernetes API server estimates.
#include "common/base/strings.h"
#include "common/cel/code.h"

namespace atoll::cel {
namespace {

using Path = std::vector<std::string>;
using Kind = Type::Kind;

// What is known of the elements of a list or map that an expression makes.
struct Entries {
  bool map = false;
  Range key, value;
};

struct LocalVariable {
  Path path;
  std::optional<Range> size;
  std::optional<Entries> entries;
};

bool IsScalar(const Type& type) {
  switch (type.kind()) {
    case Kind::kBool:
    case Kind::kDouble:
    case Kind::kDuration:
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kUint:
      return true;
    case Kind::kOpaque:
      return type.is_optional() && IsScalar(*type.parameter(0));
    default:
      return false;
  }
}

class Estimator {
 public:
  Estimator(const Environment& env, const Checked& checked, const SizeEstimator* sizes)
      : env_(env),
        checked_(checked),
        ast_(checked.ast),
        context_(sizes),
        paths_(ast_.nodes.size()),
        sizes_(ast_.nodes.size()),
        entries_(ast_.nodes.size()),
        locals_(checked.locals) {}

  Range Cost(NodeId id) {
    switch (ast_[id].kind) {
      case NodeKind::kLiteral:
        return {};
      case NodeKind::kIdent:
        return CostIdent(id);
      case NodeKind::kSelect:
        return CostSelect(id);
      case NodeKind::kCall:
        return CostCall(id);
      case NodeKind::kList:
        return CostList(id);
      case NodeKind::kMap:
        return CostMap(id);
      case NodeKind::kStruct: {
        Range sum;
        for (const NodeId child : ast_.Children(id)) sum = sum + Cost(child);
        return sum + Range::Fixed(kStructCost);
      }
      case NodeKind::kComprehension:
        return ast_.IsBind(id) ? CostBind(id) : CostLoop(id);
    }
    return {};
  }

 private:
  const Type& TypeOf(NodeId id) const { return *checked_.types[id]; }

  // The local variable that a name refers to, or nullptr.
  const LocalVariable* Local(NodeId id) const {
    const Ref& ref = checked_.refs[id];
    return ref.kind == RefKind::kLocal ? &locals_[ref.index] : nullptr;
  }

  const Path& PathOf(NodeId id) const {
    if (const LocalVariable* local = Local(id); local != nullptr) return local->path;
    return paths_[id];
  }

  Path Extended(NodeId id, std::string_view step) const {
    Path out = PathOf(id);
    out.emplace_back(step);
    return out;
  }

  std::optional<Range> SizeOf(NodeId id) {
    if (sizes_[id]) return sizes_[id];
    switch (ast_[id].kind) {
      case NodeKind::kLiteral:
        return Range::Fixed(CostSize(ast_.Literal(id)));
      case NodeKind::kList:
        return Range::Fixed(ast_[id].count);
      case NodeKind::kMap:
        return Range::Fixed(ast_[id].count / 2);
      default:
        break;
    }
    if (const auto input = context_.Input(PathOf(id), TypeOf(id)); input) {
      sizes_[id] = input;
      return input;
    }
    if (IsScalar(TypeOf(id))) return Range::Fixed(1);
    if (const LocalVariable* local = Local(id); local != nullptr && local->size) return local->size;
    return std::nullopt;
  }
  Range SizeOrUnknown(NodeId id) {
    const auto size = SizeOf(id);
    return size ? *size : Range::Unknown();
  }

  std::optional<Entries> EntriesOf(NodeId id) const {
    if (entries_[id]) return entries_[id];
    const LocalVariable* local = Local(id);
    return local == nullptr ? std::nullopt : local->entries;
  }

  Range CostIdent(NodeId id) {
    if (checked_.refs[id].kind == RefKind::kVariable) {
      paths_[id] = {env_.variables()[checked_.refs[id].index].name};
    } else if (const LocalVariable* local = Local(id); local != nullptr) {
      paths_[id] = local->path;
    } else {
      paths_[id] = {std::string(ast_.Name(id))};
    }
    return Range::Fixed(1);
  }

  Range CostSelect(NodeId id) {
    if (checked_.refs[id].kind == RefKind::kVariable || checked_.refs[id].kind == RefKind::kType) {
      return CostIdent(id);  // a name with dots
    }
    const NodeId operand = ast_.Child(id, 0);
    Range sum = Cost(operand);
    if (ast_[id].flag) return sum;
    const Kind kind = TypeOf(operand).kind();
    if (kind == Kind::kMap || kind == Kind::kStruct) sum = sum + Range::Fixed(1);
    paths_[id] = Extended(operand, ast_.Name(id));
    return sum;
  }

  Range CostList(NodeId id) {
    Range sum;
    Range element{std::numeric_limits<uint64_t>::max(), 0};
    if (ast_[id].count == 0) element.min = 0;
    for (const NodeId child : ast_.Children(id)) {
      sum = sum + Cost(child);
      element = element.Union(SizeOrUnknown(child));
    }
    entries_[id] = Entries{.map = false, .key = Range::Fixed(1), .value = element};
    return sum + Range::Fixed(kListCost);
  }

  Range CostMap(NodeId id) {
    Range sum;
    Range key{std::numeric_limits<uint64_t>::max(), 0}, value = key;
    if (ast_[id].count == 0) key.min = value.min = 0;
    for (uint32_t i = 0; i < ast_[id].count; i += 2) {
      sum = sum + Cost(ast_.Child(id, i)) + Cost(ast_.Child(id, i + 1));
      key = key.Union(SizeOrUnknown(ast_.Child(id, i)));
      value = value.Union(SizeOrUnknown(ast_.Child(id, i + 1)));
    }
    entries_[id] = Entries{.map = true, .key = key, .value = value};
    return sum + Range::Fixed(kMapCost);
  }

  void Bind(uint32_t local, NodeId value) {
    locals_[local] = {.path = PathOf(value), .size = SizeOf(value), .entries = EntriesOf(value)};
  }

  Range CostBind(NodeId id) {
    const auto part = ast_.Children(id);
    Range sum = Cost(part[kRange]) + Cost(part[kInit]);
    Bind(checked_.loops.at(id).accumulator, part[kInit]);
    sum = sum + Cost(part[kResult]);
    if (const auto size = SizeOf(part[kResult]); size) sizes_[id] = size;
    if (const auto entries = EntriesOf(part[kResult]); entries) entries_[id] = entries;
    return sum;
  }

  Range CostLoop(NodeId id) {
    const auto part = ast_.Children(id);
    const LoopLocals& loop = checked_.loops.at(id);
    Range sum = Cost(part[kRange]) + Cost(part[kInit]);
    Bind(loop.accumulator, part[kInit]);
    const auto entries = EntriesOf(part[kRange]);
    const bool list = entries ? !entries->map : TypeOf(part[kRange]).kind() == Kind::kList;
    const auto keys = entries ? std::optional(entries->key) : std::nullopt;
    const auto values = entries ? std::optional(entries->value) : std::nullopt;
    if (ast_[id].name2 != 0) {
      locals_[loop.first] = {Extended(part[kRange], list ? "@indices" : "@keys"), keys, std::nullopt};
      locals_[loop.second] = {Extended(part[kRange], list ? "@items" : "@values"), values, std::nullopt};
    } else {
      locals_[loop.first] = {Extended(part[kRange], list ? "@items" : "@keys"), list ? values : keys, std::nullopt};
    }
    const Range condition = Cost(part[kCondition]);
    const Range step = Cost(part[kStep]);
    sum = sum + Cost(part[kResult]);
    const Range count = SizeOrUnknown(part[kRange]);
    sum = sum + count * (step + condition);
    switch (ast_[part[kInit]].kind) {
      case NodeKind::kLiteral:
        sizes_[id] = SizeOf(part[kInit]);
        break;
      case NodeKind::kList:
      case NodeKind::kMap:
        sizes_[id] = count;
        if (const auto made = EntriesOf(part[kStep]); made) entries_[id] = made;
        break;
      default:
        break;
    }
    return sum;
  }

  Operand OperandOf(NodeId id) {
    const Path& path = PathOf(id);
    const bool of_input = !path.empty() && path[0] != kAccumulator && path[0] != "__result__";
    return {.path = of_input ? &path : nullptr,
            .type = &TypeOf(id),
            .literal = ast_.IsLiteral(id) ? &ast_.Literal(id) : nullptr,
            .size = SizeOf(id)};
  }

  Range CostCall(NodeId id) {
    const Ref& ref = checked_.refs[id];
    const std::string_view function = ref.function == nullptr ? ast_.Name(id) : std::string_view(ref.function->name);
    const auto children = ast_.Children(id);
    const auto args = ref.qualified ? children.subspan(1) : children;
    if (function == "dyn" && args.size() == 1) {
      const Range cost = Cost(args[0]) + Range::Fixed(1);
      if (const auto size = SizeOf(args[0]); size) sizes_[id] = size;
      if (const auto entries = EntriesOf(args[0]); entries) entries_[id] = entries;
      return cost;
    }
    const bool member = ast_[id].flag && !ref.qualified;
    std::vector<Range> costs;
    Range arguments;  // of the target, too
    for (const NodeId a : args) {
      costs.push_back(Cost(a));
      arguments = arguments + costs.back();
    }
    if (function == "_?._") {  // the field's name is a literal
      sizes_[id] = SizeOf(id);
      return arguments + Range::Fixed(1);
    }
    std::vector<Operand> operands;
    for (const NodeId a : args) operands.push_back(OperandOf(a));
    Range cost{std::numeric_limits<uint64_t>::max(), 0};
    std::optional<Range> size;
    for (uint32_t o = 0; o < ref.count; ++o) {
      const Overload& overload = *checked_.overloads[ref.first + o];
      std::optional<Range> gives;
      cost = cost.Union(CostOverload(id, function, overload, member, args, operands, costs, arguments, &gives));
      if (gives) size = size ? size->Union(*gives) : *gives;
      if (overload.id == "index_list" || overload.id == "index_map") {
        const auto entries = EntriesOf(args[0]);
        size = entries ? std::optional(entries->value) : std::nullopt;
        paths_[id] = Extended(args[0], overload.id == "index_list" ? "@items" : "@values");
      }
      if (!size) size = SizeOf(id);
    }
    if (size) sizes_[id] = size;
    return cost;
  }

  Range CostOverload(NodeId id, std::string_view function, const Overload& overload, bool member,
                     std::span<const NodeId> args, std::span<const Operand> operands, std::span<const Range> costs,
                     const Range& arguments, std::optional<Range>* gives) {
    if (overload.id == "logical_and" || overload.id == "logical_or") {
      return {costs[0].min, AddCost(costs[0].max, costs[1].max)};
    }
    if (overload.id == "conditional") {
      *gives = SizeOrUnknown(args[1]).Union(SizeOrUnknown(args[2]));
      const auto yes = EntriesOf(args[1]), no = EntriesOf(args[2]);
      if (yes && no) {
        entries_[id] = Entries{yes->map, yes->key.Union(no->key), yes->value.Union(no->value)};
      }
      return costs[0] + costs[1].Union(costs[2]);
    }
    if (overload.id == "add_list" || overload.id == "add_string" || overload.id == "add_bytes") {
      const auto left = EntriesOf(args[0]), right = EntriesOf(args[1]);
      if (left && right) {
        entries_[id] = Entries{right->map, left->key.Union(right->key), left->value.Union(right->value)};
      }
    }
    if (overload.estimate == nullptr) return arguments + Range::Fixed(1);
    CallEstimate estimate = overload.estimate(context_, operands);
    *gives = estimate.size;
    return arguments + estimate.cost;
  }

  const Environment& env_;
  const Checked& checked_;
  const Ast& ast_;
  const EstimateContext context_;
  std::vector<Path> paths_;                      // by node
  std::vector<std::optional<Range>> sizes_;      // by node
  std::vector<std::optional<Entries>> entries_;  // by node
  std::vector<LocalVariable> locals_;
};

}  // namespace

Range Estimate(const Environment& environment, const Checked& checked, const SizeEstimator* sizes) {
  return Estimator(environment, checked, sizes).Cost(checked.ast.root);
}

}  // namespace atoll::cel
