// Macros: calls that the parser rewrites, because their arguments are no values: has(), all(), map(), optMap(), ...
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/cel/ast.h"
#include "common/cel/ast_builder.h"

namespace atoll::cel {

// Which groups of macros there are; the standard ones always are.
struct MacroSet {
  bool optionals = true;      // optMap, optFlatMap
  bool two_variables = true;  // all(i, v, ...), transformList, ...
  bool lists = true;          // sortBy
};

struct MacroResult {
  bool expanded = false;  // it was a macro
  NodeId node = kNoNode;
  NodeId error_at = kNoNode;  // with `error`
  std::string error;
};

// `target` is kNoNode for a global call. `offset` is where the call's parenthesis stands.
MacroResult ExpandMacro(const MacroSet& set, std::string_view name, NodeId target, std::span<const NodeId> arguments,
                        uint32_t offset, AstBuilder& build);

}  // namespace atoll::cel
