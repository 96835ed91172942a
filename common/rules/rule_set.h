// RuleSet: the compiled rules of one structural schema. Immutable, shared by all workspaces that have the schema;
// thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/api/errors.h"
#include "common/cel/program.h"
#include "common/json/value.h"

namespace atoll::rules {

struct Rule {
  cel::ProgramPtr program, message_program;  // message_program: of messageExpression, null without one
  std::string text, message, reason;         // trimmed
  std::string message_expression;
  std::string field_path;  // `.teeth`, appended to the field that an error names; "" for none
  bool uses_old = false, optional_old = false;
};

// A node of the schema that has rules, or leads to some.
struct RuleNode {
  const cel::Type* type = nullptr;  // null: no rules here, and none may be
  std::string type_word;            // `object`: what errors print instead of a large value
  std::vector<Rule> rules;
  std::vector<std::pair<std::string, std::unique_ptr<RuleNode>>> properties;
  std::unique_ptr<RuleNode> additional, items;
  std::vector<std::string> map_keys;  // of the items; empty: they have no old values
};

class RuleSet {
 public:
  RuleSet(std::unique_ptr<const RuleNode> root, std::shared_ptr<const cel::TypePool> types)
      : types_(std::move(types)), root_(std::move(root)) {}

  // Failures go to `errors`; what fails where an update of `old` (null: a creation) changed nothing goes to `warnings`.
  // Bound: cel::kPerObjectBudget for all rules together.
  void Judge(const json::Value& object, const json::Value* old, api::FieldErrors* errors,
             std::vector<std::string>* warnings) const;

 private:
  const std::shared_ptr<const cel::TypePool> types_;
  const std::unique_ptr<const RuleNode> root_;
};
using RuleSetPtr = std::shared_ptr<const RuleSet>;

// Whether errors that were found make it pointless to run rules; then an error is added that says so.
bool SkipRules(api::FieldErrors* errors);

}  // namespace atoll::rules
