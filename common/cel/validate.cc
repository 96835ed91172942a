#include <re2/re2.h>

#include <algorithm>

#include "common/base/strings.h"
#include "common/cel/call_context.h"
#include "common/cel/code.h"
#include "common/cel/lib/format_string.h"

namespace atoll::cel {
namespace {

bool Equivalent(const Type& a, const Type& b) {
  if (a.kind() != b.kind() || a.name() != b.name() || a.parameters().size() != b.parameters().size()) return false;
  for (size_t i = 0; i < a.parameters().size(); ++i) {
    if (!Equivalent(*a.parameter(i), *b.parameter(i))) return false;
  }
  return true;
}

class Validator {
 public:
  Validator(const Checked& checked, const Source& source, std::vector<Issue>* issues)
      : checked_(checked), ast_(checked.ast), source_(source), issues_(*issues) {}

  void Run() {
    mixed_.assign(ast_.nodes.size(), false);
    for (NodeId id = 0; id < ast_.nodes.size(); ++id) {
      if (ast_[id].kind == NodeKind::kCall && ast_.Name(id) == "format") AllowMixed(id);
    }
    for (NodeId id = 0; id < ast_.nodes.size(); ++id) {
      if (ast_[id].kind == NodeKind::kCall) Call(id);
      if (ast_[id].kind == NodeKind::kList && !mixed_[id]) List(id);
      if (ast_[id].kind == NodeKind::kMap && !mixed_[id]) Map(id);
    }
  }

 private:
  void Say(NodeId at, std::string message) { issues_.push_back(source_.At(ast_[at].offset, std::move(message))); }

  // What is formatted may be of any types.
  void AllowMixed(NodeId id) {
    for (const NodeId child : ast_.Children(id)) {
      if (mixed_[child]) continue;
      mixed_[child] = true;
      AllowMixed(child);
    }
  }

  bool IsOneOf(NodeId id, std::initializer_list<Type::Kind> kinds) const {
    const Type::Kind kind = checked_.types[id]->kind();
    return kind == Type::Kind::kDyn || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  }

  // The part of `id` that cannot be printed, or kNoNode.
  NodeId Unprintable(NodeId id) const {
    using Kind = Type::Kind;
    if (!IsOneOf(id, {Kind::kList, Kind::kMap, Kind::kInt, Kind::kUint, Kind::kDouble, Kind::kBool, Kind::kString,
                      Kind::kTimestamp, Kind::kBytes, Kind::kDuration, Kind::kType, Kind::kNull})) {
      return id;
    }
    if (ast_[id].kind != NodeKind::kList && ast_[id].kind != NodeKind::kMap) return kNoNode;
    for (const NodeId child : ast_.Children(id)) {
      if (const NodeId wrong = Unprintable(child); wrong != kNoNode) return wrong;
    }
    return kNoNode;
  }

  // The argument that does not fit its clause, or kNoNode.
  NodeId Unfit(char verb, NodeId argument) const {
    using Kind = Type::Kind;
    bool fits = true;
    switch (verb) {
      case 's':
        return Unprintable(argument);
      case 'd':
      case 'o':
        fits = IsOneOf(argument, {Kind::kInt, Kind::kUint});
        break;
      case 'b':
        fits = IsOneOf(argument, {Kind::kInt, Kind::kUint, Kind::kBool});
        break;
      case 'x':
      case 'X':
        fits = IsOneOf(argument, {Kind::kInt, Kind::kUint, Kind::kString, Kind::kBytes});
        break;
      default:
        fits = IsOneOf(argument, {Kind::kDouble, Kind::kString});
    }
    return fits ? kNoNode : argument;
  }

  // A literal format string with its arguments beside it.
  void Format(NodeId id) {
    const Ref& ref = checked_.refs[id];
    if (!ast_[id].flag || ast_[id].count != 2 || ref.count != 1 ||
        checked_.overloads[ref.first]->id != "string_format") {
      return;
    }
    const NodeId format = ast_.Child(id, 0), list = ast_.Child(id, 1);
    if (!ast_.IsLiteral(format) || ast_[list].kind != NodeKind::kList) return;
    int64_t used = 0;
    NodeId at = id;
    const std::string wrong = lib::ForEachClause(
        ast_.Literal(format).text(), ast_[list].count, [](std::string_view) {},
        [&](const lib::FormatClause& clause) -> std::string {
          ++used;
          const NodeId unfit = Unfit(clause.verb, ast_.Child(list, static_cast<uint32_t>(clause.argument)));
          if (unfit == kNoNode) return "";
          at = unfit;
          return lib::WrongFormatType(clause.verb, checked_.types[unfit]->TypeName());
        });
    if (!wrong.empty()) {
      Say(at, wrong);
    } else if (used < ast_[list].count) {
      Say(id, StrCat("too many arguments supplied to string.format (expected ", used, ", got ", ast_[list].count, ")"));
    }
  }

  void Call(NodeId id) {
    const std::string_view name = ast_.Name(id);
    if (name == "format") return Format(id);
    if (name != "duration" && name != "timestamp" && name != "matches") return;
    const uint32_t first = ast_[id].flag ? 1 : 0;
    if (ast_[id].count <= first || !ast_.IsLiteral(ast_.Child(id, first))) return;
    const NodeId argument = ast_.Child(id, first);
    const Value& literal = ast_.Literal(argument);
    bool good = true;
    if (name == "matches") {
      std::string wrong;
      good = !literal.is_string() || CompileRegex(literal.text(), &wrong) != nullptr;
    } else if (const Ref& ref = checked_.refs[id]; ref.count == 1) {
      Arena arena;
      PlainCallContext context(arena);
      const Overload& overload = *checked_.overloads[ref.first];
      good = !overload.Accepts({&literal, 1}) || !overload.call(context, {&literal, 1}).is_error();
    }
    if (!good) Say(argument, StrCat("invalid ", name, " argument"));
  }

  // The type of an element, without the optional that its mark takes off.
  const Type* ElementType(NodeId id, uint32_t i) const {
    const Type* type = checked_.types[ast_.Child(id, i)];
    return ast_.IsOptional(id, i) && type->is_optional() ? type->parameter(0) : type;
  }

  bool Same(NodeId at, const Type* wanted, const Type* found) {
    if (Equivalent(*wanted, *found)) return true;
    Say(at, StrCat("expected type '", wanted->ToString(), "' but found '", found->ToString(), "'"));
    return false;
  }

  void List(NodeId id) {
    for (uint32_t i = 1; i < ast_[id].count; ++i) {
      if (!Same(ast_.Child(id, i), ElementType(id, 0), ElementType(id, i))) return;
    }
  }

  void Map(NodeId id) {
    for (uint32_t i = 2; i < ast_[id].count; ++i) Same(ast_.Child(id, i), ElementType(id, i % 2), ElementType(id, i));
  }

  const Checked& checked_;
  const Ast& ast_;
  const Source& source_;
  std::vector<Issue>& issues_;
  std::vector<bool> mixed_;  // by node: lists and maps of different types are fine there
};

}  // namespace

void ValidateLiterals(const Checked& checked, const Source& source, std::vector<Issue>* issues) {
  Validator(checked, source, issues).Run();
}

}  // namespace atoll::cel
