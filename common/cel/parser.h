// Parser: from text to Ast, macros expanded. Recursive descent whose depth is bounded by kDepthMax; the first syntax
// error ends it, in the words of cel-go's parser as far as a hand-written one has them.
#pragma once

#include <string_view>
#include <vector>

#include "common/cel/ast.h"
#include "common/cel/issues.h"
#include "common/cel/macros.h"

namespace atoll::cel {

struct ParseOptions {
  MacroSet macros;
  bool optional_syntax = true;  // `a.?b`, `a[?b]`, `[?a]`, `{?k: v}`
};

// False with at least one issue when the text is no expression.
bool Parse(const Source& source, const ParseOptions& options, Ast* ast, std::vector<Issue>* issues);

}  // namespace atoll::cel
