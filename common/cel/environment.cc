#include "common/cel/environment.h"

#include <utility>

#include "common/base/strings.h"
#include "common/cel/code.h"
#include "common/cel/parser.h"
#include "common/cel/program.h"

namespace atoll::cel {
namespace {

// Releases that brought macros.
constexpr int kOptionalsMinor = 28, kTwoVariablesMinor = 32, kListsMinor = 34;

}  // namespace

Environment::Environment(EnvironmentOptions options)
    : options_(std::move(options)), functions_(Functions::Of(options_.minor)) {}

EnvironmentPtr Environment::Make(EnvironmentOptions options) {
  return EnvironmentPtr(new Environment(std::move(options)));
}

int Environment::FindVariable(std::string_view name) const {
  for (size_t i = 0; i < options_.variables.size(); ++i) {
    if (options_.variables[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

const Type* Environment::FindStruct(std::string_view name) const {
  for (const Type* type : options_.structs) {
    if (type->name() == name) return type;
  }
  return nullptr;
}

Compiled Environment::Compile(std::string_view expression) const {
  Compiled out;
  const Source source(expression);
  auto checked = std::make_unique<Checked>();
  const ParseOptions parse{.macros = {.optionals = minor() >= kOptionalsMinor,
                                      .two_variables = minor() >= kTwoVariablesMinor,
                                      .lists = minor() >= kListsMinor},
                           .optional_syntax = minor() >= kOptionalsMinor};
  auto code = std::make_unique<Code>();
  if (Parse(source, parse, &checked->ast, &out.issues) && Check(*this, source, checked.get(), &out.issues)) {
    ValidateLiterals(*checked, source, &out.issues);
  }
  if (!out.issues.empty()) {
    out.error = source.Format(out.issues);
    return out;
  }
  std::string wrong;
  if (!Generate(*this, *checked, code.get(), &wrong)) {
    out.issues.push_back({-1, -1, wrong});
    out.error = StrCat("program instantiation failed: ", wrong);
    return out;
  }
  out.program = std::make_shared<const Program>(shared_from_this(), std::move(checked), std::move(code));
  return out;
}

}  // namespace atoll::cel
