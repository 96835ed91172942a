#include "shard/resources/apiextensions/customresourcedefinition/schema_rules.h"

#include <algorithm>
#include <functional>
#include <set>

#include <re2/re2.h>
#include "common/base/strings.h"
#include "common/schema/load.h"
#include "common/schema/schema.h"

namespace atoll::resources {
namespace {

using api::FieldErrors;
using json::Value;

constexpr std::string_view kPreserve = "x-kubernetes-preserve-unknown-fields",
                           kEmbedded = "x-kubernetes-embedded-resource", kIntOrString = "x-kubernetes-int-or-string",
                           kListType = "x-kubernetes-list-type", kListMapKeys = "x-kubernetes-list-map-keys",
                           kMapType = "x-kubernetes-map-type", kRules = "x-kubernetes-validations";

enum class Level : uint8_t { kRoot, kItem, kField };

bool Flag(const Value& s, std::string_view key) { return s.BoolAt({key}); }
std::string_view TypeOf(const Value& s) { return s.StringAt({"type"}); }
std::string Child(const std::string& path, std::string_view name) { return StrCat(path, ".", name); }
std::string Key(const std::string& path, std::string_view key) { return StrCat(path, "[", key, "]"); }
std::string Index(const std::string& path, size_t i) { return StrCat(path, "[", i, "]"); }

const Value* ObjectAt(const Value& s, std::string_view key) {
  const Value* v = s.Find(key);
  return v != nullptr && v->is_object() ? v : nullptr;
}
const json::Array& ListAt(const Value& s, std::string_view key) {
  static const json::Array* const none = new json::Array();
  const Value* v = s.Find(key);
  return v != nullptr && v->is_array() ? v->array() : *none;
}
const json::Object& MapAt(const Value& s, std::string_view key) {
  static const json::Object* const none = new json::Object();
  const Value* v = s.Find(key);
  return v != nullptr && v->is_object() ? v->object() : *none;
}

// Every schema below `s`, whatever the keyword that holds it, and `s` itself. Stops when `visit` answers true.
bool AnyOf(const Value& s, const std::function<bool(const Value&)>& visit) {
  if (!s.is_object()) return false;
  if (visit(s)) return true;
  for (std::string_view key : {"items", "additionalProperties", "additionalItems", "not"}) {
    if (const Value* child = s.Find(key); child != nullptr && AnyOf(*child, visit)) return true;
  }
  for (std::string_view key : {"items", "allOf", "anyOf", "oneOf"}) {
    for (const Value& child : ListAt(s, key)) {
      if (AnyOf(child, visit)) return true;
    }
  }
  for (std::string_view key : {"properties", "patternProperties", "definitions", "dependencies"}) {
    for (const auto& [name, child] : MapAt(s, key)) {
      if (AnyOf(child, visit)) return true;
    }
  }
  return false;
}

bool HasUnsupported(const Value& schema) {
  return AnyOf(schema, [](const Value& s) {
    for (std::string_view key : {"id", "$ref", "additionalItems", "patternProperties", "definitions", "dependencies"}) {
      if (s.Find(key) != nullptr) return true;
    }
    const Value *items = s.Find("items"), *preserve = s.Find(kPreserve);
    return Flag(s, "uniqueItems") || TypeOf(s) == "null" || (items != nullptr && items->is_array()) ||
           (preserve != nullptr && preserve->is_bool() && !preserve->bool_value());
  });
}

// `anyOf: [{type: integer}, {type: string}]`, the one place where alternatives may name types.
bool IsIntOrStringChoice(const json::Array& any_of) {
  const auto is = [](const Value& s, std::string_view type) {
    return s.is_object() && s.object().size() == 1 && TypeOf(s) == type;
  };
  return any_of.size() == 2 && is(any_of[0], "integer") && is(any_of[1], "string");
}

// As Go's regexp package says it; RE2 has the same codes with slightly other words.
std::string PatternError(const RE2& re) {
  std::string_view words;
  switch (re.error_code()) {
    case RE2::ErrorMissingParen:
      words = "missing closing )";
      break;
    case RE2::ErrorUnexpectedParen:
      words = "unexpected )";
      break;
    case RE2::ErrorMissingBracket:
      words = "missing closing ]";
      break;
    case RE2::ErrorBadCharRange:
      words = "invalid character class range";
      break;
    case RE2::ErrorBadCharClass:
      words = "invalid character class";
      break;
    case RE2::ErrorRepeatArgument:
      words = "missing argument to repetition operator";
      break;
    case RE2::ErrorRepeatSize:
      words = "invalid repeat count";
      break;
    case RE2::ErrorRepeatOp:
      words = "invalid nested repetition operator";
      break;
    case RE2::ErrorBadEscape:
      words = "invalid escape sequence";
      break;
    case RE2::ErrorTrailingBackslash:
      return "error parsing regexp: trailing backslash at end of expression: ``";
    case RE2::ErrorBadPerlOp:
      words = "invalid or unsupported Perl syntax";
      break;
    case RE2::ErrorBadUTF8:
      words = "invalid UTF-8";
      break;
    case RE2::ErrorBadNamedCapture:
      words = "invalid named capture";
      break;
    default:
      return StrCat("error parsing regexp: ", re.error());
  }
  return StrCat("error parsing regexp: ", words, ": `", re.error_arg(), "`");
}

// The rules of structural schemas.
class Structure {
 public:
  FieldErrors errors;

  void Node(const Value& s, Level level, const std::string& path) {
    if (TypeOf(s) == "array" && s.Find("items") == nullptr)
      errors.push_back(api::FieldRequired(Child(path, "items"), "must be specified"));
    if (const Value* items = ObjectAt(s, "items")) Node(*items, Level::kItem, Child(path, "items"));
    for (const auto& [name, child] : MapAt(s, "properties"))
      Node(child, Level::kField, Key(Child(path, "properties"), name));
    if (const Value* more = s.Find("additionalProperties")) {
      if (level == Level::kRoot)
        errors.push_back(api::FieldForbidden(Child(path, "additionalProperties"), "must not be used at the root"));
      if (more->is_object()) Node(*more, Level::kField, Child(path, "additionalProperties"));
    }
    if (Flag(s, kIntOrString)) {
      for (std::string_view key : {kPreserve, kEmbedded}) {
        if (Flag(s, key))
          errors.push_back(
              api::FieldInvalid(Child(path, key), true, "must be false if x-kubernetes-int-or-string is true"));
      }
    }
    const auto& all_of = ListAt(s, "allOf");
    Values(s, IsIntOrStringChoice(ListAt(s, "anyOf")),
           !all_of.empty() && IsIntOrStringChoice(ListAt(all_of[0], "anyOf")), path);
    Types(s, level, path);
  }

  // Whatever `values` (a part of the value validation of what stands at `path`) names must be in the structure `s`.
  // Null: it is not.
  void Complete(const Value& values, const Value* s, const std::string& path, const std::string& value_path) {
    if (s == nullptr) {
      errors.push_back(api::FieldRequired(path, StrCat("because it is defined in ", value_path)));
      return;
    }
    Alternatives(values, *s, path, value_path);
    if (const Value* items = ObjectAt(values, "items"))
      Complete(*items, ObjectAt(*s, "items"), Child(path, "items"), Child(value_path, "items"));
    for (const auto& [name, child] : MapAt(values, "properties")) {
      Complete(child, MapAt(*s, "properties").Find(name), Key(Child(path, "properties"), name),
               Key(Child(value_path, "properties"), name));
    }
  }
  void Alternatives(const Value& values, const Value& s, const std::string& path, const std::string& value_path) {
    if (const Value* no = ObjectAt(values, "not")) Complete(*no, &s, path, Child(value_path, "not"));
    for (std::string_view key : {"allOf", "anyOf", "oneOf"}) {
      const auto& list = ListAt(values, key);
      for (size_t i = 0; i < list.size(); ++i) Complete(list[i], &s, path, Index(Child(value_path, key), i));
    }
  }
  void CompleteAll(const Value& s, const std::string& path) { Alternatives(s, s, path, path); }

 private:
  void Types(const Value& s, Level level, const std::string& path) {
    const std::string_view type = TypeOf(s);
    const bool embedded = Flag(s, kEmbedded);
    const std::string at = Child(path, "type");
    if (embedded && type != "object") {
      constexpr std::string_view kMust = "must be object if x-kubernetes-embedded-resource is true";
      errors.push_back(type.empty() ? api::FieldRequired(at, kMust) : api::FieldInvalid(at, type, kMust));
    } else if (type.empty() && !Flag(s, kIntOrString) && !Flag(s, kPreserve)) {
      errors.push_back(api::FieldRequired(at, level == Level::kRoot ? "must not be empty at the root"
                                              : level == Level::kItem
                                                  ? "must not be empty for specified array items"
                                                  : "must not be empty for specified object fields"));
    }
    if (embedded && s.Find("additionalProperties") != nullptr) {
      errors.push_back(api::FieldForbidden(Child(path, "additionalProperties"),
                                           "must not be used if x-kubernetes-embedded-resource is set"));
    }
    if (level == Level::kRoot && !type.empty() && type != "object")
      errors.push_back(api::FieldInvalid(at, type, "must be object at the root"));
    const json::Object& properties = MapAt(s, "properties");
    const bool resource = level == Level::kRoot || embedded;
    for (std::string_view name : {"kind", "apiVersion"}) {
      if (const Value* member = properties.Find(name); resource && member != nullptr && TypeOf(*member) != "string") {
        errors.push_back(
            api::FieldInvalid(Child(Key(Child(path, "properties"), name), "type"), TypeOf(*member), "must be string"));
      }
    }
    if (const Value* metadata = properties.Find("metadata"))
      Metadata(*metadata, resource, level, Key(Child(path, "properties"), "metadata"));
    if (embedded && !Flag(s, kPreserve) && properties.empty()) {
      errors.push_back(api::FieldRequired(
          Child(path, "properties"),
          "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"));
    }
  }

  void Metadata(const Value& s, bool resource, Level level, const std::string& path) {
    if (resource && TypeOf(s) != "object")
      errors.push_back(api::FieldInvalid(Child(path, "type"), TypeOf(s), "must be object"));
    if (level != Level::kRoot || !s.is_object()) return;
    bool more = false;
    for (const auto& [key, value] : s.object()) {
      if (key == "type" || key == "default") continue;
      if (key == "properties" && value.is_object()) {
        for (const auto& [name, child] : value.object()) more |= name != "name" && name != "generateName";
      } else {
        more = true;
      }
    }
    if (more) {
      errors.push_back(api::FieldForbidden(
          path, "must not specify anything other than name and generateName, but metadata is implicitly specified"));
    }
  }

  // The value validation of a node.
  void Values(const Value& s, bool skip_any_of, bool skip_any_of_of_first, const std::string& path) {
    for (std::string_view key : {"anyOf", "allOf", "oneOf"}) {
      if (key == "anyOf" && skip_any_of) continue;
      const auto& list = ListAt(s, key);
      for (size_t i = 0; i < list.size(); ++i)
        Nested(list[i], key == "allOf" && i == 0 && skip_any_of_of_first, Index(Child(path, key), i));
    }
    if (const Value* no = ObjectAt(s, "not")) Nested(*no, false, Child(path, "not"));
    if (const std::string pattern(s.StringAt({"pattern"})); !pattern.empty()) {
      RE2::Options options;
      options.set_log_errors(false);
      if (const RE2 re(pattern, options); !re.ok()) {
        errors.push_back(
            api::FieldInvalid(Child(path, "pattern"), pattern,
                              StrCat("must be a valid regular expression, but isn't: ", PatternError(re))));
      }
    }
  }

  // A schema inside of one: it may bound values, and describe nothing.
  void Nested(const Value& s, bool skip_any_of, const std::string& path) {
    Values(s, skip_any_of, false, path);
    if (const Value* items = ObjectAt(s, "items")) Nested(*items, false, Child(path, "items"));
    for (const auto& [name, child] : MapAt(s, "properties")) Nested(child, false, Key(Child(path, "properties"), name));
    const auto refuse = [&](std::string_view key, std::string_view must) {
      errors.push_back(api::FieldForbidden(Child(path, key), StrCat("must be ", must, " to be structural")));
    };
    if (!TypeOf(s).empty()) refuse("type", "empty");
    if (s.Find("additionalProperties") != nullptr) refuse("additionalProperties", "undefined");
    if (s.Find("default") != nullptr) refuse("default", "undefined");
    for (std::string_view key : {"title", "description"}) {
      if (!s.StringAt({key}).empty()) refuse(key, "empty");
    }
    for (std::string_view key : {std::string_view("nullable"), kPreserve, kEmbedded, kIntOrString}) {
      if (Flag(s, key)) refuse(key, "false");
    }
    if (!ListAt(s, kListMapKeys).empty()) refuse(kListMapKeys, "empty");
    for (std::string_view key : {kListType, kMapType}) {
      if (s.Find(key) != nullptr) refuse(key, "undefined");
    }
    if (!ListAt(s, kRules).empty()) refuse(kRules, "empty");
    if (MapAt(s, "properties").Find("metadata") != nullptr) {
      errors.push_back(
          api::FieldForbidden(Key(Child(path, "properties"), "metadata"), "must not be specified in a nested context"));
    }
  }
};

// Defaults hold what their own schema allows, and nothing it does not know.
void CheckDefaults(const Value& s, const std::string& path, FieldErrors* errors) {
  if (const Value* value = s.Find("default"); value != nullptr) {
    if (auto loaded = schema::LoadSchema(s); loaded.ok()) {
      const std::string at = Child(path, "default");
      Value pruned = *value;
      schema::Prune(**loaded, &pruned);
      if (!(pruned == *value)) errors->push_back(api::FieldInvalid(at, *value, "must not have unknown fields"));
      for (auto& e : schema::Validate(**loaded, *value)) {
        e.field = e.field == "<nil>" ? at : StrCat(at, e.field.starts_with('[') ? "" : ".", e.field);
        errors->push_back(std::move(e));
      }
    }
  }
  if (const Value* items = ObjectAt(s, "items")) CheckDefaults(*items, Child(path, "items"), errors);
  for (const auto& [name, child] : MapAt(s, "properties"))
    CheckDefaults(child, Key(Child(path, "properties"), name), errors);
}

// What holds for a schema wherever it stands.
class Keywords {
 public:
  FieldErrors errors;

  struct Context {
    std::string_view no_defaults;  // why defaults are not allowed; empty: they are
    bool in_meta = false;          // describes apiVersion, kind or metadata
  };

  void Node(const Value& s, const std::string& path, Context context, bool root) {
    if (!s.is_object()) return;
    Unsupported(s, path, context);
    Lists(s, path);
    Maps(s, path);
    Rules(s, path);
    Children(s, path, context, root);
  }

 private:
  void Forbid(const std::string& path, std::string_view key, std::string_view why) {
    errors.push_back(api::FieldForbidden(Child(path, key), why));
  }

  void Unsupported(const Value& s, const std::string& path, const Context& context) {
    static const std::set<std::string_view> kTypes = {"array", "boolean", "integer", "number", "object", "string"};
    const std::string_view type = TypeOf(s);
    if (!type.empty() && !kTypes.contains(type)) {
      errors.push_back(api::FieldNotSupported(Child(path, "type"), type,
                                              {"array", "boolean", "integer", "number", "object", "string"}));
    }
    if (s.Find("default") != nullptr && !context.no_defaults.empty())
      Forbid(path, "default", StrCat("must not be set ", context.no_defaults));
    if (!s.StringAt({"id"}).empty()) Forbid(path, "id", "id is not supported");
    for (std::string_view key : {"additionalItems", "patternProperties", "definitions", "dependencies", "$ref"}) {
      if (s.Find(key) != nullptr) Forbid(path, key, StrCat(key, " is not supported"));
    }
    if (type == "null") Forbid(path, "type", "type cannot be set to null, use nullable as an alternative");
    if (const Value* items = s.Find("items"); items != nullptr && items->is_array())
      Forbid(path, "items", "items must be a schema object and not an array");
    if (context.in_meta && Flag(s, kEmbedded)) Forbid(path, kEmbedded, "must not be used inside of resource meta");
    if (Flag(s, "uniqueItems"))
      Forbid(path, "uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    if (const Value* more = s.Find("additionalProperties");
        more != nullptr && !MapAt(s, "properties").empty() && !(more->is_bool() && more->bool_value())) {
      Forbid(path, "additionalProperties", "additionalProperties and properties are mutual exclusive");
    }
    if (const Value* v = s.Find(kPreserve); v != nullptr && v->is_bool() && !v->bool_value())
      errors.push_back(api::FieldInvalid(Child(path, kPreserve), false, "must be true or undefined"));
  }

  void NeedsType(const Value& s, const std::string& path, std::string_view wanted, std::string_view because) {
    const std::string why = StrCat("must be ", wanted, " if ", because, " is specified");
    if (TypeOf(s).empty()) {
      errors.push_back(api::FieldRequired(Child(path, "type"), why));
    } else {
      errors.push_back(api::FieldInvalid(Child(path, "type"), TypeOf(s), why));
    }
  }

  void Maps(const Value& s, const std::string& path) {
    const Value* map_type = s.Find(kMapType);
    if (map_type == nullptr) return;
    if (TypeOf(s) != "object") NeedsType(s, path, "object", kMapType);
    if (const std::string_view t = map_type->StringOr(); t != "atomic" && t != "granular")
      errors.push_back(api::FieldNotSupported(Child(path, kMapType), t, {"atomic", "granular"}));
  }

  void Lists(const Value& s, const std::string& path) {
    const Value* given = s.Find(kListType);
    const std::string_view type = given == nullptr ? "" : given->StringOr();
    const Value* items = ObjectAt(s, "items");
    if (given != nullptr && TypeOf(s) != "array") {
      NeedsType(s, path, "array", kListType);
    } else if (type == "set" && items != nullptr) {
      ItemsOfSet(*items, Child(path, "items"));
    }
    if (given != nullptr && type != "atomic" && type != "set" && type != "map")
      errors.push_back(api::FieldNotSupported(Child(path, kListType), type, {"atomic", "set", "map"}));
    if (!ListAt(s, kListMapKeys).empty() && type != "map") {
      constexpr std::string_view kMust = "must be map if x-kubernetes-list-map-keys is non-empty";
      errors.push_back(given == nullptr ? api::FieldRequired(Child(path, kListType), kMust)
                                        : api::FieldInvalid(Child(path, kListType), type, kMust));
    }
    if (type == "map") MapList(s, path, items);
    if ((type == "set" || type == "map") && items != nullptr && Flag(*items, "nullable"))
      Forbid(Child(path, "items"), "nullable", StrCat("cannot be nullable when x-kubernetes-list-type is ", type));
    if (type == "map" && items != nullptr) MapKeys(s, path, *items);
  }

  void ItemsOfSet(const Value& items, const std::string& path) {
    constexpr std::string_view kMust = "must be atomic as item of a list with x-kubernetes-list-type=set";
    const Value* list_type = items.Find(kListType);
    if (TypeOf(items) == "array" && list_type != nullptr && list_type->StringOr() != "atomic")
      errors.push_back(api::FieldInvalid(Child(path, kListType), *list_type, kMust));
    // The value that Kubernetes prints here is that of the other keyword.
    if (TypeOf(items) == "object" && items.StringAt({kMapType}) != "atomic")
      errors.push_back(api::FieldInvalid(Child(path, kMapType), list_type == nullptr ? Value() : *list_type, kMust));
  }

  void MapList(const Value& s, const std::string& path, const Value* items) {
    const auto& keys = ListAt(s, kListMapKeys);
    if (keys.empty()) {
      errors.push_back(
          api::FieldRequired(Child(path, kListMapKeys), "must not be empty if x-kubernetes-list-type is map"));
    }
    if (s.Find("items") == nullptr)
      errors.push_back(api::FieldRequired(Child(path, "items"), "must have a schema if x-kubernetes-list-type is map"));
    if (items == nullptr) return;
    if (TypeOf(*items) != "object") {
      errors.push_back(api::FieldInvalid(Child(path, "items.type"), TypeOf(*items),
                                         "must be object if parent array's x-kubernetes-list-type is map"));
      return;
    }
    const Value printed(keys);
    std::set<std::string_view> seen;
    for (const Value& key : keys) {
      const std::string at = Child(path, kListMapKeys);
      if (const Value* property = MapAt(*items, "properties").Find(key.StringOr()); property == nullptr) {
        errors.push_back(api::FieldInvalid(at, printed, "entries must all be names of item properties"));
      } else if (TypeOf(*property) == "array" || TypeOf(*property) == "object") {
        errors.push_back(api::FieldInvalid(Child(Key(Child(path, "items.properties"), key.StringOr()), "type"),
                                           TypeOf(*items),
                                           "must be a scalar type if parent array's x-kubernetes-list-type is map"));
      }
      if (!seen.insert(key.StringOr()).second)
        errors.push_back(api::FieldInvalid(at, printed, "must not contain duplicate entries"));
    }
  }

  void MapKeys(const Value& s, const std::string& path, const Value& items) {
    const auto& required = ListAt(items, "required");
    for (const Value& key : ListAt(s, kListMapKeys)) {
      const Value* property = MapAt(items, "properties").Find(key.StringOr());
      if (property == nullptr) continue;
      const std::string at = Key(Child(path, "items.properties"), key.StringOr());
      if (std::find(required.begin(), required.end(), key) == required.end() && property->Find("default") == nullptr) {
        errors.push_back(api::FieldRequired(Child(at, "default"),
                                            "this property is in x-kubernetes-list-map-keys, so it must have a default "
                                            "or be a required property"));
      }
      if (Flag(*property, "nullable"))
        Forbid(at, "nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
    }
  }

  static bool HasBreak(std::string_view s) { return s.find_first_of("\n\r") != std::string_view::npos; }
  static std::string_view Trimmed(std::string_view s) {
    constexpr std::string_view kSpace = " \t\n\r\v\f";
    const size_t from = s.find_first_not_of(kSpace);
    return from == std::string_view::npos ? "" : s.substr(from, s.find_last_not_of(kSpace) - from + 1);
  }

  // What x-kubernetes-validations say beside their expressions.
  void Rules(const Value& s, const std::string& path) {
    const auto& rules = ListAt(s, kRules);
    for (size_t i = 0; i < rules.size(); ++i) {
      const std::string at = Index(Child(path, kRules), i);
      const std::string_view rule = rules[i].StringAt({"rule"}), message = rules[i].StringAt({"message"}),
                             expression = rules[i].StringAt({"messageExpression"}),
                             field = rules[i].StringAt({"fieldPath"});
      const std::string_view short_rule = Trimmed(rule), short_message = Trimmed(message);
      if (short_rule.empty()) {
        errors.push_back(api::FieldRequired(Child(at, "rule"), "rule is not specified"));
      } else if (!message.empty() && short_message.empty()) {
        errors.push_back(api::FieldInvalid(Child(at, "message"), message, "must be non-empty if specified"));
      } else if (HasBreak(short_message)) {
        errors.push_back(api::FieldInvalid(Child(at, "message"), message, "must not contain line breaks"));
      } else if (HasBreak(short_rule) && short_message.empty()) {
        errors.push_back(
            api::FieldRequired(Child(at, "message"), "message must be specified if rule contains line breaks"));
      }
      if (!expression.empty() && Trimmed(expression).empty()) {
        errors.push_back(
            api::FieldRequired(Child(at, "messageExpression"), "messageExpression must be non-empty if specified"));
      }
      static const std::vector<std::string> kReasons = {"FieldValueDuplicate", "FieldValueForbidden",
                                                        "FieldValueInvalid", "FieldValueRequired"};
      if (const Value* reason = rules[i].Find("reason");
          reason != nullptr && std::find(kReasons.begin(), kReasons.end(), reason->StringOr()) == kReasons.end()) {
        errors.push_back(api::FieldNotSupported(Child(at, "reason"), *reason, kReasons));
      }
      if (!field.empty() && Trimmed(field).empty())
        errors.push_back(api::FieldInvalid(Child(at, "fieldPath"), field, "must be non-empty if specified"));
      if (HasBreak(field))
        errors.push_back(api::FieldInvalid(Child(at, "fieldPath"), field, "must not contain line breaks"));
      if (!field.empty() && FollowRulePath(s, field) == nullptr)
        errors.push_back(api::FieldInvalid(Child(at, "fieldPath"), field, "must be a valid path"));
    }
  }

  // `.spec['a.b'].c`: as FollowPath, with quoted names.
  static const Value* FollowRulePath(const Value& s, std::string_view path) {
    const Value* at = &s;
    while (!path.empty()) {
      std::string name;
      if (path.starts_with("['")) {
        path.remove_prefix(2);
        size_t end = 0;
        for (; end < path.size() && path[end] != '\''; ++end) {
          if (path[end] == '\\' && end + 1 < path.size()) ++end;
          name.push_back(path[end]);
        }
        if (!path.substr(std::min(end, path.size())).starts_with("']")) return nullptr;
        path.remove_prefix(end + 2);
      } else if (path.starts_with('.')) {
        path.remove_prefix(1);
        const size_t end = std::min(path.find_first_of(".["), path.size());
        name = path.substr(0, end);
        path.remove_prefix(end);
      } else {
        return nullptr;
      }
      const Value* properties = at->Find("properties");
      at = properties != nullptr ? properties->Find(name) : ObjectAt(*at, "additionalProperties");
      if (at == nullptr) return nullptr;
    }
    return at;
  }

  void Children(const Value& s, const std::string& path, const Context& context, bool root) {
    if (const Value* more = s.Find("additionalProperties")) {
      Context below = context;
      if (context.in_meta) below.no_defaults = "inside additionalProperties applying to object metadata";
      Node(*more, Child(path, "additionalProperties"), below, false);
    }
    for (const auto& [name, child] : MapAt(s, "properties")) {
      Context below = context;
      if ((root || Flag(s, kEmbedded)) && (name == "metadata" || name == "kind" || name == "apiVersion")) {
        below.in_meta = true;
        if (root) {
          below.no_defaults = name == "metadata" ? "in top-level metadata"
                              : name == "kind"   ? "in top-level kind"
                                                 : "in top-level apiVersion";
        }
      }
      Node(child, Key(Child(path, "properties"), name), below, false);
    }
    if (const Value* no = s.Find("not")) Node(*no, Child(path, "not"), context, false);
    for (std::string_view key : {"allOf", "oneOf", "anyOf", "items"}) {
      const auto& list = ListAt(s, key);
      for (size_t i = 0; i < list.size(); ++i) Node(list[i], Index(Child(path, key), i), context, false);
    }
    if (const Value* items = ObjectAt(s, "items")) Node(*items, Child(path, "items"), context, false);
    for (std::string_view key : {"definitions", "dependencies"}) {
      for (const auto& [name, child] : MapAt(s, key)) Node(child, Key(Child(path, key), name), context, false);
    }
  }
};

// With a status subresource the schema of the status is taken out of the root's properties: what the root says beside
// them would be lost.
void CheckRootWithStatus(const Value& schema, const std::string& path, FieldErrors* errors) {
  static const std::set<std::string_view> kAllowed = {
      "description",      "type",       "format",     "title",    "maximum",  "exclusiveMaximum",
      "minimum",          "maxLength",  "pattern",    "maxItems", "minItems", "uniqueItems",
      "exclusiveMinimum", "minLength",  "multipleOf", "required", "items",    "example",
      "externalDocs",     "properties", kPreserve,    kRules};
  if (const std::string_view type = TypeOf(schema); !type.empty() && type != "object") {
    errors->push_back(
        api::FieldInvalid(Child(path, "type"), type,
                          "only \"object\" is allowed as the type at the root of the schema if the status subresource "
                          "is enabled"));
    return;
  }
  for (const auto& [key, value] : schema.object()) {
    if (kAllowed.contains(key)) continue;
    errors->push_back(api::FieldInvalid(
        path, schema,
        "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength "
        "Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example "
        "XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource "
        "is enabled"));
    return;
  }
}

}  // namespace

FieldErrors CheckSchema(const Value& schema, const std::string& path, bool has_status) {
  FieldErrors errors;
  if (!schema.is_object()) return errors;
  if (has_status) CheckRootWithStatus(schema, path, &errors);
  if (Flag(schema, "nullable"))
    errors.push_back(api::FieldForbidden(Child(path, "nullable"), "nullable cannot be true at the root"));
  if (!HasUnsupported(schema)) {
    Structure structure;
    structure.Node(schema, Level::kRoot, path);
    structure.CompleteAll(schema, path);
    if (structure.errors.empty()) CheckDefaults(schema, path, &structure.errors);
    std::sort(structure.errors.begin(), structure.errors.end(),
              [](const auto& a, const auto& b) { return a.Line() < b.Line(); });
    for (auto& e : structure.errors) errors.push_back(std::move(e));
  }
  Keywords keywords;
  keywords.Node(schema, path, {}, true);
  for (auto& e : keywords.errors) errors.push_back(std::move(e));
  if (!errors.empty()) return errors;
  // What passed so far, and yet cannot be used: values that are no schema where one belongs.
  if (const auto loaded = schema::LoadSchema(schema); !loaded.ok())
    errors.push_back(
        api::FieldInvalid(path, "", StrCat("error building validator: ", ToStd(loaded.status().message()))));
  return errors;
}

std::vector<std::string> UnknownFormats(const Value& schema) {
  static const std::set<std::string_view> kStrings = {
      "bsonobjectid", "uri",        "email",    "hostname",  "ipv4",           "ipv6",         "cidr",
      "mac",          "uuid",       "uuid3",    "uuid4",     "uuid5",          "isbn",         "isbn10",
      "isbn13",       "creditcard", "ssn",      "hexcolor",  "rgbcolor",       "byte",         "password",
      "date",         "duration",   "datetime", "date-time", "k8s-short-name", "k8s-long-name"};
  static const std::set<std::string_view> kNumbers = {"int32", "int64", "float", "double"};
  std::vector<std::string> out;
  AnyOf(schema, [&](const Value& s) {
    const std::string_view format = s.StringAt({"format"}), type = TypeOf(s);
    if (format.empty()) return false;
    const bool unknown = type == "string"                        ? !kStrings.contains(format)
                         : type == "integer" || type == "number" ? !kNumbers.contains(format)
                                                                 : false;
    if (unknown) out.emplace_back(format);
    return false;
  });
  return out;
}

const Value* FollowPath(const Value& schema, std::string_view path, std::string* why) {
  const Value* at = &schema;
  while (!path.empty()) {
    if (path.front() == '[') {
      *why = "array notation is not allowed";
      return nullptr;
    }
    if (path.front() != '.') {
      *why = StrCat("expected [ or . but got: ", path.substr(0, std::min(path.find_first_of(".[]"), path.size())));
      return nullptr;
    }
    path.remove_prefix(1);
    if (path.empty()) {
      *why = "unexpected end of JSON path";
      return nullptr;
    }
    const size_t end = std::max<size_t>(1, std::min(path.find_first_of(".[]"), path.size()));
    const Value* properties = ObjectAt(*at, "properties");
    at = properties != nullptr ? properties->Find(path.substr(0, end)) : ObjectAt(*at, "additionalProperties");
    if (at == nullptr) {
      *why = "does not refer to a valid field";
      return nullptr;
    }
    path.remove_prefix(end);
  }
  return at;
}

}  // namespace atoll::resources
