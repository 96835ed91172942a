#include "common/cel/program_cache.h"

#include <catch2/catch.hpp>

#include "common/cel/program.h"

namespace atoll::cel {
namespace {

EnvironmentPtr Of(std::string identity, const Type* type) {
  return Environment::Make({.variables = {{"self", type}}, .identity = std::move(identity)});
}

TEST_CASE("Programs are shared by environment and expression", "[cel]") {
  ProgramCache cache(2);
  const ProgramPtr first = cache.Compile(Of("a", Type::Int()), "self > 1").program;
  REQUIRE(first != nullptr);
  CHECK(cache.Compile(Of("a", Type::Int()), "self > 1").program == first);
  CHECK(cache.Compile(Of("b", Type::Uint()), "self > 1u").program != first);
  CHECK(cache.size() == 2);
  CHECK(cache.Compile(Of("a", Type::Int()), "self > 1").program == first);
  CHECK(cache.Compile(Of("a", Type::Int()), "self > 2").ok());  // the one of "b" goes
  CHECK(cache.size() == 2);
  CHECK(cache.Compile(Of("a", Type::Int()), "self > 1").program == first);
}

TEST_CASE("What does not compile is not kept", "[cel]") {
  ProgramCache cache;
  const Compiled wrong = cache.Compile(Of("a", Type::Int()), "self +");
  CHECK(!wrong.ok());
  CHECK(!wrong.error.empty());
  CHECK(cache.size() == 0);
}

}  // namespace
}  // namespace atoll::cel
