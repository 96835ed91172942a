#include "common/cel/cost.h"

#include <catch2/catch.hpp>
#include <map>

#include "common/cel/testing_evaluate.h"

namespace atoll::cel {
namespace {

TEST_CASE("Costs saturate", "[cel]") {
  CHECK(AddCost(UINT64_MAX, 1) == UINT64_MAX);
  CHECK(MultiplyCost(UINT64_MAX, uint64_t{2}) == UINT64_MAX);
  CHECK(MultiplyCost(uint64_t{11}, 0.1) == 2);
  CHECK(MultiplyCost(UINT64_MAX, 10.0) == UINT64_MAX);
}

TEST_CASE("What an evaluation costs", "[cel]") {
  testing::Bench bench;
  bench.Bind("x", "7", Type::Int());
  bench.Bind("s", R"("0123456789012345678901234567890")", Type::String());
  bench.Bind("l", "[1,2,3]", bench.pool().List(Type::Int()));
  bench.Bind("d", R"({"a":{"b":1}})");
  struct Case {
    const char* expression;
    uint64_t cost, min, max;
  };
  const Case cases[] = {
      {"true", 0, 0, 0},
      {"x", 1, 1, 1},
      {"x > 1", 2, 2, 2},
      {"x > 1 && x < 9", 4, 2, 4},
      {"x > 100 && x < 9", 2, 2, 4},
      {"s == 'abc'", 2, 2, 2},
      {"s + s == 'x'", 10, 3, 1844674407370955267},
      {"d.a.b", 3, 1, 1},
      {"has(d.a.b)", 2, 1, 1},
      {"[1, 2, 3]", 0, 10, 10},
      {"[x]", 11, 11, 11},
      {"{'a': x}", 31, 31, 31},
      {"x in [1, 2, 7]", 1, 14, 14},
      {"l[0]", 2, 2, 2},
      {"l.all(i, i > 0)", 17, 2, UINT64_MAX},
      {"l.map(i, i * 2)", 44, 12, UINT64_MAX},
      {"x > 1 ? x : l[0]", 2, 3, 4},
      {"optional.of(x).orValue(1)", 2, 3, 3},
  };
  for (const Case& c : cases) {
    INFO(c.expression);
    const Compiled compiled = bench.Compile(c.expression);
    REQUIRE(compiled.error == "");
    bench.Run(*compiled.program);
    CHECK(bench.evaluation().cost() == c.cost);
    const Range estimate = compiled.program->EstimateCost();
    CHECK(estimate.min == c.min);
    CHECK(estimate.max == c.max);
  }
}

class Sizes : public SizeEstimator {
 public:
  std::optional<Range> EstimateSize(const std::vector<std::string>& path, const Type&) const override {
    std::string joined;
    for (const std::string& step : path) joined += "/" + step;
    const auto at = known.find(joined);
    return at == known.end() ? std::nullopt : std::optional(Range{0, at->second});
  }
  std::map<std::string, uint64_t> known;
};

TEST_CASE("Sizes of the input bound estimates", "[cel]") {
  TypePool pool;
  const Type* item = pool.Struct("item", {{"name", "name", Type::String()}});
  const Type* self = pool.Struct(
      "object", {{"items", "items", pool.List(item)}, {"labels", "labels", pool.Map(Type::String(), Type::String())}});
  const auto environment = Environment::Make({.variables = {{"self", self}}});
  Sizes sizes;
  sizes.known = {
      {"/self/items", 10}, {"/self/items/@items/name", 100}, {"/self/labels", 5}, {"/self/labels/@keys", 63}};
  const auto estimate = [&](std::string_view expression) {
    const Compiled compiled = environment->Compile(expression);
    REQUIRE(compiled.error == "");
    return compiled.program->EstimateCost(&sizes).max;
  };
  CHECK(estimate("self.items.all(i, true)") == 2 + 1 + 10 * (2 + 1));
  CHECK(estimate("self.items.all(i, i.name == 'x')") == 2 + 1 + 10 * (2 + 1 + 2 + 1));
  CHECK(estimate("self.items.all(i, i.name.startsWith('x'))") == 2 + 1 + 10 * (2 + 1 + 2 + 1));
  CHECK(estimate("self.labels.all(k, k.size() < 64)") == 2 + 1 + 5 * (2 + 1 + 3));
  CHECK(estimate("self.items.all(i, self.items.all(j, i.name != j.name))") < kEstimatedRuleLimit);
}

}  // namespace
}  // namespace atoll::cel
