#include <re2/re2.h>

#include "common/base/strings.h"
#include "common/cel/call_context.h"
#include "common/cel/code.h"

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
    for (NodeId id = 0; id < ast_.nodes.size(); ++id) {
      switch (ast_[id].kind) {
        case NodeKind::kCall:
          Call(id);
          break;
        case NodeKind::kList:
          List(id);
          break;
        case NodeKind::kMap:
          Map(id);
          break;
        default:
          break;
      }
    }
  }

 private:
  void Say(NodeId at, std::string message) { issues_.push_back(source_.At(ast_[at].offset, std::move(message))); }

  void Call(NodeId id) {
    const std::string_view name = ast_.Name(id);
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
};

}  // namespace

void ValidateLiterals(const Checked& checked, const Source& source, std::vector<Issue>* issues) {
  Validator(checked, source, issues).Run();
}

}  // namespace atoll::cel
