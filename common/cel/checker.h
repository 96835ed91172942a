// Checker: gives every node of an Ast a type, every name what it refers to, every call its overloads; or says why not,
// in cel-go's words.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/cel/ast.h"
#include "common/cel/environment.h"

namespace atoll::cel {

enum class RefKind : uint8_t {
  kNone,
  kLocal,     // index: which of the locals, counted over the whole expression
  kVariable,  // index: the environment's
  kType,      // a type as a value: `type`
  kCall,      // overloads [first, first + count); several when arguments are dyn
};

struct Ref {
  RefKind kind = RefKind::kNone;
  uint32_t index = 0;
  const Type* type = nullptr;
  const Function* function = nullptr;
  uint32_t first = 0, count = 0;
  // The call is of a function with a dotted name (`optional.of`): its target is part of the name.
  bool qualified = false;
};

struct LoopLocals {
  uint32_t accumulator = 0, first = 0, second = 0;
};

struct Checked {
  Ast ast;
  std::vector<const Type*> types;  // by node
  std::vector<Ref> refs;           // by node
  std::vector<const Overload*> overloads;
  absl::flat_hash_map<NodeId, LoopLocals> loops;
  uint32_t locals = 0;
  TypePool pool;
};

// Types `checked->ast`. False with issues when it has errors.
bool Check(const Environment& environment, const Source& source, Checked* checked, std::vector<Issue>* issues);

}  // namespace atoll::cel
