#include "common/schema/load.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <re2/re2.h>
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/schema/notation.h"

namespace atoll::schema {

struct Definitions::Arena {
  std::map<std::string, Schema, std::less<>> by_name;  // node-based: addresses stay
  std::map<api::Gvk, const Schema*> by_kind;
};

namespace {

using json::Value;
using Named = std::map<std::string, Schema, std::less<>>;

absl::Status Bad(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(StrCat("schema ", where, ": ", what));
}

std::optional<int64_t> Int(const Value& node, std::string_view key) {
  const Value* v = node.Find(key);
  if (v == nullptr || !v->is_number()) return std::nullopt;
  return v->is_int() ? v->int_value() : static_cast<int64_t>(v->number_value());
}

std::optional<double> Number(const Value& node, std::string_view key) {
  const Value* v = node.Find(key);
  if (v == nullptr || !v->is_number()) return std::nullopt;
  return v->number_value();
}

std::vector<std::string> Strings(const Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const Value& v : list->array()) {
    if (v.is_string()) out.push_back(v.string());
  }
  return out;
}

class Builder {
 public:
  // `definitions` null: references are an error.
  explicit Builder(Named* definitions) : definitions_(definitions) {}

  absl::Status Fill(Schema* s, const Value& node, const std::string& where) {
    if (!node.is_object()) return Bad(where, "must be an object");
    s->authored = definitions_ == nullptr;
    RETURN_IF_ERROR(FillType(s, node, where));
    FillExtensions(s, node);
    s->description = node.StringAt({"description"});
    s->nullable = node.BoolAt({"nullable"});
    s->required = Strings(node.Find("required"));
    if (const Value* d = node.Find("default")) s->default_value = *d;
    if (const Value* e = node.Find("enum"); e != nullptr && e->is_array()) s->enum_values = e->array();
    RETURN_IF_ERROR(FillLimits(s, node, where));
    return FillChildren(s, node, where);
  }

  // Nodes that copy a definition and change a keyword or two: once everything they copy is complete.
  void Finish() {
    for (Copy& c : copies_) {
      auto own_default = std::move(c.node->default_value);
      *c.node = *c.target;
      c.node->copy_of = c.target;
      if (own_default.has_value()) c.node->default_value = std::move(own_default);
      if (const Value* d = c.source->Find("description"); d != nullptr && d->is_string())
        c.node->description = d->string();
      FillExtensions(c.node.get(), *c.source);
    }
  }

 private:
  static constexpr size_t kIndexedMin = 12;  // properties; fewer are found as fast one by one
  struct Copy {
    std::shared_ptr<Schema> node;
    const Schema* target;
    const Value* source;
  };

  absl::Status FillType(Schema* s, const Value& node, const std::string& where) {
    s->format = node.StringAt({"format"});
    std::string_view type = node.StringAt({"type"});
    if (type == "object") {
      s->type = Type::kObject;
    } else if (type == "array") {
      s->type = Type::kArray;
    } else if (type == "string") {
      s->type = Type::kString;
    } else if (type == "integer") {
      s->type = Type::kInteger;
    } else if (type == "number") {
      s->type = Type::kNumber;
    } else if (type == "boolean") {
      s->type = Type::kBoolean;
    } else if (!type.empty()) {
      return Bad(where, StrCat("unknown type ", type));
    }
    return absl::OkStatus();
  }

  // Only keywords that are there, because a copy of a definition keeps the others.
  void FillExtensions(Schema* s, const Value& node) {
    if (const Value* v = node.Find("x-kubernetes-list-type")) {
      s->list_type = v->StringOr() == "map"   ? ListType::kMap
                     : v->StringOr() == "set" ? ListType::kSet
                                              : ListType::kAtomic;
    }
    if (const Value* v = node.Find("x-kubernetes-list-map-keys")) s->list_map_keys = Strings(v);
    if (const Value* v = node.Find("x-kubernetes-map-type")) s->atomic_map = v->StringOr() == "atomic";
    if (const Value* v = node.Find("x-kubernetes-patch-strategy")) s->patch_strategy = v->StringOr();
    if (const Value* v = node.Find("x-kubernetes-patch-merge-key")) s->patch_merge_key = v->StringOr();
    if (node.BoolAt({"x-kubernetes-int-or-string"})) s->int_or_string = true;
    if (node.BoolAt({"x-kubernetes-preserve-unknown-fields"})) s->preserve_unknown = true;
    if (node.BoolAt({"x-kubernetes-embedded-resource"})) s->embedded_resource = true;
    if (node.BoolAt({"x-atoll-compiled-in"})) s->compiled_in = true;
    if (node.BoolAt({"x-atoll-opaque"})) s->opaque = true;
    if (node.BoolAt({"x-atoll-keep-empty"})) s->keep_empty = true;
    if (const Value* v = node.Find("x-atoll-object-form"); v != nullptr && definitions_ != nullptr) {
      if (auto it = definitions_->find(v->StringOr()); it != definitions_->end()) s->object_form = &it->second;
    }
    if (const Value* v = node.Find("x-kubernetes-validations"); v != nullptr && v->is_array())
      s->validations = v->array();
    if (const Value* v = node.Find("x-kubernetes-group-version-kind"); v != nullptr && v->is_array()) {
      for (const Value& g : v->array()) {
        s->group_version_kinds.push_back({std::string(g.StringAt({"group"})), std::string(g.StringAt({"version"})),
                                          std::string(g.StringAt({"kind"}))});
      }
    }
  }

  absl::Status FillLimits(Schema* s, const Value& node, const std::string& where) {
    s->min_length = Int(node, "minLength");
    s->max_length = Int(node, "maxLength");
    s->min_items = Int(node, "minItems");
    s->max_items = Int(node, "maxItems");
    s->min_properties = Int(node, "minProperties");
    s->max_properties = Int(node, "maxProperties");
    s->minimum = Number(node, "minimum");
    s->maximum = Number(node, "maximum");
    s->multiple_of = Number(node, "multipleOf");
    s->exclusive_minimum = node.BoolAt({"exclusiveMinimum"});
    s->exclusive_maximum = node.BoolAt({"exclusiveMaximum"});
    s->pattern = node.StringAt({"pattern"});
    if (s->pattern.empty()) return absl::OkStatus();
    RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_shared<RE2>(s->pattern, options);
    if (!compiled->ok()) return Bad(where, StrCat("pattern ", s->pattern, ": ", compiled->error()));
    s->compiled_pattern = std::move(compiled);
    return absl::OkStatus();
  }

  absl::Status FillChildren(Schema* s, const Value& node, const std::string& where) {
    if (const Value* p = node.Find("properties"); p != nullptr && p->is_object()) {
      s->properties.reserve(p->object().size());
      for (const auto& [name, child] : p->object()) {
        ASSIGN_OR_RETURN(SchemaPtr c, Node(child, StrCat(where, ".", name)));
        s->properties.emplace_back(name, std::move(c));
      }
      IndexProperties(s);
    }
    if (const Value* a = node.Find("additionalProperties"); a != nullptr) {
      if (a->is_object()) {
        ASSIGN_OR_RETURN(s->additional_properties, Node(*a, where + ".additionalProperties"));
      } else if (a->is_bool() && a->bool_value()) {
        auto any = std::make_shared<Schema>();
        any->preserve_unknown = true;
        s->additional_properties = std::move(any);
      }
    }
    if (const Value* i = node.Find("items")) {
      ASSIGN_OR_RETURN(s->items, Node(*i, where + ".items"));
    }
    if (const Value* n = node.Find("not")) {
      ASSIGN_OR_RETURN(s->not_of, Node(*n, where + ".not"));
    }
    RETURN_IF_ERROR(FillList(&s->all_of, node, "allOf", where));
    RETURN_IF_ERROR(FillList(&s->any_of, node, "anyOf", where));
    RETURN_IF_ERROR(FillList(&s->one_of, node, "oneOf", where));
    // References to definitions may lead in circles: what is behind them counts as having defaults.
    const auto has = [this](const SchemaPtr& child) {
      return child != nullptr && (definitions_ != nullptr || child->has_defaults);
    };
    const auto embeds = [this](const SchemaPtr& child) {
      return child != nullptr && definitions_ == nullptr && child->has_embedded;
    };
    s->has_embedded = s->embedded_resource || embeds(s->items) || embeds(s->additional_properties) ||
                      std::any_of(s->properties.begin(), s->properties.end(),
                                  [&](const auto& property) { return embeds(property.second); });
    s->has_defaults = s->default_value.has_value() || has(s->items) || has(s->additional_properties) ||
                      std::any_of(s->properties.begin(), s->properties.end(),
                                  [&](const auto& property) { return has(property.second); });
    return absl::OkStatus();
  }

  static void IndexProperties(Schema* s) {
    if (s->properties.size() < kIndexedMin) return;
    s->by_name.resize(s->properties.size());
    std::iota(s->by_name.begin(), s->by_name.end(), 0u);
    std::sort(s->by_name.begin(), s->by_name.end(),
              [&](uint32_t a, uint32_t b) { return s->properties[a].first < s->properties[b].first; });
  }

  absl::Status FillList(std::vector<SchemaPtr>* out, const Value& node, std::string_view key,
                        const std::string& where) {
    const Value* list = node.Find(key);
    if (list == nullptr || !list->is_array()) return absl::OkStatus();
    for (const Value& v : list->array()) {
      ASSIGN_OR_RETURN(SchemaPtr c, Node(v, StrCat(where, ".", key)));
      out->push_back(std::move(c));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<SchemaPtr> Node(const Value& node, const std::string& where) {
    const Value* ref = node.Find("$ref");
    if (ref != nullptr && definitions_ != nullptr) {
      auto it = definitions_->find(ref->StringOr());
      if (it == definitions_->end()) return Bad(where, StrCat("unknown definition ", ref->StringOr()));
      if (node.object().size() == 1) return SchemaPtr(SchemaPtr(), &it->second);  // does not own: the arena does
      auto copy = std::make_shared<Schema>();
      if (const Value* d = node.Find("default")) copy->default_value = *d;
      copies_.push_back({copy, &it->second, &node});
      return copy;
    }
    auto s = std::make_shared<Schema>();
    RETURN_IF_ERROR(Fill(s.get(), node, where));
    return s;
  }

  Named* const definitions_;
  std::vector<Copy> copies_;
};

}  // namespace

const Schema* Schema::Property(std::string_view property) const {
  if (!by_name.empty()) {
    const auto it = std::lower_bound(by_name.begin(), by_name.end(), property,
                                     [&](uint32_t i, std::string_view wanted) { return properties[i].first < wanted; });
    return it != by_name.end() && properties[*it].first == property ? properties[*it].second.get() : nullptr;
  }
  for (const auto& [key, child] : properties) {
    if (key == property) return child.get();
  }
  return nullptr;
}

absl::StatusOr<Definitions> Definitions::Load(const std::vector<std::string_view>& files) {
  auto arena = std::make_shared<Arena>();
  std::vector<Value> parsed;
  parsed.reserve(files.size());
  for (std::string_view text : files) {
    ASSIGN_OR_RETURN(Value v, json::Parse(text));
    if (!v.is_object()) return absl::InvalidArgumentError("a schema file must be an object of definitions");
    for (const auto& [name, unused] : v.object()) {
      auto [it, fresh] = arena->by_name.try_emplace(name);
      if (!fresh) return Bad(name, "is defined twice");
      it->second.name = name;
      it->second.notation = NotationOf(name);
    }
    parsed.push_back(std::move(v));
  }
  Builder builder(&arena->by_name);
  for (const Value& file : parsed) {
    for (const auto& [name, node] : file.object()) {
      Schema& s = arena->by_name.find(name)->second;
      if (node.Find("$ref") != nullptr) return Bad(name, "a definition may not be a reference");
      RETURN_IF_ERROR(builder.Fill(&s, node, name));
      for (const api::Gvk& gvk : s.group_version_kinds) arena->by_kind.emplace(gvk, &s);
    }
  }
  builder.Finish();
  Definitions out;
  out.arena_ = std::move(arena);
  return out;
}

SchemaPtr Definitions::Find(std::string_view name) const {
  auto it = arena_->by_name.find(name);
  return it == arena_->by_name.end() ? nullptr : SchemaPtr(arena_, &it->second);
}

SchemaPtr Definitions::FindKind(const api::Gvk& gvk) const {
  auto it = arena_->by_kind.find(gvk);
  return it == arena_->by_kind.end() ? nullptr : SchemaPtr(arena_, it->second);
}

std::vector<std::string> Definitions::Names() const {
  std::vector<std::string> out;
  for (const auto& [name, unused] : arena_->by_name) out.push_back(name);
  return out;
}

absl::StatusOr<SchemaPtr> LoadSchema(const Value& openapi) {
  auto s = std::make_shared<Schema>();
  Builder builder(nullptr);
  RETURN_IF_ERROR(builder.Fill(s.get(), openapi, "root"));
  return s;
}

}  // namespace atoll::schema
