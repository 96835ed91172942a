#include "shard/resources/rbac/bindings.h"

#include "common/base/strings.h"
#include "shard/registry/names.h"
#include "shard/resources/columns.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

void CheckRoleRef(const Value& object, bool namespaced, api::FieldErrors* errors) {
  std::string_view group = object.StringAt({"roleRef", "apiGroup"});
  if (group != kGroup)
    errors->push_back(api::FieldNotSupported("roleRef.apiGroup", Value(group), {std::string(kGroup)}));
  std::string_view kind = object.StringAt({"roleRef", "kind"});
  if (namespaced && kind != "Role" && kind != "ClusterRole") {
    errors->push_back(api::FieldNotSupported("roleRef.kind", Value(kind), {"Role", "ClusterRole"}));
  } else if (!namespaced && kind != "ClusterRole") {
    errors->push_back(api::FieldNotSupported("roleRef.kind", Value(kind), {"ClusterRole"}));
  }
  std::string_view name = object.StringAt({"roleRef", "name"});
  if (name.empty()) {
    errors->push_back(api::FieldRequired("roleRef.name"));
    return;
  }
  for (const auto& why : registry::CheckPathSegment(name))
    errors->push_back(api::FieldInvalid("roleRef.name", Value(name), why));
}

// In a binding of one namespace, a service account without a namespace binds nobody, and is let pass.
void CheckSubject(const Value& subject, const std::string& field, bool namespaced, api::FieldErrors* errors) {
  std::string_view name = subject.StringAt({"name"});
  std::string_view kind = subject.StringAt({"kind"});
  std::string_view group = subject.StringAt({"apiGroup"});
  if (name.empty()) errors->push_back(api::FieldRequired(StrCat(field, ".name")));
  if (kind == "ServiceAccount") {
    if (!name.empty()) {
      for (const auto& why : registry::CheckDnsSubdomain(name)) {
        errors->push_back(api::FieldInvalid(StrCat(field, ".name"), Value(name), why));
      }
    }
    if (!group.empty()) errors->push_back(api::FieldNotSupported(StrCat(field, ".apiGroup"), Value(group), {""}));
    if (!namespaced && subject.StringAt({"namespace"}).empty())
      errors->push_back(api::FieldRequired(StrCat(field, ".namespace")));
  } else if (kind == "User" || kind == "Group") {
    if (group != kGroup)
      errors->push_back(api::FieldNotSupported(StrCat(field, ".apiGroup"), Value(group), {std::string(kGroup)}));
  } else {
    errors->push_back(api::FieldNotSupported(StrCat(field, ".kind"), Value(kind), {"ServiceAccount", "User", "Group"}));
  }
}

// The names of the subjects of one kind, `ns/name` for service accounts.
Cell SubjectNames(std::string_view kind) {
  return [kind](const Value& object) {
    std::vector<std::string> names;
    const Value* subjects = object.Find("subjects");
    if (subjects == nullptr || !subjects->is_array()) return Value("");
    for (const Value& s : subjects->array()) {
      if (s.StringAt({"kind"}) != kind) continue;
      std::string_view name = s.StringAt({"name"});
      names.push_back(kind == "ServiceAccount" ? StrCat(s.StringAt({"namespace"}), "/", name) : std::string(name));
    }
    return Value(StrJoin(names, ", "));
  };
}

}  // namespace

void BindingStrategy::Default(Value* object) const {
  if (!object->is_object()) return;
  if (Value* ref = object->Find("roleRef"); ref != nullptr && ref->is_object() && ref->StringAt({"apiGroup"}).empty()) {
    ref->object().Set("apiGroup", Value(kGroup));
  }
  Value* subjects = object->Find("subjects");
  if (subjects == nullptr || !subjects->is_array()) return;
  for (Value& s : subjects->array()) {
    if (!s.is_object() || !s.StringAt({"apiGroup"}).empty()) continue;
    std::string_view kind = s.StringAt({"kind"});
    if (kind == "User" || kind == "Group") s.object().Set("apiGroup", Value(kGroup));
  }
}

api::FieldErrors BindingStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  CheckRoleRef(object, namespaced_, &errors);
  if (const Value* subjects = object.Find("subjects"); subjects != nullptr && subjects->is_array()) {
    size_t i = 0;
    for (const Value& s : subjects->array()) CheckSubject(s, StrCat("subjects[", i++, "]"), namespaced_, &errors);
  }
  return errors;
}

api::FieldErrors BindingStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                 const Value& old) const {
  api::FieldErrors errors = ValidateCreate(ctx, object);
  const Value* now = object.Find("roleRef");
  const Value* before = old.Find("roleRef");
  if (now != nullptr && before != nullptr && !(*now == *before)) {
    // Kubernetes prints its internal struct here, whose members are upper case.
    Value printed(json::Object{{"APIGroup", now->StringAt({"apiGroup"})},
                               {"Kind", now->StringAt({"kind"})},
                               {"Name", now->StringAt({"name"})}});
    errors.push_back(api::FieldInvalid("roleRef", printed, "cannot change roleRef"));
  }
  return errors;
}

std::vector<std::string> BindingStrategy::ValidateName(std::string_view name, bool prefix) const {
  return registry::CheckPathSegment(name, prefix);
}

std::vector<registry::Column> BindingColumns() {
  auto role = [](const Value& object) {
    return Value(StrCat(object.StringAt({"roleRef", "kind"}), "/", object.StringAt({"roleRef", "name"})));
  };
  return {Computed("Role", "string", role), Age(), Computed("Users", "string", SubjectNames("User"), 1),
          Computed("Groups", "string", SubjectNames("Group"), 1),
          Computed("ServiceAccounts", "string", SubjectNames("ServiceAccount"), 1)};
}

}  // namespace atoll::resources
