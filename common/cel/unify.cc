#include "common/cel/unify.h"

#include "common/base/strings.h"

namespace atoll::cel {
namespace {

using Kind = Type::Kind;

bool IsDynOrError(const Type* t) { return t->is_dyn() || t->is_error(); }

bool MayBeNull(const Type* t) {
  return t->nullable() || t->kind() == Kind::kNull || t->kind() == Kind::kOpaque || t->kind() == Kind::kStruct ||
         t->kind() == Kind::kDuration || t->kind() == Kind::kTimestamp;
}

bool EqualOrLessSpecific(const Type* a, const Type* b) {
  if (a->is_dyn() || a->kind() == Kind::kParam) return true;
  if (b->is_dyn() || b->kind() == Kind::kParam) return false;
  if (a->kind() != b->kind()) return false;
  switch (a->kind()) {
    case Kind::kOpaque:
    case Kind::kList:
    case Kind::kMap:
      if (a->name() != b->name() || a->parameters().size() != b->parameters().size()) return false;
      for (size_t i = 0; i < a->parameters().size(); ++i) {
        if (!EqualOrLessSpecific(a->parameter(i), b->parameter(i))) return false;
      }
      return true;
    case Kind::kType:
      return true;
    default:
      return a->Equals(*b);
  }
}

}  // namespace

const Type* Unifier::NewVariable() {
  const uint32_t variable = static_cast<uint32_t>(bindings_.size());
  bindings_.push_back(nullptr);
  return pool_.Param(StrCat("_var", variable - 1), variable);
}

const Type* Unifier::Instantiate(const Type* declared, Scope* scope) {
  if (declared->kind() == Kind::kParam) {
    for (const auto& [name, type] : *scope) {
      if (name == declared->name()) return type;
    }
    scope->emplace_back(declared->name(), NewVariable());
    return scope->back().second;
  }
  if (declared->parameters().empty()) return declared;
  std::vector<const Type*> parameters;
  bool changed = false;
  for (const Type* p : declared->parameters()) {
    parameters.push_back(Instantiate(p, scope));
    changed |= parameters.back() != p;
  }
  if (!changed) return declared;
  switch (declared->kind()) {
    case Kind::kList:
      return pool_.List(parameters[0]);
    case Kind::kMap:
      return pool_.Map(parameters[0], parameters[1]);
    case Kind::kType:
      return pool_.TypeOf(parameters[0]);
    default:
      return pool_.Opaque(declared->name(), std::move(parameters));
  }
}

void Unifier::Bind(const Type* variable, const Type* type) {
  trail_.push_back({variable->variable(), bindings_[variable->variable()]});
  bindings_[variable->variable()] = type;
}

void Unifier::Undo(size_t mark) {
  for (; trail_.size() > mark; trail_.pop_back()) bindings_[trail_.back().variable] = trail_.back().before;
}

bool Unifier::Assignable(const Type* to, const Type* from) {
  const size_t mark = trail_.size();
  if (Fits(to, from)) return true;
  Undo(mark);
  return false;
}

bool Unifier::Assignable(std::span<const Type* const> to, std::span<const Type* const> from) {
  if (to.size() != from.size()) return false;
  const size_t mark = trail_.size();
  for (size_t i = 0; i < to.size(); ++i) {
    if (!Fits(to[i], from[i])) {
      Undo(mark);
      return false;
    }
  }
  return true;
}

bool Unifier::FitsAll(const std::vector<const Type*>& to, const std::vector<const Type*>& from) {
  if (to.size() != from.size()) return false;
  for (size_t i = 0; i < to.size(); ++i) {
    if (!Fits(to[i], from[i])) return false;
  }
  return true;
}

bool Unifier::Fits(const Type* to, const Type* from) {
  if (from->kind() == Kind::kParam) {
    bool bound = false;
    if (SubstitutionFits(to, from, &bound)) return true;
    if (bound) return false;
  }
  if (to->kind() == Kind::kParam) {
    bool bound = false;
    return SubstitutionFits(from, to, &bound);
  }
  if (IsDynOrError(to) || IsDynOrError(from)) return true;
  if (to->kind() == Kind::kNull) return MayBeNull(from);
  if (from->kind() == Kind::kNull) return MayBeNull(to);
  if (to->kind() != from->kind()) return false;
  switch (to->kind()) {
    case Kind::kType:
      return true;
    case Kind::kOpaque:
    case Kind::kList:
    case Kind::kMap:
      return to->name() == from->name() && FitsAll(to->parameters(), from->parameters());
    case Kind::kStruct:
      return to->name() == from->name();
    default:
      return true;
  }
}

bool Unifier::SubstitutionFits(const Type* type, const Type* variable, bool* bound) {
  if (type->kind() == Kind::kParam && type->variable() == variable->variable()) {
    *bound = true;
    return true;
  }
  if (const Type* now = Bound(variable); now != nullptr) {
    *bound = true;
    if (type->Equals(*now)) return true;
    if (!Fits(type, now)) return false;
    const Type* general = MostGeneral(type, now);
    if (!Occurs(variable, general)) Bind(variable, general);
    return true;
  }
  if (Occurs(variable, type)) return false;
  Bind(variable, type);
  return true;
}

bool Unifier::Occurs(const Type* variable, const Type* within) const {
  if (within->kind() == Kind::kParam) {
    if (within->variable() == variable->variable()) return true;
    const Type* bound = Bound(within);
    return bound != nullptr && Occurs(variable, bound);
  }
  for (const Type* p : within->parameters()) {
    if (Occurs(variable, p)) return true;
  }
  return false;
}

const Type* Unifier::MostGeneral(const Type* a, const Type* b) const { return EqualOrLessSpecific(a, b) ? a : b; }

const Type* Unifier::Substitute(const Type* type, bool to_dyn) {
  if (const Type* bound = Bound(type); bound != nullptr) return Substitute(bound, to_dyn);
  if (type->kind() == Kind::kParam) return to_dyn ? Type::Dyn() : type;
  if (type->parameters().empty()) return type;
  std::vector<const Type*> parameters;
  bool changed = false;
  for (const Type* p : type->parameters()) {
    parameters.push_back(Substitute(p, to_dyn));
    changed |= parameters.back() != p;
  }
  if (!changed) return type;
  switch (type->kind()) {
    case Kind::kList:
      return pool_.List(parameters[0], type->list_kind(), type->list_map_keys());
    case Kind::kMap:
      return pool_.Map(parameters[0], parameters[1]);
    case Kind::kType:
      return pool_.TypeOf(parameters[0]);
    default:
      return pool_.Opaque(type->name(), std::move(parameters));
  }
}

}  // namespace atoll::cel
