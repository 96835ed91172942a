// Expressions: whatever is thrown at the compiler ends in a program or in issues; whatever compiles runs to its end
// within its cost, twice to the same.
#include <cstdint>
#include <string>

#include "common/base/check.h"
#include "common/cel/program.h"
#include "common/json/parse.h"

namespace {

using namespace atoll::cel;  // NOLINT

const atoll::json::Value& Input() {
  static const auto* input = new atoll::json::Value(*atoll::json::Parse(
      R"({"x":7,"s":"a\u00e4,b","l":[1,2,3],"m":{"a":1,"b":2},"t":["a",""],"o":{"p":{"q":null}},"d":1.5,"b":true,)"
      R"("at":"2024-02-29T00:00:00Z"})"));
  return *input;
}

EnvironmentPtr Surroundings() {
  static const EnvironmentPtr environment = [] {
    auto pool = std::make_shared<TypePool>();
    const Type* self = pool->Struct("self", {{"x", "x", Type::Int()},
                                             {"s", "s", Type::String()},
                                             {"l", "l", pool->List(Type::Int(), ListKind::kSet, {})},
                                             {"m", "m", pool->Map(Type::String(), Type::Int())},
                                             {"t", "t", pool->List(Type::String())},
                                             {"at", "at", Type::Timestamp()},
                                             {"b", "b", Type::Bool()},
                                             {"d", "d", Type::Double()}});
    return Environment::Make({.variables = {{"self", self}, {"d", Type::Dyn()}}, .pool = pool});
  }();
  return environment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string expression(reinterpret_cast<const char*>(data), size);
  const Compiled compiled = Surroundings()->Compile(expression);
  ATOLL_CHECK(compiled.ok() == compiled.error.empty());
  if (!compiled.ok()) return 0;
  compiled.program->EstimateCost();
  ATOLL_CHECK(compiled.program->type().ToString().size() > 0);
  constexpr uint64_t kCostMax = 20'000;
  Evaluation evaluation;
  std::string first;
  for (int round = 0; round < 2; ++round) {
    evaluation.Reset();
    const Value slots[] = {Value::Json(Input(), Surroundings()->variables()[0].type, evaluation.arena()),
                           Value::Json(Input(), nullptr, evaluation.arena())};
    const Value result = compiled.program->Evaluate(slots, {.cost_max = kCostMax}, &evaluation);
    ATOLL_CHECK(!result.is_unset());
    ATOLL_CHECK(evaluation.cost_exceeded() == (result.is_error() && result.text() == kCostExceeded));
    if (!evaluation.cost_exceeded()) ATOLL_CHECK(evaluation.cost() <= kCostMax);
    const std::string text = DebugString(result, evaluation.arena());
    if (round == 0) {
      first = text;
    } else {
      ATOLL_CHECK(text == first);
    }
  }
  return 0;
}
