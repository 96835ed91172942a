// Violations of a custom resource's schema, in the words of Kubernetes (spec/api-machinery.md 7.5).
#include <algorithm>
#include <cmath>
#include <set>

#include <re2/re2.h>
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/schema/format.h"
#include "common/schema/path.h"
#include "common/schema/schema.h"

namespace atoll::schema {
namespace {

using api::FieldErrors;
using json::Value;

const char* TypeName(Type type) {
  switch (type) {
    case Type::kObject:
      return "object";
    case Type::kArray:
      return "array";
    case Type::kString:
      return "string";
    case Type::kInteger:
      return "integer";
    case Type::kNumber:
      return "number";
    case Type::kBoolean:
      return "boolean";
    case Type::kAny:
      break;
  }
  return "";
}

const char* TypeNameOf(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return "boolean";
    case Value::Kind::kInt:
      return "integer";
    case Value::Kind::kDouble:
      return v.number_value() == std::floor(v.number_value()) ? "integer" : "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
  }
  return "";
}

bool HasType(Type type, const Value& v) {
  switch (type) {
    case Type::kAny:
      return true;
    case Type::kObject:
      return v.is_object();
    case Type::kArray:
      return v.is_array();
    case Type::kString:
      return v.is_string();
    case Type::kInteger:
      return v.is_int() || (v.is_double() && v.number_value() == std::floor(v.number_value()));
    case Type::kNumber:
      return v.is_number();
    case Type::kBoolean:
      return v.is_bool();
  }
  return true;
}

// UTF-8 code points.
int64_t Length(std::string_view s) {
  return std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

// The items of a list by what identifies them, for a list of type map.
const Value* Correlated(const Schema& s, const Value& item, const Value* old) {
  if (old == nullptr || !old->is_array() || s.list_type != ListType::kMap || !item.is_object()) return nullptr;
  for (const Value& candidate : old->array()) {
    const bool same = std::all_of(s.list_map_keys.begin(), s.list_map_keys.end(), [&](const std::string& key) {
      const Value *a = item.Find(key), *b = candidate.Find(key);
      return a == nullptr || b == nullptr ? a == b : *a == *b;
    });
    if (same) return &candidate;
  }
  return nullptr;
}

class Validator {
 public:
  FieldErrors errors;

  // `old`: the value that this one replaces, null when there is none or none can be told. What is unchanged is
  // tolerated, whatever is wrong with it (spec/api-machinery.md 7.4).
  void Node(const Schema& s, const Value& v, const Path& path, const Value* old) {
    if (old != nullptr && *old == v) return;
    if (v.is_null() && s.nullable) return;
    if (!TypeIsRight(s, v, path)) return;
    Combinations(s, v, path);
    if (v.is_string()) String(s, v, path);
    if (v.is_number()) NumberLimits(s, v, path);
    if (v.is_array()) List(s, v, path, old);
    Enum(s, v, path);
    if (v.is_object()) Members(s, v, path, old);
  }

 private:
  void Add(const Path& path, const Value& v, std::string_view text) {
    const std::string where = path.Text();
    errors.push_back(api::FieldInvalid(Field(where), v, StrCat(where, " in body ", text)));
  }
  static std::string Field(std::string_view path) { return path.empty() ? "<nil>" : std::string(path); }

  bool TypeIsRight(const Schema& s, const Value& v, const Path& path) {
    bool right = s.int_or_string ? (v.is_string() || HasType(Type::kInteger, v)) : HasType(s.type, v);
    if (right) return true;
    const std::string where = path.Text();
    const char* actual = TypeNameOf(v);
    std::string wanted = s.int_or_string ? "integer,string" : TypeName(s.type);
    errors.push_back(api::FieldTypeInvalid(Field(where), Value(actual),
                                           StrCat(where, " in body must be of type ", wanted, ": \"", actual, "\"")));
    return false;
  }

  // The errors of one alternative. What it says about unchanged parts counts as well: it is judged as a whole.
  static FieldErrors Try(const Schema& s, const Value& v, const Path& path) {
    Validator inner;
    inner.Node(s, v, path, nullptr);
    return std::move(inner.errors);
  }

  void AddUnplaced(const Path& path, std::string_view text) {
    errors.push_back(api::FieldInvalid("<nil>", Value(""), StrCat("\"", path.Text(), "\" ", text)));
  }

  void Append(FieldErrors more) {
    for (auto& e : more) errors.push_back(std::move(e));
  }

  void Combinations(const Schema& s, const Value& v, const Path& path) {
    if (!s.any_of.empty() && !s.int_or_string) {
      FieldErrors first;
      bool any = false;
      for (const auto& option : s.any_of) {
        FieldErrors found = Try(*option, v, path);
        any = any || found.empty();
        if (first.empty()) first = std::move(found);
      }
      if (!any) {
        AddUnplaced(path, "must validate at least one schema (anyOf)");
        Append(std::move(first));
      }
    }
    if (!s.one_of.empty()) OneOf(s, v, path);
    if (!s.all_of.empty()) AllOf(s, v, path);
    if (s.not_of != nullptr && Try(*s.not_of, v, path).empty()) AddUnplaced(path, "must not validate the schema (not)");
  }

  void AllOf(const Schema& s, const Value& v, const Path& path) {
    size_t good = 0;
    FieldErrors found;
    for (const auto& part : s.all_of) {
      FieldErrors more = Try(*part, v, path);
      good += more.empty() ? 1 : 0;
      for (auto& e : more) found.push_back(std::move(e));
    }
    Append(std::move(found));
    if (good == s.all_of.size()) return;
    AddUnplaced(path, good == 0 ? "must validate all the schemas (allOf). None validated"
                                : "must validate all the schemas (allOf)");
  }

  void OneOf(const Schema& s, const Value& v, const Path& path) {
    FieldErrors first;
    int valid = 0;
    for (const auto& option : s.one_of) {
      FieldErrors found = Try(*option, v, path);
      if (found.empty()) ++valid;
      if (first.empty()) first = std::move(found);
    }
    if (valid == 1) return;
    if (valid == 0) {
      AddUnplaced(path, "must validate one and only one schema (oneOf). Found none valid");
      Append(std::move(first));
    } else {
      AddUnplaced(path, StrCat("must validate one and only one schema (oneOf). Found ", valid, " valid alternatives"));
    }
  }

  void String(const Schema& s, const Value& v, const Path& path) {
    int64_t length = s.max_length || s.min_length ? Length(v.string()) : 0;
    if (s.max_length && length > *s.max_length) errors.push_back(api::FieldTooLong(Field(path.Text()), *s.max_length));
    if (s.min_length && length < *s.min_length)
      Add(path, v, StrCat("should be at least ", *s.min_length, " chars long"));
    if (s.compiled_pattern != nullptr && !RE2::PartialMatch(v.string(), *s.compiled_pattern)) {
      Add(path, v, StrCat("should match '", s.pattern, "'"));
    }
    if (!s.format.empty() && !MatchesFormat(s.format, v.string())) {
      const std::string where = path.Text();
      errors.push_back(api::FieldTypeInvalid(
          Field(where), v, StrCat(where, " in body must be of type ", s.format, ": ", api::GoQuote(v.string()))));
    }
  }

  void NumberLimits(const Schema& s, const Value& v, const Path& path) {
    double n = v.number_value();
    auto text = [](double d) { return json::Write(Value(d)); };
    if (s.multiple_of && *s.multiple_of != 0) {
      double times = n / *s.multiple_of;
      if (times != std::floor(times)) Add(path, v, StrCat("should be a multiple of ", text(*s.multiple_of)));
    }
    if (s.maximum && (s.exclusive_maximum ? n >= *s.maximum : n > *s.maximum)) {
      Add(path, v, StrCat("should be less than ", s.exclusive_maximum ? "" : "or equal to ", text(*s.maximum)));
    }
    if (s.minimum && (s.exclusive_minimum ? n <= *s.minimum : n < *s.minimum)) {
      Add(path, v, StrCat("should be greater than ", s.exclusive_minimum ? "" : "or equal to ", text(*s.minimum)));
    }
  }

  void List(const Schema& s, const Value& v, const Path& path, const Value* old) {
    const json::Array& items = v.array();
    if (s.items != nullptr) {
      for (size_t i = 0; i < items.size(); ++i)
        Node(*s.items, items[i], Path{&path, {}, i}, Correlated(s, items[i], old));
    }
    const int64_t n = static_cast<int64_t>(items.size());
    if (s.min_items && n < *s.min_items) Add(path, Value(n), StrCat("should have at least ", *s.min_items, " items"));
    if (s.max_items && n > *s.max_items) errors.push_back(api::FieldTooMany(Field(path.Text()), n, *s.max_items));
  }

  void Enum(const Schema& s, const Value& v, const Path& path) {
    if (s.enum_values.empty()) return;
    if (std::find(s.enum_values.begin(), s.enum_values.end(), v) != s.enum_values.end()) return;
    std::vector<std::string> supported;
    for (const Value& e : s.enum_values) supported.push_back(e.is_string() ? e.string() : json::Write(e));
    errors.push_back(api::FieldNotSupported(Field(path.Text()), v, supported));
  }

  void Members(const Schema& s, const Value& v, const Path& path, const Value* old) {
    int64_t n = static_cast<int64_t>(v.object().size());
    if (s.max_properties && n > *s.max_properties)
      errors.push_back(api::FieldTooMany(Field(path.Text()), n, *s.max_properties));
    if (s.min_properties && n < *s.min_properties)
      Add(path, Value(n), StrCat("should have at least ", *s.min_properties, " properties"));
    for (const auto& [name, child] : v.object()) {
      const Schema* c = s.Property(name);
      if (c == nullptr) c = s.additional_properties.get();
      if (c == nullptr || (path.root() && name == "metadata" && !c->name.empty())) continue;
      Node(*c, child, Path{&path, name, 0}, old == nullptr || s.atomic_map ? nullptr : old->Find(name));
    }
    for (const auto& name : s.required) {
      if (v.Find(name) == nullptr) errors.push_back(api::FieldRequired(Path{&path, name, 0}.Text()));
    }
  }
};

// Lists of type set and map hold each item, or each key, once.
class Uniqueness {
 public:
  FieldErrors errors;

  void Node(const Schema& s, const Value& v, const Path& path) {
    if (v.is_object()) {
      for (const auto& [name, child] : v.object()) {
        const Schema* c = s.Property(name);
        if (c == nullptr) c = s.additional_properties.get();
        if (c != nullptr) Node(*c, child, Path{&path, name, 0});
      }
    }
    if (!v.is_array()) return;
    if (s.list_type != ListType::kAtomic) List(s, v, path);
    if (s.items == nullptr) return;
    for (size_t i = 0; i < v.array().size(); ++i) Node(*s.items, v.array()[i], Path{&path, {}, i});
  }

 private:
  void List(const Schema& s, const Value& v, const Path& path) {
    std::set<std::string> seen;
    for (size_t i = 0; i < v.array().size(); ++i) {
      const Value* item = &v.array()[i];
      Value key;
      if (s.list_type == ListType::kMap) {
        if (!item->is_object()) continue;
        key = Value::MakeObject();
        for (const auto& k : s.list_map_keys) {
          if (const Value* part = item->Find(k)) key.object().Append(k, *part);
        }
        item = &key;
      }
      if (!seen.insert(json::Write(*item)).second)
        errors.push_back(api::FieldDuplicate(Path{&path, {}, i}.Text(), *item));
    }
  }
};

FieldErrors Repeated(const Schema& schema, const Value& value) {
  Uniqueness u;
  u.Node(schema, value, {});
  return std::move(u.errors);
}

}  // namespace

FieldErrors Validate(const Schema& schema, const Value& value) {
  Validator v;
  v.Node(schema, value, {}, nullptr);
  for (auto& e : Repeated(schema, value)) v.errors.push_back(std::move(e));
  return std::move(v.errors);
}

FieldErrors ValidateUpdate(const Schema& schema, const Value& value, const Value& old) {
  Validator v;
  v.Node(schema, value, {}, &old);
  // All or nothing: once an object repeats an item, it may go on to.
  FieldErrors repeated = Repeated(schema, value);
  if (!repeated.empty() && Repeated(schema, old).empty()) {
    for (auto& e : repeated) v.errors.push_back(std::move(e));
  }
  return std::move(v.errors);
}

}  // namespace atoll::schema
