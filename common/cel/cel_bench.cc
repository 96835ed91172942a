// How long rules take: `common_cel_bench [rounds]`. One thread; a rule is evaluated on an object that was parsed
// before, as the API server does.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "common/cel/program.h"
#include "common/json/parse.h"

namespace atoll::cel {
namespace {

double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

void Run(int rounds) {
  auto pool = std::make_shared<TypePool>();
  const Type* self = pool->Struct("object", {{"replicas", "replicas", Type::Int()},
                                             {"teeth", "teeth", Type::Int()},
                                             {"name", "name", Type::String()},
                                             {"ports", "ports", pool->List(Type::Int())},
                                             {"labels", "labels", pool->Map(Type::String(), Type::String())}});
  const auto environment = Environment::Make({.variables = {{"self", self}, {"oldSelf", self}}, .pool = pool});
  const auto object = json::Parse(
      R"({"name":"example","replicas":3,"teeth":5,"ports":[80,443,8080,8443],"labels":{"app":"a","tier":"gold"}})");
  CHECK_OK(object.status());
  for (const char* expression :
       {"self.replicas <= self.teeth", "self.name.startsWith('ex') && self.replicas > 0",
        "!has(self.labels) || self.labels.all(k, k.size() < 64)", "self.ports.all(p, p > 0 && p < 65536)",
        "self.name.matches('^[a-z]+$')", "self.replicas == oldSelf.replicas", "self.name in ['a', 'b', 'example']",
        "self.ports.map(p, p + 1).filter(p, p > 100).size() == 3"}) {
    const Compiled compiled = environment->Compile(expression);
    CHECK(compiled.ok());
    Evaluation evaluation;
    const double begin = CpuSeconds();
    for (int i = 0; i < rounds; ++i) {
      evaluation.Reset();
      const Value slots[] = {Value::Json(*object, self, evaluation.arena()),
                             Value::Json(*object, self, evaluation.arena())};
      const Value result = compiled.program->Evaluate(slots, {}, &evaluation);
      CHECK(result.IsTrue());
    }
    std::printf("%8.1f ns  %s\n", (CpuSeconds() - begin) * 1e9 / rounds, expression);
  }
  const double begin = CpuSeconds();
  constexpr int kCompilations = 2000;
  for (int i = 0; i < kCompilations; ++i) {
    CHECK(environment->Compile("self.ports.all(p, p > 0 && p < 65536) && self.replicas <= self.teeth").ok());
  }
  std::printf("%8.1f us  to compile a rule of 60 characters\n", (CpuSeconds() - begin) * 1e6 / kCompilations);
}

}  // namespace
}  // namespace atoll::cel

int main(int argc, char** argv) {
  atoll::cel::Run(argc > 1 ? std::atoi(argv[1]) : 1'000'000);
  return 0;
}
