#include "common/api/validation.h"

#include <algorithm>
#include <set>

#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::api {
namespace {

constexpr size_t kLabelLengthMax = 63;
constexpr size_t kSubdomainLengthMax = 253;
constexpr int64_t kAnnotationsBytesMax = 262144;

constexpr std::string_view kSubdomainText =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kLabelText =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric "
    "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kDns1035Text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an "
    "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kQualifiedText =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or "
    "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kLabelValueText =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an "
    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsLowerAlphanumeric(char c) { return IsLower(c) || (c >= '0' && c <= '9'); }
bool IsAlphanumeric(char c) { return IsLowerAlphanumeric(c) || (c >= 'A' && c <= 'Z'); }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool IsLabelShape(std::string_view s) {
  return !s.empty() && IsLowerAlphanumeric(s.front()) && IsLowerAlphanumeric(s.back()) &&
         std::all_of(s.begin(), s.end(), [](char c) { return IsLowerAlphanumeric(c) || c == '-'; });
}

bool IsSubdomainShape(std::string_view s) {
  while (true) {
    const size_t dot = s.find('.');
    if (!IsLabelShape(s.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    s.remove_prefix(dot + 1);
  }
}

// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool IsQualifiedShape(std::string_view s) {
  return !s.empty() && IsAlphanumeric(s.front()) && IsAlphanumeric(s.back()) &&
         std::all_of(s.begin(), s.end(), [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string TooManyCharacters(size_t n) { return StrCat("must be no more than ", n, " characters"); }
std::string TooManyBytes(size_t n) { return StrCat("must be no more than ", n, " bytes"); }

const json::Value* Metadata(const json::Value& object, std::string_view member) {
  return object.At({"metadata", member});
}

// Reports each message as an Invalid of `value`.
void Report(FieldErrors* errors, std::string_view field, std::string_view value, const Messages& messages) {
  for (const std::string& m : messages) errors->push_back(FieldInvalid(std::string(field), value, m));
}

void ValidateLabels(const json::Value* labels, FieldErrors* errors) {
  if (labels == nullptr || !labels->is_object()) return;
  for (const auto& [key, value] : labels->object()) {
    Report(errors, "metadata.labels", key, CheckQualifiedName(key));
    Report(errors, "metadata.labels", value.StringOr(), CheckLabelValue(value.StringOr()));
  }
}

void ValidateAnnotations(const json::Value* annotations, FieldErrors* errors) {
  if (annotations == nullptr || !annotations->is_object()) return;
  int64_t bytes = 0;
  for (const auto& [key, value] : annotations->object()) {
    std::string lower = key;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
    Report(errors, "metadata.annotations", key, CheckQualifiedName(lower));
    bytes += static_cast<int64_t>(key.size() + value.StringOr().size());
  }
  if (bytes > kAnnotationsBytesMax) errors->push_back(FieldTooLong("metadata.annotations", kAnnotationsBytesMax));
}

void ValidateOwnerReference(const json::Value& owner, FieldErrors* errors) {
  constexpr std::string_view kField = "metadata.ownerReferences";
  const std::string_view api_version = owner.StringAt({"apiVersion"});
  const size_t slash = api_version.find('/');
  const std::string_view version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  if (version.empty())
    errors->push_back(FieldInvalid(StrCat(kField, ".apiVersion"), api_version, "version must not be empty"));
  for (std::string_view member : {"kind", "name", "uid"}) {
    const std::string_view value = owner.StringAt({member});
    if (value.empty()) errors->push_back(FieldInvalid(StrCat(kField, ".", member), value, "must not be empty"));
  }
  if (api_version == "v1" && owner.StringAt({"kind"}) == "Event") {
    errors->push_back(FieldInvalid(std::string(kField), owner, "/v1, Kind=Event is disallowed from being an owner"));
  }
}

void ValidateOwnerReferences(const json::Value* owners, FieldErrors* errors) {
  if (owners == nullptr || !owners->is_array()) return;
  std::string first_controller;
  for (const json::Value& owner : owners->array()) {
    ValidateOwnerReference(owner, errors);
    if (!owner.BoolAt({"controller"})) continue;
    const std::string controller = StrCat(owner.StringAt({"kind"}), "/", owner.StringAt({"name"}));
    if (first_controller.empty()) {
      first_controller = controller;
      continue;
    }
    errors->push_back(
        FieldInvalid("metadata.ownerReferences", *owners,
                     StrCat("Only one reference can have Controller set to true. Found \"true\" in references for ",
                            first_controller, " and ", controller)));
  }
}

void ValidateFinalizers(const json::Value& object, FieldErrors* errors) {
  for (const std::string& f : Finalizers(object)) Report(errors, "metadata.finalizers", f, CheckQualifiedName(f));
  if (HasFinalizer(object, "orphan") && HasFinalizer(object, "foregroundDeletion")) {
    errors->push_back(FieldInvalid("metadata.finalizers", *Metadata(object, "finalizers"),
                                   "finalizer orphan and foregroundDeletion cannot be both set"));
  }
}

void ValidateNamespace(const json::Value& object, bool namespaced, FieldErrors* errors) {
  const std::string_view ns = Namespace(object);
  if (!namespaced) {
    if (!ns.empty()) errors->push_back(FieldForbidden("metadata.namespace", "not allowed on this type"));
  } else if (ns.empty()) {
    errors->push_back(FieldRequired("metadata.namespace"));
  } else {
    Report(errors, "metadata.namespace", ns, CheckDns1123Label(ns));
  }
}

// Absent and null are one.
json::Value MemberOrNull(const json::Value& object, std::string_view member) {
  const json::Value* v = Metadata(object, member);
  return v == nullptr ? json::Value() : *v;
}

void ValidateNoNewFinalizers(const json::Value& next, const json::Value& previous, FieldErrors* errors) {
  std::set<std::string> added;
  for (const std::string& f : Finalizers(next)) {
    if (!HasFinalizer(previous, f)) added.insert(GoQuote(f));
  }
  if (added.empty()) return;
  errors->push_back(FieldForbidden(
      "metadata.finalizers",
      StrCat("no new finalizers can be added if the object is being deleted, found new finalizers []string{",
             StrJoin(added, ", "), "}")));
}

}  // namespace

Messages CheckDns1123Subdomain(std::string_view s) {
  Messages out;
  if (s.size() > kSubdomainLengthMax) out.push_back(TooManyCharacters(kSubdomainLengthMax));
  if (!IsSubdomainShape(s)) out.emplace_back(kSubdomainText);
  return out;
}

Messages CheckDns1123Label(std::string_view s) {
  Messages out;
  if (s.size() > kLabelLengthMax) out.push_back(TooManyCharacters(kLabelLengthMax));
  if (!IsLabelShape(s)) out.emplace_back(IsSubdomainShape(s) ? "must not contain dots" : kLabelText);
  return out;
}

Messages CheckDns1035Label(std::string_view s) {
  Messages out;
  if (s.size() > kLabelLengthMax) out.push_back(TooManyCharacters(kLabelLengthMax));
  if (!IsLabelShape(s) || !IsLower(s.front())) out.emplace_back(kDns1035Text);
  return out;
}

Messages CheckPathSegmentName(std::string_view s) {
  if (s == "." || s == "..") return {StrCat("may not be '", s, "'")};
  Messages out;
  for (char illegal : {'/', '%'}) {
    if (s.find(illegal) != std::string_view::npos) out.push_back(StrCat("may not contain '", illegal, "'"));
  }
  return out;
}

Messages CheckQualifiedName(std::string_view s) {
  Messages out;
  const size_t slash = s.find('/');
  std::string_view name = s;
  if (slash != std::string_view::npos) {
    if (s.find('/', slash + 1) != std::string_view::npos) {
      return {StrCat("a valid label key ", kQualifiedText,
                     " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")};
    }
    const std::string_view prefix = s.substr(0, slash);
    name = s.substr(slash + 1);
    if (prefix.empty()) {
      out.emplace_back("prefix part must be non-empty");
    } else {
      if (prefix.size() > kSubdomainLengthMax) out.push_back(StrCat("prefix part ", TooManyBytes(kSubdomainLengthMax)));
      if (!IsSubdomainShape(prefix)) out.push_back(StrCat("prefix part ", kSubdomainText));
    }
  }
  if (name.empty()) {
    out.emplace_back("name part must be non-empty");
  } else if (name.size() > kLabelLengthMax) {
    out.push_back(StrCat("name part ", TooManyBytes(kLabelLengthMax)));
  }
  if (!IsQualifiedShape(name)) out.push_back(StrCat("name part ", kQualifiedText));
  return out;
}

Messages CheckLabelValue(std::string_view s) {
  Messages out;
  if (s.size() > kLabelLengthMax) out.push_back(TooManyBytes(kLabelLengthMax));
  if (!s.empty() && !IsQualifiedShape(s)) out.emplace_back(kLabelValueText);
  return out;
}

Messages CheckName(NameRule rule, std::string_view name, bool is_prefix) {
  std::string masked;
  if (is_prefix && rule != NameRule::kPathSegment && name.size() > 1 && name.back() == '-') {
    masked = StrCat(name.substr(0, name.size() - 2),
                    "a");  // the dash and what precedes it are followed by generated characters
    name = masked;
  }
  switch (rule) {
    case NameRule::kDns1123Subdomain:
      return CheckDns1123Subdomain(name);
    case NameRule::kDns1123Label:
      return CheckDns1123Label(name);
    case NameRule::kDns1035Label:
      return CheckDns1035Label(name);
    case NameRule::kPathSegment:
      return CheckPathSegmentName(name);
  }
  return {};
}

FieldErrors ValidateObjectMeta(const json::Value& object, const MetaRules& rules) {
  FieldErrors errors;
  const std::string_view name = Name(object), generate_name = object.StringAt({"metadata", "generateName"});
  if (!generate_name.empty())
    Report(&errors, "metadata.generateName", generate_name, CheckName(rules.name, generate_name, true));
  if (name.empty()) {
    errors.push_back(FieldRequired("metadata.name", "name or generateName is required"));
  } else {
    Report(&errors, "metadata.name", name, CheckName(rules.name, name));
  }
  ValidateNamespace(object, rules.namespaced, &errors);
  const int64_t generation = object.IntAt({"metadata", "generation"});
  if (generation < 0)
    errors.push_back(FieldInvalid("metadata.generation", generation, "must be greater than or equal to 0"));
  ValidateLabels(Metadata(object, "labels"), &errors);
  ValidateAnnotations(Metadata(object, "annotations"), &errors);
  ValidateOwnerReferences(Metadata(object, "ownerReferences"), &errors);
  ValidateFinalizers(object, &errors);
  return errors;
}

FieldErrors ValidateObjectMetaUpdate(const json::Value& next, const json::Value& previous) {
  FieldErrors errors;
  ValidateFinalizers(next, &errors);
  if (IsDeleting(previous)) ValidateNoNewFinalizers(next, previous, &errors);
  if (ResourceVersion(next).empty()) {
    errors.push_back(
        FieldInvalid("metadata.resourceVersion", ResourceVersion(next), "must be specified for an update"));
  }
  const int64_t generation = next.IntAt({"metadata", "generation"});
  if (generation < previous.IntAt({"metadata", "generation"})) {
    errors.push_back(FieldInvalid("metadata.generation", generation, "must not be decremented"));
  }
  for (std::string_view member :
       {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    const json::Value now = MemberOrNull(next, member);
    if (!(now == MemberOrNull(previous, member))) {
      errors.push_back(FieldInvalid(StrCat("metadata.", member), now, "field is immutable"));
    }
  }
  ValidateLabels(Metadata(next, "labels"), &errors);
  ValidateAnnotations(Metadata(next, "annotations"), &errors);
  ValidateOwnerReferences(Metadata(next, "ownerReferences"), &errors);
  return errors;
}

FieldErrors ValidateLabelSelector(const json::Value& selector, std::string_view path) {
  FieldErrors errors;
  if (const json::Value* labels = selector.Find("matchLabels"); labels != nullptr && labels->is_object()) {
    const std::string field = StrCat(path, ".matchLabels");
    for (const auto& [key, value] : labels->object()) {
      Report(&errors, field, key, CheckQualifiedName(key));
      Report(&errors, field, value.StringOr(), CheckLabelValue(value.StringOr()));
    }
  }
  const json::Value* expressions = selector.Find("matchExpressions");
  if (expressions == nullptr || !expressions->is_array()) return errors;
  for (size_t i = 0; i < expressions->array().size(); ++i) {
    const json::Value& e = expressions->array()[i];
    const std::string field = StrCat(path, ".matchExpressions[", i, "]");
    const std::string_view op = e.StringAt({"operator"});
    static const json::Array kNone;
    const json::Value* list = e.Find("values");
    const json::Array& values = list != nullptr && list->is_array() ? list->array() : kNone;
    if (op == "In" || op == "NotIn") {
      if (values.empty())
        errors.push_back(
            FieldRequired(StrCat(field, ".values"), "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (!values.empty()) {
        errors.push_back(FieldForbidden(StrCat(field, ".values"),
                                        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
    } else {
      errors.push_back(FieldInvalid(StrCat(field, ".operator"), op, "not a valid selector operator"));
    }
    Report(&errors, StrCat(field, ".key"), e.StringAt({"key"}), CheckQualifiedName(e.StringAt({"key"})));
    for (size_t v = 0; v < values.size(); ++v) {
      Report(&errors, StrCat(field, ".values[", v, "]"), values[v].StringOr(), CheckLabelValue(values[v].StringOr()));
    }
  }
  return errors;
}

}  // namespace atoll::api
