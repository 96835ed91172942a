#include "common/rules/compile.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include "common/base/strings.h"
#include "common/cel/environment.h"
#include "common/cel/program_cache.h"
#include "common/json/write.h"
#include "common/rules/declare.h"

namespace atoll::rules {
namespace {

using json::Value;

constexpr std::string_view kRules = "x-kubernetes-validations";
constexpr size_t kExpensiveMax = 4;  // rules that an error about the whole schema names
constexpr int64_t kRequestBytesMax = 3 * 1024 * 1024;

const json::Array& ListAt(const Value& v, std::string_view key) {
  static const json::Array* const none = new json::Array();
  const Value* found = v.Find(key);
  return found != nullptr && found->is_array() ? found->array() : *none;
}

std::string_view Trimmed(std::string_view s) {
  constexpr std::string_view kSpace = " \t\n\r\v\f";
  const size_t from = s.find_first_not_of(kSpace);
  return from == std::string_view::npos ? "" : s.substr(from, s.find_last_not_of(kSpace) - from + 1);
}

bool HasRules(const Value& s) {
  if (!s.is_object()) return false;
  if (!ListAt(s, kRules).empty()) return true;
  for (std::string_view key : {"items", "additionalProperties"}) {
    if (const Value* child = s.Find(key); child != nullptr && HasRules(*child)) return true;
  }
  const Value* properties = s.Find("properties");
  return properties != nullptr && properties->is_object() &&
         std::any_of(properties->object().begin(), properties->object().end(),
                     [](const auto& property) { return HasRules(property.second); });
}

std::string Sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// As Go prints `%f` and `%.1f`.
std::string Exceeds(std::string_view what, uint64_t cost, uint64_t limit) {
  const double factor = static_cast<double>(cost) / static_cast<double>(limit);
  char text[64];
  if (factor > 100) {
    std::snprintf(text, sizeof(text), "more than 100x");
  } else if (factor < 1.5) {
    std::snprintf(text, sizeof(text), "%fx", factor);
  } else {
    std::snprintf(text, sizeof(text), "%.1fx", factor);
  }
  return StrCat(what, " exceeds budget by factor of ", static_cast<const char*>(text),
                " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and "
                "strings are declared)");
}

// A rule as errors print it.
Value Printed(const Value& rule) {
  const auto or_null = [&](std::string_view key) {
    const Value* v = rule.Find(key);
    return v == nullptr ? Value() : *v;
  };
  return Value(json::Object{{"Rule", rule.StringAt({"rule"})},
                            {"Message", rule.StringAt({"message"})},
                            {"MessageExpression", rule.StringAt({"messageExpression"})},
                            {"Reason", or_null("reason")},
                            {"FieldPath", rule.StringAt({"fieldPath"})},
                            {"OptionalOldSelf", or_null("optionalOldSelf")}});
}

// `.spec['a.b'].c` in the form in which errors name fields. Members of maps stand in brackets.
std::string NormalizedPath(const Value& schema, std::string_view path) {
  const Value* at = &schema;
  std::string out;
  while (!path.empty() && at != nullptr) {
    std::string name;
    if (path.starts_with("['")) {
      path.remove_prefix(2);
      size_t end = 0;
      for (; end < path.size() && path[end] != '\''; ++end) {
        if (path[end] == '\\' && end + 1 < path.size()) ++end;
        name.push_back(path[end]);
      }
      path.remove_prefix(std::min(path.size(), end + 2));
    } else {
      path.remove_prefix(1);
      const size_t end = std::min(path.find_first_of(".["), path.size());
      name = path.substr(0, end);
      path.remove_prefix(end);
    }
    const Value* properties = at->Find("properties");
    const bool named = properties != nullptr && properties->is_object();
    StrAppend(&out, named ? "." : "[", name, named ? "" : "]");
    at = named ? properties->Find(name) : at->Find("additionalProperties");
  }
  return out;
}

class Compiler {
 public:
  Compiler(Costs costs, api::FieldErrors* errors) : costs_(costs), errors_(*errors) {}

  struct Context {
    bool resource = false;
    std::optional<uint64_t> count_max = 1;  // how often the value may be there; none: without a bound
    std::string no_old;                     // the list within which no old value can be told; "" where it can
  };

  std::unique_ptr<RuleNode> Node(const Value& s, const Declaration* declared, const std::string& path,
                                 const Context& context) {
    if (!HasRules(s)) return nullptr;
    if (declared == nullptr) declared = declarations_.Declare(s, context.resource);
    auto node = std::make_unique<RuleNode>();
    node->type_word = s.StringAt({"type"});
    if (declared != nullptr) {
      node->type = declared->type;
      Rules(s, *declared, path, context, node.get());
    } else if (!ListAt(s, kRules).empty()) {
      errors_.push_back({"InternalError", StrCat(path, ".", kRules),
                         "Internal error: internal error: failed to construct type information for "
                         "x-kubernetes-validations rules: unable to convert structural schema to CEL declarations"});
    }
    Children(s, declared, path, context, node.get());
    return node;
  }

  void Total(const std::string& path) {
    if (total_ <= cel::kEstimatedSchemaLimit) return;
    for (const auto& [cost, where] : expensive_) {
      errors_.push_back(api::FieldForbidden(
          where, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"));
    }
    errors_.push_back(api::FieldForbidden(
        path, Exceeds("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", total_,
                      cel::kEstimatedSchemaLimit)));
  }

  const Declaration* Root(const Value& s) { return declarations_.Declare(s, /*resource=*/true); }
  std::shared_ptr<const cel::TypePool> types() const { return declarations_.pool(); }

 private:
  static bool Embedded(const Value& s) { return s.BoolAt({"x-kubernetes-embedded-resource"}); }

  void Children(const Value& s, const Declaration* declared, const std::string& path, const Context& context,
                RuleNode* node) {
    Context below = context;
    below.count_max = Times(context.count_max, s);
    const Declaration* element = declared == nullptr ? nullptr : declared->element;
    if (const Value* items = s.Find("items"); items != nullptr && items->is_object()) {
      const bool map = s.StringAt({"x-kubernetes-list-type"}) == "map";
      Context item = below;
      item.resource = Embedded(*items);
      if (!map && item.no_old.empty()) item.no_old = path;
      node->items = Node(*items, element, path + ".items", item);
      if (map) {
        for (const Value& key : ListAt(s, "x-kubernetes-list-map-keys")) node->map_keys.emplace_back(key.StringOr());
      }
    }
    if (const Value* more = s.Find("additionalProperties"); more != nullptr && more->is_object()) {
      Context value = below;
      value.resource = Embedded(*more);
      node->additional = Node(*more, element, path + ".additionalProperties", value);
    }
    const Value* properties = s.Find("properties");
    if (properties == nullptr || !properties->is_object()) return;
    for (const auto& [name, child] : properties->object()) {
      const auto escaped = EscapedName(name);
      const Declaration* of = declared != nullptr && escaped ? declared->Field(*escaped) : nullptr;
      if (escaped && of == nullptr) continue;  // of a type that expressions cannot speak of
      Context member = below;
      member.resource = Embedded(child);
      if (auto made = Node(child, of, StrCat(path, ".properties[", name, "]"), member))
        node->properties.emplace_back(name, std::move(made));
    }
  }

  static std::optional<uint64_t> Times(std::optional<uint64_t> count, const Value& s) {
    const std::string_view type = s.StringAt({"type"});
    std::string_view bound;
    if (type == "array") bound = "maxItems";
    if (type == "object" && s.Find("additionalProperties") != nullptr) bound = "maxProperties";
    if (bound.empty() || !count) return count;
    const Value* v = s.Find(bound);
    if (v == nullptr || !v->is_number()) return std::nullopt;
    return cel::MultiplyCost(*count, static_cast<uint64_t>(std::max<int64_t>(0, s.IntAt({bound}))));
  }

  void Observe(uint64_t cost, const std::string& where) {
    total_ = cel::AddCost(total_, cost);
    if (cost < cel::kEstimatedSchemaLimit / 100) return;
    expensive_.emplace_back(cost, where);
    std::stable_sort(expensive_.begin(), expensive_.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    if (expensive_.size() > kExpensiveMax) expensive_.resize(kExpensiveMax);
  }

  void Rules(const Value& s, const Declaration& declared, const std::string& path, const Context& context,
             RuleNode* node) {
    const auto& rules = ListAt(s, kRules);
    if (rules.empty()) return;
    const std::string identity = Sha256(StrCat(json::Write(s), context.resource ? "r" : ""));
    const auto environment = [&](bool optional) {
      const cel::Type* old = optional ? optional_types_.Optional(declared.type) : declared.type;
      return cel::Environment::Make({.variables = {{"self", declared.type}, {"oldSelf", old}},
                                     .pool = declarations_.pool(),
                                     .identity = identity + (optional ? "o" : "")});
    };
    const DeclaredSizes sizes(&declared);
    const uint64_t count =
        context.count_max.value_or(static_cast<uint64_t>(kRequestBytesMax / (declared.bytes_min + 1)));
    for (size_t i = 0; i < rules.size(); ++i) {
      const Value& rule = rules[i];
      const std::string at = StrCat(path, ".", kRules, "[", i, "]");
      if (Trimmed(rule.StringAt({"rule"})).empty()) continue;
      Rule out;
      out.text = Trimmed(rule.StringAt({"rule"}));
      out.message = Trimmed(rule.StringAt({"message"}));
      out.reason = rule.StringAt({"reason"});
      out.message_expression = rule.StringAt({"messageExpression"});
      out.optional_old = rule.BoolAt({"optionalOldSelf"});
      out.field_path = NormalizedPath(s, rule.StringAt({"fieldPath"}));
      const cel::EnvironmentPtr env = environment(out.optional_old);
      const cel::Compiled compiled = cel::ProgramCache::Shared().Compile(env, rule.StringAt({"rule"}));
      if (!compiled.ok()) {
        errors_.push_back(
            api::FieldInvalid(at + ".rule", Printed(rule), StrCat("compilation failed: ", compiled.error)));
        continue;
      }
      if (compiled.program->type().kind() != cel::Type::Kind::kBool) {
        errors_.push_back(api::FieldInvalid(at + ".rule", Printed(rule), "cel expression must evaluate to a bool"));
        continue;
      }
      out.program = compiled.program;
      Charge(cel::MultiplyCost(compiled.program->EstimateCost(&sizes).max, count), "estimated rule cost", at + ".rule");
      if (!out.message_expression.empty()) Message(rule, env, sizes, at, &out);
      out.uses_old = compiled.program->Uses(env->FindVariable("oldSelf"));
      if (out.uses_old && !context.no_old.empty()) {
        errors_.push_back(api::FieldInvalid(
            at + ".rule", rule.StringAt({"rule"}),
            StrCat("oldSelf cannot be used on the uncorrelatable portion of the schema within ", context.no_old)));
      }
      if (const Value* optional = rule.Find("optionalOldSelf"); !out.uses_old && optional != nullptr) {
        errors_.push_back(
            api::FieldInvalid(at + ".optionalOldSelf", *optional, "may not be set if oldSelf is not used in rule"));
      }
      node->rules.push_back(std::move(out));
    }
  }

  void Message(const Value& rule, const cel::EnvironmentPtr& env, const DeclaredSizes& sizes, const std::string& at,
               Rule* out) {
    const std::string where = at + ".messageExpression";
    const cel::Compiled compiled = cel::ProgramCache::Shared().Compile(env, out->message_expression);
    if (!compiled.ok()) {
      errors_.push_back(
          api::FieldInvalid(where, Printed(rule), StrCat("messageExpression compilation failed: ", compiled.error)));
    } else if (compiled.program->type().kind() != cel::Type::Kind::kString) {
      errors_.push_back(api::FieldInvalid(where, Printed(rule), "messageExpression must evaluate to a string"));
    } else {
      Charge(compiled.program->EstimateCost(&sizes).max, "estimated messageExpression cost", where);
      out->message_program = compiled.program;
    }
  }

  void Charge(uint64_t cost, std::string_view what, const std::string& where) {
    if (costs_ == Costs::kChecked && cost > cel::kEstimatedRuleLimit)
      errors_.push_back(api::FieldForbidden(where, Exceeds(what, cost, cel::kEstimatedRuleLimit)));
    Observe(cost, where);
  }

  const Costs costs_;
  api::FieldErrors& errors_;
  Declarations declarations_;
  cel::TypePool& optional_types_ = declarations_.mutable_pool();
  uint64_t total_ = 0;
  std::vector<std::pair<uint64_t, std::string>> expensive_;
};

}  // namespace

RuleSetPtr Compile(const Value& schema, const std::string& path, Costs costs, api::FieldErrors* errors) {
  if (!HasRules(schema)) return nullptr;
  const size_t before = errors->size();
  Compiler compiler(costs, errors);
  auto root = compiler.Node(schema, compiler.Root(schema), path, {.resource = true});
  if (costs != Costs::kUnchecked) compiler.Total(path);
  if (errors->size() != before) return nullptr;
  return std::make_shared<const RuleSet>(std::move(root), compiler.types());
}

}  // namespace atoll::rules
