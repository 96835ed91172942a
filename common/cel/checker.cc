#include "common/cel/checker.h"

#include "common/base/strings.h"
#include "common/cel/unify.h"

namespace atoll::cel {
namespace {

using Kind = Type::Kind;

constexpr size_t kIssuesMax = 100;

struct Local {
  std::string_view name;
  const Type* type;
  uint32_t index;
};

const Type* UnwrapOptional(const Type* t, bool* optional) {
  *optional = t->is_optional();
  return *optional ? t->parameter(0) : t;
}

std::string Signature(std::span<const Type* const> args, bool member) {
  std::string out;
  size_t i = 0;
  if (member) StrAppend(&out, args[i++]->ToString(), ".");
  out += '(';
  for (size_t first = i; i < args.size(); ++i) StrAppend(&out, i > first ? ", " : "", args[i]->ToString());
  return out + ")";
}

class Checker {
 public:
  Checker(const Environment& env, const Source& source, Checked* out, std::vector<Issue>* issues)
      : env_(env), source_(source), out_(*out), ast_(out->ast), issues_(*issues), unify_(&out->pool) {}

  bool Run() {
    out_.types.assign(ast_.nodes.size(), Type::Error());
    out_.refs.assign(ast_.nodes.size(), Ref());
    Visit(ast_.root);
    for (const Type*& t : out_.types) t = unify_.Substitute(t, /*to_dyn=*/true);
    return issues_.empty();
  }

 private:
  void Say(NodeId at, std::string message) {
    if (issues_.size() < kIssuesMax) issues_.push_back(source_.At(ast_[at].offset, std::move(message)));
  }
  void Mismatch(NodeId at, const Type* wanted, const Type* found) {
    Say(at, StrCat("expected type '", wanted->ToString(), "' but found '", found->ToString(), "'"));
  }
  void Undeclared(NodeId at, std::string_view name) {
    Say(at, StrCat("undeclared reference to '", name, "' (in container '')"));
  }
  const Type* Final(const Type* t) { return unify_.Substitute(t, /*to_dyn=*/false); }
  const Type* TypeOf(NodeId id) const { return out_.types[id]; }
  void Set(NodeId id, const Type* t) { out_.types[id] = t; }

  void Visit(NodeId id) {
    switch (ast_[id].kind) {
      case NodeKind::kLiteral:
        return Set(id, ast_.Literal(id).RuntimeType());
      case NodeKind::kIdent:
        return Ident(id);
      case NodeKind::kSelect:
        return Select(id);
      case NodeKind::kCall:
        return Call(id);
      case NodeKind::kList:
        return List(id);
      case NodeKind::kMap:
        return Map(id);
      case NodeKind::kStruct:
        return Struct(id);
      case NodeKind::kComprehension:
        return Comprehension(id);
    }
  }

  const Local* FindLocal(std::string_view name) const {
    for (size_t i = locals_.size(); i > 0; --i) {
      if (locals_[i - 1].name == name) return &locals_[i - 1];
    }
    return nullptr;
  }

  // A variable or a type by its full name.
  bool Global(NodeId id, std::string_view name) {
    if (const int slot = env_.FindVariable(name); slot >= 0) {
      out_.refs[id] = {.kind = RefKind::kVariable, .index = static_cast<uint32_t>(slot)};
      Set(id, env_.variables()[static_cast<size_t>(slot)].type);
      return true;
    }
    const Type* type = env_.functions().FindType(name);
    if (type == nullptr) type = env_.FindStruct(name);
    if (type == nullptr) return false;
    out_.refs[id] = {.kind = RefKind::kType, .type = type};
    Set(id, out_.pool.TypeOf(type));
    return true;
  }

  void Ident(NodeId id) {
    std::string_view name = ast_.Name(id);
    const bool rooted = name.starts_with('.');
    if (rooted) name.remove_prefix(1);
    if (const Local* local = rooted ? nullptr : FindLocal(name); local != nullptr) {
      out_.refs[id] = {.kind = RefKind::kLocal, .index = local->index};
      return Set(id, local->type);
    }
    if (!Global(id, name)) Undeclared(id, ast_.Name(id));
  }

  // `a.b.c` of names only; empty when it is not.
  std::string QualifiedName(NodeId id) const {
    std::vector<std::string_view> parts;
    for (; ast_[id].kind == NodeKind::kSelect; id = ast_.Child(id, 0)) {
      if (ast_[id].flag) return "";
      parts.push_back(ast_.Name(id));
    }
    if (ast_[id].kind != NodeKind::kIdent) return "";
    std::string out(ast_.Name(id));
    for (size_t i = parts.size(); i > 0; --i) StrAppend(&out, ".", parts[i - 1]);
    return out;
  }

  // Whether the first part of a qualified name is a comprehension's variable.
  bool IsShadowed(std::string_view qualified) const {
    return FindLocal(qualified.substr(0, qualified.find('.'))) != nullptr;
  }

  void Select(NodeId id) {
    if (const std::string name = QualifiedName(id); !name.empty() && !IsShadowed(name)) {
      std::string_view plain = name;
      if (plain.starts_with('.')) plain.remove_prefix(1);
      if (Global(id, plain)) return;
    }
    const Type* type = Field(id, ast_.Child(id, 0), ast_.Name(id), /*optional=*/false);
    Set(id, ast_[id].flag ? Type::Bool() : Final(type));
  }

  const Type* Field(NodeId id, NodeId operand, std::string_view field, bool optional) {
    Visit(operand);
    bool unwrapped = false;
    const Type* type = UnwrapOptional(Final(TypeOf(operand)), &unwrapped);
    const Type* result = Type::Error();
    switch (type->kind()) {
      case Kind::kMap:
        result = type->parameter(1);
        break;
      case Kind::kStruct:
        if (const auto* found = type->FindField(field); found != nullptr) {
          result = found->type;
        } else {
          Say(id, StrCat("undefined field '", field, "'"));
        }
        break;
      case Kind::kParam:
        unify_.Assignable(Type::Dyn(), type);
        result = Type::Dyn();
        break;
      default:
        if (!type->is_dyn() && !type->is_error()) {
          Say(id, StrCat("type '", type->ToString(), "' does not support field selection"));
        }
        result = Type::Dyn();
    }
    return optional || unwrapped ? out_.pool.Optional(result) : result;
  }

  void Call(NodeId id) {
    const std::string_view name = ast_.Name(id);
    if (name == "_?._") {
      const std::string field(ast_.Literal(ast_.Child(id, 1)).text());
      Set(ast_.Child(id, 1), Type::String());
      return Set(id, Final(Field(id, ast_.Child(id, 0), field, /*optional=*/true)));
    }
    const bool member = ast_[id].flag;
    const auto children = ast_.Children(id);
    for (size_t i = member ? 1 : 0; i < children.size(); ++i) Visit(children[i]);
    if (!member) {
      std::string_view plain = name;
      if (plain.starts_with('.')) plain.remove_prefix(1);
      const Function* f = env_.functions().Find(plain);
      if (f == nullptr) return Undeclared(id, name);
      return Resolve(id, *f, children, /*member=*/false);
    }
    if (const std::string prefix = QualifiedName(children[0]); !prefix.empty()) {
      const std::string full = StrCat(prefix, ".", name);
      std::string_view plain = full;
      if (plain.starts_with('.')) plain.remove_prefix(1);
      if (const Function* f = env_.functions().Find(plain); f != nullptr) {
        Resolve(id, *f, children.subspan(1), /*member=*/false);
        out_.refs[id].qualified = true;
        return;
      }
    }
    Visit(children[0]);
    const Function* f = env_.functions().Find(name);
    if (f == nullptr) return Undeclared(id, name);
    Resolve(id, *f, children, /*member=*/true);
  }

  void Resolve(NodeId id, const Function& f, std::span<const NodeId> arguments, bool member) {
    std::vector<const Type*> types;
    for (const NodeId a : arguments) types.push_back(TypeOf(a));
    Ref& ref = out_.refs[id];
    ref = {.kind = RefKind::kCall, .function = &f, .first = static_cast<uint32_t>(out_.overloads.size())};
    if (f.name == "_&&_" || f.name == "_||_") {
      bool wrong = false;
      for (size_t i = 0; i < types.size(); ++i) {
        if (unify_.Assignable(types[i], Type::Bool())) continue;
        Mismatch(arguments[i], Type::Bool(), types[i]);
        wrong = true;
      }
      Use(&ref, f.overloads[0]);
      return Set(id, wrong ? Type::Error() : Type::Bool());
    }
    const Type* result = nullptr;
    for (const Overload& o : f.overloads) {
      if ((o.style == Style::kMember) != member) continue;
      Unifier::Scope scope;
      std::vector<const Type*> wanted;
      for (const Type* p : o.parameters) wanted.push_back(o.generic ? unify_.Instantiate(p, &scope) : p);
      const Type* gives = o.generic ? unify_.Instantiate(o.result, &scope) : o.result;
      if (!unify_.Assignable(types, wanted)) continue;
      Use(&ref, o);
      gives = Final(gives);
      if (result == nullptr) {
        result = gives;
      } else if (!result->is_dyn() && !gives->Equals(*result)) {
        result = Type::Dyn();
      }
    }
    if (result == nullptr) {
      for (const Type*& t : types) t = unify_.Substitute(t, /*to_dyn=*/true);
      return Say(id,
                 StrCat("found no matching overload for '", f.name, "' applied to '", Signature(types, member), "'"));
    }
    Set(id, result);
  }

  void Use(Ref* ref, const Overload& o) {
    out_.overloads.push_back(&o);
    ++ref->count;
  }

  const Type* Join(NodeId at, const Type* previous, const Type* current) {
    if (previous == nullptr) return current;
    if (unify_.Assignable(previous, current)) return unify_.MostGeneral(previous, current);
    return Type::Dyn();
  }

  // The type of a part that is marked optional: what is in it.
  const Type* Marked(NodeId at, const Type* type) {
    bool optional = false;
    const Type* inner = UnwrapOptional(type, &optional);
    if (!optional && !inner->is_dyn()) Mismatch(at, out_.pool.Optional(inner), inner);
    return inner;
  }

  void List(NodeId id) {
    const Type* element = nullptr;
    for (uint32_t i = 0; i < ast_[id].count; ++i) {
      const NodeId child = ast_.Child(id, i);
      Visit(child);
      const Type* type = ast_.IsOptional(id, i) ? Marked(child, TypeOf(child)) : TypeOf(child);
      element = Join(child, element, type);
    }
    Set(id, out_.pool.List(element == nullptr ? unify_.NewVariable() : element));
  }

  void Map(NodeId id) {
    const Type *key = nullptr, *value = nullptr;
    for (uint32_t i = 0; i < ast_[id].count; i += 2) {
      const NodeId k = ast_.Child(id, i), v = ast_.Child(id, i + 1);
      Visit(k);
      key = Join(k, key, TypeOf(k));
      Visit(v);
      value = Join(v, value, ast_.IsOptional(id, i + 1) ? Marked(v, TypeOf(v)) : TypeOf(v));
    }
    Set(id,
        out_.pool.Map(key == nullptr ? unify_.NewVariable() : key, value == nullptr ? unify_.NewVariable() : value));
  }

  void Struct(NodeId id) {
    std::string_view name = ast_.Name(id);
    if (name.starts_with('.')) name.remove_prefix(1);
    const Type* type = env_.FindStruct(name);
    if (type == nullptr) {
      const Type* other = env_.functions().FindType(name);
      if (other != nullptr) {
        Say(id, StrCat("'", other->TypeName(), "' is not a message type"));
      } else {
        Undeclared(id, ast_.Name(id));
      }
      return;
    }
    out_.refs[id] = {.kind = RefKind::kType, .type = type};
    Set(id, type);
    for (uint32_t i = 0; i < ast_[id].count; ++i) {
      const NodeId child = ast_.Child(id, i);
      const std::string_view field = ast_.names[ast_.fields[ast_[id].first + i]];
      Visit(child);
      const auto* declared = type->FindField(field);
      const Type* found = ast_.IsOptional(id, i) ? Marked(child, TypeOf(child)) : TypeOf(child);
      if (declared == nullptr) {
        Say(child, StrCat("undefined field '", field, "'"));
      } else if (!unify_.Assignable(declared->type, found)) {
        Say(child, StrCat("expected type of field '", field, "' is '", declared->type->ToString(),
                          "' but provided type is '", Final(found)->ToString(), "'"));
      }
    }
  }

  uint32_t Declare(std::string_view name, const Type* type) {
    locals_.push_back({name, type, out_.locals});
    return out_.locals++;
  }

  void Comprehension(NodeId id) {
    const auto part = ast_.Children(id);
    Visit(part[kRange]);
    Visit(part[kInit]);
    const Type* range = Final(TypeOf(part[kRange]));
    const bool two = ast_[id].name2 != 0;
    const Type *first = Type::Dyn(), *second = Type::Dyn();
    switch (range->kind()) {
      case Kind::kList:
        first = two ? Type::Int() : range->parameter(0);
        second = range->parameter(0);
        break;
      case Kind::kMap:
        first = range->parameter(0);
        second = range->parameter(1);
        break;
      case Kind::kParam:
        unify_.Assignable(Type::Dyn(), range);
        break;
      case Kind::kDyn:
      case Kind::kError:
        break;
      default:
        Say(part[kRange], StrCat("expression of type '", range->ToString(),
                                 "' cannot be range of a comprehension (must be list, map, or dynamic)"));
        first = second = Type::Error();
    }
    const size_t mark = locals_.size();
    const Type* accumulator = TypeOf(part[kInit]);
    LoopLocals loop;
    loop.accumulator = Declare(ast_.names[ast_[id].accu], accumulator);
    loop.first = Declare(ast_.names[ast_[id].name], first);
    if (two) loop.second = Declare(ast_.names[ast_[id].name2], second);
    Visit(part[kCondition]);
    Assert(part[kCondition], Type::Bool());
    Visit(part[kStep]);
    Assert(part[kStep], accumulator);
    locals_.resize(mark + 1);
    Visit(part[kResult]);
    locals_.resize(mark);
    out_.loops[id] = loop;
    Set(id, Final(TypeOf(part[kResult])));
  }

  void Assert(NodeId id, const Type* type) {
    if (!unify_.Assignable(type, TypeOf(id))) Mismatch(id, type, TypeOf(id));
  }

  const Environment& env_;
  const Source& source_;
  Checked& out_;
  const Ast& ast_;
  std::vector<Issue>& issues_;
  Unifier unify_;
  std::vector<Local> locals_;
};

}  // namespace

bool Check(const Environment& environment, const Source& source, Checked* checked, std::vector<Issue>* issues) {
  return Checker(environment, source, checked, issues).Run();
}

}  // namespace atoll::cel
