#include "common/rules/rule_set.h"

#include <algorithm>

#include "common/base/strings.h"
#include "common/json/write.h"

namespace atoll::rules {
namespace {

using json::Value;

constexpr size_t kMessageBytesMax = 5 * 1024;

std::string_view Trimmed(std::string_view s) {
  constexpr std::string_view kSpace = " \t\n\r\v\f";
  const size_t from = s.find_first_not_of(kSpace);
  return from == std::string_view::npos ? "" : s.substr(from, s.find_last_not_of(kSpace) - from + 1);
}

// Where a value stands: members after a dot, keys of maps in brackets.
struct Place {
  enum class Kind : uint8_t { kRoot, kMember, kKey, kItem };
  const Place* up = nullptr;
  Kind kind = Kind::kRoot;
  std::string_view name = {};
  size_t index = 0;

  void AppendTo(std::string* out) const {
    if (up != nullptr) up->AppendTo(out);
    if (kind == Kind::kMember) StrAppend(out, out->empty() ? "" : ".", name);
    if (kind == Kind::kKey) StrAppend(out, "[", name, "]");
    if (kind == Kind::kItem) StrAppend(out, "[", index, "]");
  }
};

// What an update says of a value: the one it replaces, and, where none can be told, the nearest value around it that
// has one.
struct History {
  const Value* old = nullptr;
  const Value *around = nullptr, *old_around = nullptr;

  bool Unchanged(const Value& now) const {
    if (old != nullptr) return *old == now;
    return around != nullptr && old_around != nullptr && *around == *old_around;
  }
  History Below(const Value& here, const Value* old_below) const {
    if (old == nullptr) return {nullptr, around, old_around};
    return {old_below, &here, old};
  }
};

const Value* SameKeys(const std::vector<std::string>& keys, const Value& item, const Value* old) {
  if (keys.empty() || old == nullptr || !old->is_array() || !item.is_object()) return nullptr;
  for (const Value& candidate : old->array()) {
    const bool same = std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
      const Value *a = item.Find(key), *b = candidate.Find(key);
      return a == nullptr || b == nullptr ? a == b : *a == *b;
    });
    if (same) return &candidate;
  }
  return nullptr;
}

class Run {
 public:
  Run(api::FieldErrors* errors, std::vector<std::string>* warnings) : errors_(*errors), warnings_(*warnings) {}

  // False when the budget is spent: nothing more is judged.
  bool Node(const RuleNode& node, const Value& v, const Place& place, const History& history) {
    if (v.is_null()) return true;
    if (!node.rules.empty() && !Rules(node, v, place, history)) return false;
    if (v.is_array() && node.items != nullptr) {
      for (size_t i = 0; i < v.array().size(); ++i) {
        const Value& item = v.array()[i];
        const Place below{&place, Place::Kind::kItem, {}, i};
        if (!Node(*node.items, item, below, history.Below(v, SameKeys(node.map_keys, item, history.old)))) return false;
      }
    }
    if (!v.is_object()) return true;
    for (const auto& [name, child] : v.object()) {
      const Value* old = history.old == nullptr ? nullptr : history.old->Find(name);
      for (const auto& [property, below] : node.properties) {
        if (property != name) continue;
        if (!Node(*below, child, Place{&place, Place::Kind::kMember, name}, history.Below(v, old))) return false;
      }
      if (node.additional != nullptr &&
          !Node(*node.additional, child, Place{&place, Place::Kind::kKey, name}, history.Below(v, old)))
        return false;
    }
    return true;
  }

 private:
  std::string FieldOf(const Place& place, std::string_view rest = "") const {
    std::string field;
    place.AppendTo(&field);
    if (field.empty() && rest.starts_with('.')) rest.remove_prefix(1);
    field += rest;
    return field.empty() ? "<nil>" : field;
  }

  // About the rule itself, not about the value.
  void Broken(const RuleNode& node, const Place& place, std::string_view what) {
    errors_.push_back(api::FieldInvalid(FieldOf(place), node.type_word, what));
  }

  bool Spend(uint64_t cost) {
    if (cost > budget_) return false;
    budget_ -= cost;
    return true;
  }

  bool Rules(const RuleNode& node, const Value& v, const Place& place, const History& history) {
    constexpr std::string_view kSpent =
        "validation failed due to running out of cost budget, no further validation rules will be run";
    if (budget_ == 0) {
      Broken(node, place, kSpent);
      return false;
    }
    for (const Rule& rule : node.rules) {
      if (rule.uses_old && history.old == nullptr && !rule.optional_old) continue;
      run_.Reset();
      cel::Value slots[2] = {cel::Value::Json(v, node.type, run_.arena()), cel::Value()};
      if (history.old != nullptr) slots[1] = cel::Value::Json(*history.old, node.type, run_.arena());
      if (rule.optional_old) {
        slots[1] = history.old == nullptr ? cel::Value::NoOptional() : cel::Value::Optional(slots[1], run_.arena());
      }
      const cel::Value result = rule.program->Evaluate(slots, {.cost_max = cel::kPerCallLimit}, &run_);
      if (!Spend(run_.cost())) {
        Broken(node, place, kSpent);
        return false;
      }
      const std::string_view called = rule.message.empty() ? rule.text : rule.message;
      if (result.is_error()) {
        const std::string_view why = result.text();
        if (run_.cost_exceeded()) {
          Broken(
              node, place,
              StrCat("'", why,
                     "': no further validation rules will be run due to call cost exceeds limit for rule: ", called));
          return false;
        }
        Broken(node, place,
               why.starts_with("no such overload")
                   ? StrCat("'", why,
                            "': call arguments did not match a supported operator, function or macro signature for "
                            "rule: ",
                            called)
                   : StrCat(why, " evaluating rule: ", called));
        continue;
      }
      if (result.IsTrue()) continue;
      if (!Fail(node, rule, v, slots, place, history)) return false;
    }
    return true;
  }

  bool Fail(const RuleNode& node, const Rule& rule, const Value& v, const cel::Value* slots, const Place& place,
            const History& history) {
    std::string detail = rule.message.empty() ? StrCat("failed rule: ", rule.text) : rule.message;
    bool spent = false;
    api::FieldError error;
    if (rule.message_program != nullptr) {
      const cel::Value said =
          rule.message_program->Evaluate(std::span(slots, 2), {.cost_max = cel::kPerCallLimit}, &run_);
      std::string why;
      if (!Spend(run_.cost())) {
        why =
            "messageExpression evaluation failed due to running out of cost budget, no further validation rules will "
            "be run";
      } else if (run_.cost_exceeded()) {
        why = StrCat("no further validation rules will be run due to call cost exceeds limit for messageExpression: ",
                     api::GoQuote(rule.message_expression));
      }
      if (!why.empty()) {
        spent = true;
        error = api::FieldInvalid(FieldOf(place, rule.field_path), node.type_word, why);
      } else if (said.is_string()) {
        const std::string_view text = Trimmed(said.text());
        if (!text.empty() && text.size() <= kMessageBytesMax && text.find('\n') == std::string_view::npos)
          detail = text;
      }
    }
    if (!spent) error = Failure(rule, v, FieldOf(place, rule.field_path), detail);
    if (!rule.uses_old && history.Unchanged(v)) {
      warnings_.push_back(error.Line());
    } else {
      errors_.push_back(std::move(error));
    }
    return !spent;
  }

  // Objects and lists are not printed.
  static api::FieldError Failure(const Rule& rule, const Value& v, std::string field, std::string_view detail) {
    if (rule.reason == "FieldValueForbidden") return api::FieldForbidden(std::move(field), detail);
    if (rule.reason == "FieldValueRequired") return api::FieldRequired(std::move(field), detail);
    const bool whole = v.is_object() || v.is_array();
    if (rule.reason == "FieldValueDuplicate") {
      api::FieldError e = api::FieldDuplicate(std::move(field), v);
      e.body = StrCat(whole ? "Duplicate value" : e.body, ": ", detail);
      return e;
    }
    if (whole) return {"FieldValueInvalid", std::move(field), StrCat("Invalid value: ", detail)};
    return api::FieldInvalid(std::move(field), v, detail);
  }

  api::FieldErrors& errors_;
  std::vector<std::string>& warnings_;
  cel::Evaluation run_;
  uint64_t budget_ = cel::kPerObjectBudget;
};

}  // namespace

void RuleSet::Judge(const Value& object, const Value* old, api::FieldErrors* errors,
                    std::vector<std::string>* warnings) const {
  Run(errors, warnings).Node(*root_, object, {}, {.old = old});
}

bool SkipRules(api::FieldErrors* errors) {
  const bool skip = std::any_of(errors->begin(), errors->end(), [](const api::FieldError& e) {
    return e.reason == "FieldValueRequired" || e.reason == "FieldValueNotSupported" ||
           e.reason == "FieldValueTooLong" || e.reason == "FieldValueTooMany" || e.reason == "FieldValueTypeInvalid";
  });
  if (skip) {
    errors->push_back(
        api::FieldInvalid("<nil>", Value(),
                          "some validation rules were not checked because the object was invalid; correct "
                          "the existing errors to complete validation"));
  }
  return skip;
}

}  // namespace atoll::rules
