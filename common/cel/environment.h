// Environment: what an expression may speak of: variables with their types, the functions of a Kubernetes release, the
// types it may construct. Compile() makes Programs.
//
// Immutable and cheap: functions are shared by all environments of a release; make one per schema node. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/cel/function.h"
#include "common/cel/issues.h"
#include "common/cel/type.h"

namespace atoll::cel {

class Program;
using ProgramPtr = std::shared_ptr<const Program>;

// The release that is served, and the one expressions are compatible with: a rollback by one release must still
// understand what was stored.
inline constexpr int kServedMinor = 36;
inline constexpr int kCompatibleMinor = 35;

struct Variable {
  std::string name;  // may have dots: `authorizer.requestResource`
  const Type* type = nullptr;
};

struct EnvironmentOptions {
  std::vector<Variable> variables;       // an Activation's slots, in this order
  std::vector<const Type*> structs;      // what may be written as `Name{field: value}`
  std::shared_ptr<const TypePool> pool;  // keeps the types above; may be empty when they live for the process
  int minor = kCompatibleMinor;          // of Kubernetes 1.N: which functions there are
  // Names what the options mean: two environments with equal identities must have equal options. For ProgramCache.
  std::string identity;
};

struct Compiled {
  ProgramPtr program;         // nullptr when there are issues
  std::vector<Issue> issues;  // as found
  std::string error;          // all of them as cel-go prints them; empty when there is a program

  bool ok() const { return program != nullptr; }
};

class Environment : public std::enable_shared_from_this<Environment> {
 public:
  static std::shared_ptr<const Environment> Make(EnvironmentOptions options);

  // Parses, checks, validates literals, and makes it ready to run. Never throws, never recurses beyond a fixed depth.
  Compiled Compile(std::string_view expression) const;

  const std::vector<Variable>& variables() const { return options_.variables; }
  // Its slot in an Activation, or -1.
  int FindVariable(std::string_view name) const;
  const Type* FindStruct(std::string_view name) const;
  const Functions& functions() const { return functions_; }
  int minor() const { return options_.minor; }
  const std::string& identity() const { return options_.identity; }

 private:
  explicit Environment(EnvironmentOptions options);

  const EnvironmentOptions options_;
  const Functions& functions_;
};
using EnvironmentPtr = std::shared_ptr<const Environment>;

}  // namespace atoll::cel
