// What tests of this folder share: an expression in, a text out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/cel/environment.h"
#include "common/cel/program.h"
#include "common/json/parse.h"

namespace atoll::cel::testing {

// Variables of JSON, with types. Owns what it binds.
class Bench {
 public:
  explicit Bench(int minor = kCompatibleMinor) { options_.minor = minor; }

  TypePool& pool() { return *pool_; }
  // Typed by `type`; dyn when nullptr.
  Bench& Bind(std::string name, std::string_view json, const Type* type = nullptr) {
    auto parsed = json::Parse(json);
    CHECK_OK(parsed.status());
    options_.variables.push_back({std::move(name), type == nullptr ? Type::Dyn() : type});
    inputs_.push_back(std::make_unique<json::Value>(std::move(*parsed)));
    return *this;
  }
  EnvironmentPtr Environment() {
    if (environment_ == nullptr) {
      EnvironmentOptions options = options_;
      options.pool = pool_;
      environment_ = cel::Environment::Make(std::move(options));
    }
    return environment_;
  }
  Compiled Compile(std::string_view expression) { return Environment()->Compile(expression); }
  // The value as DebugString has it; `error: ...` when it ends in one; what is wrong when it does not compile.
  std::string Run(std::string_view expression) {
    const Compiled compiled = Compile(expression);
    if (!compiled.ok()) return compiled.error;
    return Run(*compiled.program);
  }
  std::string Run(const Program& program, const Limits& limits = {}) {
    evaluation_.Reset();
    std::vector<Value> slots;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      slots.push_back(Value::Json(*inputs_[i], options_.variables[i].type, evaluation_.arena()));
    }
    const Value result = program.Evaluate(slots, limits, &evaluation_);
    if (result.is_error()) return "error: " + std::string(result.text());
    return DebugString(result, evaluation_.arena());
  }
  Evaluation& evaluation() { return evaluation_; }

 private:
  std::shared_ptr<TypePool> pool_ = std::make_shared<TypePool>();
  EnvironmentOptions options_;
  std::vector<std::unique_ptr<json::Value>> inputs_;
  EnvironmentPtr environment_;
  Evaluation evaluation_;
};

}  // namespace atoll::cel::testing
