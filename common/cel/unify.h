// Unifier: which types fit which, and what type variables stand for. Attempts that fail leave no trace. One checker's.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "common/cel/type.h"

namespace atoll::cel {

class Unifier {
 public:
  explicit Unifier(TypePool* pool) : pool_(*pool) {}

  const Type* NewVariable();
  // Variables of a declaration (named A, T, ...) replaced by new ones; the same name by the same one within a `scope`.
  using Scope = std::vector<std::pair<std::string_view, const Type*>>;
  const Type* Instantiate(const Type* declared, Scope* scope);

  // Whether a value of `from` may be where `to` is wanted.
  bool Assignable(const Type* to, const Type* from);
  bool Assignable(std::span<const Type* const> to, std::span<const Type* const> from);
  const Type* MostGeneral(const Type* a, const Type* b) const;
  // Variables replaced by what they stand for; with `to_dyn`, those that stand for nothing by dyn.
  const Type* Substitute(const Type* type, bool to_dyn);

 private:
  struct Change {
    uint32_t variable;
    const Type* before;
  };

  const Type* Bound(const Type* type) const {
    return type->kind() == Type::Kind::kParam ? bindings_[type->variable()] : nullptr;
  }
  void Bind(const Type* variable, const Type* type);
  void Undo(size_t mark);
  bool Fits(const Type* to, const Type* from);
  bool FitsAll(const std::vector<const Type*>& to, const std::vector<const Type*>& from);
  bool SubstitutionFits(const Type* type, const Type* variable, bool* bound);
  bool Occurs(const Type* variable, const Type* within) const;

  TypePool& pool_;
  std::vector<const Type*> bindings_{nullptr};  // by variable; 0 is none
  std::vector<Change> trail_;
};

}  // namespace atoll::cel
