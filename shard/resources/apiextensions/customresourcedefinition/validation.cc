#include "shard/resources/apiextensions/customresourcedefinition/validation.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/strings/ascii.h"
#include "common/api/object.h"
#include "common/api/validation.h"
#include "common/base/strings.h"
#include "common/rules/compile.h"
#include "shard/resources/apiextensions/customresourcedefinition/schema_rules.h"

namespace atoll::resources {
namespace {

using api::FieldErrors;
using json::Value;

constexpr std::string_view kApproved = "api-approved.kubernetes.io";
constexpr std::string_view kBound = "apis.kcp.io/bound-crd";
constexpr size_t kSelectableMax = 8, kDeprecationWarningMax = 256;

const json::Array& ListAt(const Value& v, std::initializer_list<std::string_view> path) {
  static const json::Array* const none = new json::Array();
  const Value* found = v.At(path);
  return found != nullptr && found->is_array() ? found->array() : *none;
}
const json::Array& Versions(const Value& crd) { return ListAt(crd, {"spec", "versions"}); }

bool SameValue(const Value* a, const Value* b) { return a == nullptr || b == nullptr ? a == b : *a == *b; }

std::string Joined(const std::vector<std::string>& messages) { return StrJoin(messages, ","); }

bool IsEstablished(const Value& crd) {
  const Value* condition = api::FindCondition(crd, "Established");
  return condition != nullptr && condition->StringAt({"status"}) == "True";
}

// The value that every version has under `member`; null when they differ, or have none.
const Value* Common(const Value& crd, std::string_view member) {
  const auto& versions = Versions(crd);
  if (versions.empty()) return nullptr;
  const Value* first = versions[0].Find(member);
  if (first == nullptr || (first->is_array() && first->array().empty())) return nullptr;
  const bool same =
      std::all_of(versions.begin(), versions.end(), [&](const Value& v) { return SameValue(first, v.Find(member)); });
  return same ? first : nullptr;
}

// Groups that Kubernetes compiles in and this API may lack: their resources may be defined.
bool IsLegacyGroup(std::string_view group) {
  static const std::set<std::string_view> kGroups = {"",
                                                     "admissionregistration.k8s.io",
                                                     "apps",
                                                     "autoscaling",
                                                     "batch",
                                                     "certificates.k8s.io",
                                                     "extensions",
                                                     "coordination.k8s.io",
                                                     "policy",
                                                     "discovery.k8s.io",
                                                     "events.k8s.io",
                                                     "networking.k8s.io",
                                                     "node.k8s.io",
                                                     "rbac.authorization.k8s.io",
                                                     "scheduling.k8s.io",
                                                     "storage.k8s.io"};
  return kGroups.contains(group);
}

bool IsProtected(std::string_view group) {
  return group == "k8s.io" || group == "kubernetes.io" || group.ends_with(".k8s.io") ||
         group.ends_with(".kubernetes.io");
}

bool IsUrl(std::string_view text) {
  const size_t scheme = text.find("://");
  return scheme != std::string_view::npos && scheme > 0 && text.size() > scheme + 3 && text[scheme + 3] != '/' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c != 0x7f; });
}

class Judge {
 public:
  explicit Judge(const Value& crd, const Value* old) : crd_(crd), old_(old) {}
  FieldErrors errors;

  void Spec() {
    const std::string_view group = crd_.StringAt({"spec", "group"});
    if (!IsLegacyGroup(group)) {
      if (const auto wrong = api::CheckDns1123Subdomain(group); !wrong.empty()) {
        Invalid("spec.group", group, Joined(wrong));
      } else if (group.find('.') == std::string_view::npos) {
        Invalid("spec.group", group, "should be a domain with at least one dot");
      }
    }
    OneOf("spec.scope", crd_.StringAt({"spec", "scope"}), {"Cluster", "Namespaced"});
    CheckVersions();
    for (std::string_view name : {"plural", "singular", "kind", "listKind"}) {
      if (crd_.StringAt({"spec", "names", name}).empty())
        errors.push_back(api::FieldRequired(StrCat("spec.names.", name)));
    }
    if (const Value* names = crd_.At({"spec", "names"})) Names(*names, "spec.names");
    CommonParts();
    Conversion();
    if (crd_.BoolAt({"spec", "preserveUnknownFields"})) {
      Invalid(
          "spec.preserveUnknownFields", true,
          "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
    }
  }

  void Names(const Value& names, const std::string& path) {
    constexpr std::string_view kMixed = "may have mixed case, but should otherwise match: ";
    for (std::string_view member : {"plural", "singular", "kind", "listKind"}) {
      const std::string name(names.StringAt({member}));
      const bool is_kind = member == "kind" || member == "listKind";
      if (name.empty()) continue;
      const auto wrong = api::CheckDns1035Label(is_kind ? absl::AsciiStrToLower(name) : name);
      if (!wrong.empty()) Invalid(StrCat(path, ".", member), name, StrCat(is_kind ? kMixed : "", Joined(wrong)));
    }
    for (std::string_view member : {"shortNames", "categories"}) {
      const auto& list = ListAt(names, {member});
      for (size_t i = 0; i < list.size(); ++i) {
        if (const auto wrong = api::CheckDns1035Label(list[i].StringOr()); !wrong.empty())
          Invalid(StrCat(path, ".", member, "[", i, "]"), list[i], Joined(wrong));
      }
    }
    const std::string_view kind = names.StringAt({"kind"});
    if (!kind.empty() && kind == names.StringAt({"listKind"}))
      Invalid(StrCat(path, ".listKind"), kind, "kind and listKind may not be the same");
  }

  void StoredVersions() {
    const std::string path = "status.storedVersions";
    const auto& stored = ListAt(crd_, {"status", "storedVersions"});
    if (stored.empty()) {
      Invalid(path, Value(), "must have at least one stored version");
      return;
    }
    const auto in = [](const json::Array& list, std::string_view name) {
      return std::any_of(list.begin(), list.end(), [&](const Value& v) { return v.StringOr() == name; });
    };
    for (const Value& version : Versions(crd_)) {
      const std::string_view name = version.StringAt({"name"});
      if (version.BoolAt({"storage"}) && !in(stored, name))
        Invalid(path, Value(stored), StrCat("must have the storage version ", name));
    }
    for (size_t i = 0; i < stored.size(); ++i) {
      const std::string_view name = stored[i].StringOr();
      const auto& versions = Versions(crd_);
      if (std::any_of(versions.begin(), versions.end(), [&](const Value& v) { return v.StringAt({"name"}) == name; }))
        continue;
      Invalid(StrCat(path, "[", i, "]"), name,
              StrCat("missing from spec.versions; ", name,
                     " was previously a storage version, and must remain in spec.versions until a storage migration "
                     "ensures no data remains persisted in ",
                     name, " and removes ", name, " from status.storedVersions"));
    }
  }

  void Approved() {
    const Approval now = ApprovalOf(crd_);
    if (now.reason.empty() || now.reason == "ApprovedAnnotation" || now.reason == "UnapprovedAnnotation") return;
    if (old_ != nullptr && ApprovalOf(*old_).reason == now.reason) return;
    const std::string path = StrCat("metadata.annotations[", kApproved, "]");
    errors.push_back(now.reason == "MissingAnnotation"
                         ? api::FieldRequired(path, now.message)
                         : api::FieldInvalid(path, api::Annotation(crd_, kApproved), now.message));
  }

  void Immutable() {
    std::vector<std::pair<std::string, std::initializer_list<std::string_view>>> fields;
    if (IsEstablished(*old_)) {
      Keep("spec.scope", {"spec", "scope"});
      Keep("spec.names.kind", {"spec", "names", "kind"});
    }
    Keep("spec.group", {"spec", "group"});
    Keep("spec.names.plural", {"spec", "names", "plural"});
  }

 private:
  void Invalid(std::string field, const Value& value, std::string_view why) {
    errors.push_back(api::FieldInvalid(std::move(field), value, why));
  }
  void OneOf(const std::string& field, std::string_view value, const std::vector<std::string>& accepted) {
    if (value.empty()) {
      errors.push_back(api::FieldRequired(field));
    } else if (std::find(accepted.begin(), accepted.end(), value) == accepted.end()) {
      errors.push_back(api::FieldNotSupported(field, value, accepted));
    }
  }
  void Keep(const std::string& field, std::initializer_list<std::string_view> path) {
    if (crd_.StringAt(path) != old_->StringAt(path)) Invalid(field, crd_.StringAt(path), "field is immutable");
  }

  // The list as errors print it. Parts that stand beside the versions are none of theirs.
  Value PrintedVersions() const {
    json::Array out;
    for (const Value& v : Versions(crd_)) {
      const auto own = [&](std::string_view member) {
        const Value* part = v.Find(member);
        return part == nullptr || Common(crd_, member) != nullptr ? Value() : *part;
      };
      const Value* warning = v.Find("deprecationWarning");
      out.emplace_back(json::Object{{"Name", v.StringAt({"name"})},
                                    {"Served", v.BoolAt({"served"})},
                                    {"Storage", v.BoolAt({"storage"})},
                                    {"Deprecated", v.BoolAt({"deprecated"})},
                                    {"DeprecationWarning", warning == nullptr ? Value() : *warning},
                                    {"Schema", own("schema")},
                                    {"Subresources", own("subresources")},
                                    {"AdditionalPrinterColumns", own("additionalPrinterColumns")},
                                    {"SelectableFields", own("selectableFields")}});
    }
    return Value(std::move(out));
  }

  void CheckVersions() {
    const auto& versions = Versions(crd_);
    std::set<std::string_view> names;
    int storage = 0;
    bool unique = true;
    for (size_t i = 0; i < versions.size(); ++i) {
      const Value& v = versions[i];
      const std::string path = StrCat("spec.versions[", i, "]");
      const std::string_view name = v.StringAt({"name"});
      storage += v.BoolAt({"storage"}) ? 1 : 0;
      unique &= names.insert(name).second;
      if (const auto wrong = api::CheckDns1035Label(name); !wrong.empty()) Invalid(path + ".name", name, Joined(wrong));
      DeprecationWarning(v, path);
      const Value* schema = v.At({"schema", "openAPIV3Schema"});
      if (schema == nullptr || !schema->is_object()) {
        errors.push_back(api::FieldRequired(path + ".schema.openAPIV3Schema"));
      } else if (Common(crd_, "schema") == nullptr) {
        Schema(*schema, path + ".schema.openAPIV3Schema", v.At({"subresources", "status"}) != nullptr);
      }
      if (Common(crd_, "subresources") == nullptr) Subresources(v, path + ".subresources");
      if (Common(crd_, "additionalPrinterColumns") == nullptr) Columns(v, path + ".additionalPrinterColumns");
      if (Common(crd_, "selectableFields") == nullptr) Selectable(v, path + ".selectableFields");
    }
    if (!unique) Invalid("spec.versions", PrintedVersions(), "must contain unique version names");
    if (storage != 1)
      Invalid("spec.versions", PrintedVersions(), "must have exactly one version marked as storage version");
  }

  void CommonParts() {
    const auto& versions = Versions(crd_);
    if (versions.empty()) return;
    const Value& first = versions[0];
    if (const Value* common = Common(crd_, "schema"); common != nullptr && common->Find("openAPIV3Schema") != nullptr) {
      const bool has_status = std::any_of(versions.begin(), versions.end(),
                                          [](const Value& v) { return v.At({"subresources", "status"}) != nullptr; });
      Schema(*common->Find("openAPIV3Schema"), "spec.validation.openAPIV3Schema", has_status);
    }
    if (Common(crd_, "subresources") != nullptr) Subresources(first, "spec.subresources");
    if (Common(crd_, "additionalPrinterColumns") != nullptr) Columns(first, "spec.additionalPrinterColumns");
    if (Common(crd_, "selectableFields") != nullptr) Selectable(first, "spec.selectableFields");
  }

  void Schema(const Value& schema, const std::string& path, bool has_status) {
    FieldErrors found = CheckSchema(schema, path, has_status);
    if (found.empty())
      rules::Compile(schema, path, WasStored(schema) ? rules::Costs::kTotalOnly : rules::Costs::kChecked, &found);
    for (auto& e : found) errors.push_back(std::move(e));
  }

  bool WasStored(const Value& schema) const {
    if (old_ == nullptr) return false;
    const auto& before = Versions(*old_);
    return std::any_of(before.begin(), before.end(), [&](const Value& v) {
      const Value* other = v.At({"schema", "openAPIV3Schema"});
      return other != nullptr && *other == schema;
    });
  }

  void DeprecationWarning(const Value& version, const std::string& path) {
    const Value* warning = version.Find("deprecationWarning");
    if (warning == nullptr || !warning->is_string()) return;
    const std::string& text = warning->string();
    const auto refuse = [&](std::string_view why) { Invalid(path + ".deprecationWarning", text, why); };
    if (!version.BoolAt({"deprecated"})) return refuse("can only be set for deprecated versions");
    if (text.size() > kDeprecationWarningMax) refuse("must be <= 256 characters long");
    if (text.empty()) refuse("must not be an empty string");
    for (size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c >= ' ' && c != 0x7f) continue;
      refuse(StrCat("must only contain printable UTF-8 characters; non-printable character found at index ", i));
      break;
    }
  }

  void SimplePath(const std::string& field, std::string_view path) {
    if (path.empty()) {
      errors.push_back(api::FieldRequired(field));
    } else if (path[0] != '.') {
      Invalid(field, path, "must be a simple json path starting with .");
    }
  }

  void Subresources(const Value& version, const std::string& path) {
    const Value* scale = version.At({"subresources", "scale"});
    if (scale == nullptr || !scale->is_object()) return;
    const auto check = [&](std::string_view member, std::string_view under) {
      const std::string field = StrCat(path, ".scale.", member);
      const std::string_view at = scale->StringAt({member});
      if (at.empty() || at[0] != '.') {
        SimplePath(field, at);
      } else if (!at.starts_with(StrCat(under, "."))) {
        Invalid(field, at, StrCat("should be a json path under ", under));
      }
    };
    check("specReplicasPath", ".spec");
    check("statusReplicasPath", ".status");
    const std::string_view selector = scale->StringAt({"labelSelectorPath"});
    if (selector.empty()) return;
    if (selector[0] != '.') {
      SimplePath(path + ".scale.labelSelectorPath", selector);
    } else if (!selector.starts_with(".spec.") && !selector.starts_with(".status.")) {
      Invalid(path + ".scale.labelSelectorPath", selector, "should be a json path under either .spec or .status");
    }
  }

  void Columns(const Value& version, const std::string& path) {
    static const std::set<std::string_view> kTypes = {"boolean", "date", "integer", "number", "string"};
    static const std::set<std::string_view> kFormats = {"byte",  "date",  "date-time", "double",
                                                        "float", "int32", "int64",     "password"};
    constexpr std::string_view kOneOfTypes = "must be one of boolean,date,integer,number,string";
    const auto& columns = ListAt(version, {"additionalPrinterColumns"});
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string at = StrCat(path, "[", i, "]");
      if (columns[i].StringAt({"name"}).empty()) errors.push_back(api::FieldRequired(at + ".name"));
      const std::string_view type = columns[i].StringAt({"type"}), format = columns[i].StringAt({"format"});
      if (type.empty()) {
        errors.push_back(api::FieldRequired(at + ".type", kOneOfTypes));
      } else if (!kTypes.contains(type)) {
        Invalid(at + ".type", type, kOneOfTypes);
      }
      if (!format.empty() && !kFormats.contains(format)) {
        Invalid(at + ".format", format, "must be one of byte,date,date-time,double,float,int32,int64,password");
      }
      SimplePath(at + ".JSONPath", columns[i].StringAt({"jsonPath"}));
    }
  }

  void Selectable(const Value& version, const std::string& path) {
    const auto& fields = ListAt(version, {"selectableFields"});
    const Value* schema = version.At({"schema", "openAPIV3Schema"});
    if (schema == nullptr) return;
    std::set<std::string_view> seen;
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::string at = StrCat(path, "[", i, "].jsonPath");
      const std::string_view field = fields[i].StringAt({"jsonPath"});
      if (field.empty()) {
        errors.push_back(api::FieldRequired(at));
        continue;
      }
      std::string why;
      const Value* found = FollowPath(*schema, field, &why);
      if (found == nullptr) {
        Invalid(at, field, StrCat("is an invalid path: ", why));
        continue;
      }
      if (field == ".metadata" || field.starts_with(".metadata."))
        Invalid(at, field, "must not point to fields in metadata");
      const std::string_view type = found->StringAt({"type"});
      if (type != "string" && type != "boolean" && type != "integer") {
        Invalid(at, field,
                "must point to a field of type string, boolean or integer. Enum string fields and strings with formats "
                "are allowed.");
      }
      if (!seen.insert(field).second) errors.push_back(api::FieldDuplicate(at, field));
    }
    if (seen.size() > kSelectableMax && !HadAsMany(version)) {
      errors.push_back(api::FieldTooMany(path, static_cast<int64_t>(seen.size()), kSelectableMax));
    }
  }
  bool HadAsMany(const Value& version) const {
    if (old_ == nullptr) return false;
    for (const Value& before : Versions(*old_)) {
      if (before.StringAt({"name"}) == version.StringAt({"name"}))
        return SameValue(before.Find("selectableFields"), version.Find("selectableFields"));
    }
    return false;
  }

  void Conversion() {
    const Value* conversion = crd_.At({"spec", "conversion"});
    if (conversion == nullptr) return;
    const std::string path = "spec.conversion";
    const std::string_view strategy = conversion->StringAt({"strategy"});
    OneOf(path + ".strategy", strategy, {"None", "Webhook"});
    const Value *config = conversion->At({"webhook", "clientConfig"}), *webhook = conversion->Find("webhook");
    const auto& reviews = ListAt(*conversion, {"webhook", "conversionReviewVersions"});
    if (strategy != "Webhook") {
      constexpr std::string_view kNot = "should not be set when strategy is not set to Webhook";
      if (config != nullptr) errors.push_back(api::FieldForbidden(path + ".webhookClientConfig", kNot));
      if (!reviews.empty()) errors.push_back(api::FieldForbidden(path + ".conversionReviewVersions", kNot));
      return;
    }
    const std::string client = path + ".webhookClientConfig";
    if (webhook == nullptr || config == nullptr) {
      errors.push_back(api::FieldRequired(client, "required when strategy is set to Webhook"));
    } else if ((config->Find("url") == nullptr) == (config->Find("service") == nullptr)) {
      errors.push_back(api::FieldRequired(client, "exactly one of url or service is required"));
    }
    ReviewVersions(reviews, path + ".conversionReviewVersions");
    // Storing one would promise a conversion that nobody does.
    if (errors.empty())
      errors.push_back(api::FieldForbidden(path + ".strategy", "conversion webhooks are not called by this server"));
  }

  void ReviewVersions(const json::Array& reviews, const std::string& path) {
    if (reviews.empty()) {
      errors.push_back(api::FieldRequired(path));
      return;
    }
    std::set<std::string_view> seen;
    bool known = false;
    for (size_t i = 0; i < reviews.size(); ++i) {
      const std::string at = StrCat(path, "[", i, "]");
      const std::string_view version = reviews[i].StringOr();
      if (!seen.insert(version).second) {
        Invalid(at, version, "duplicate version");
        continue;
      }
      for (const auto& wrong : api::CheckDns1035Label(version)) Invalid(at, version, wrong);
      known |= version == "v1" || version == "v1beta1";
    }
    if (!known) Invalid(path, Value(reviews), "must include at least one of v1, v1beta1");
  }

  const Value& crd_;
  const Value* const old_;  // null on create
};

FieldErrors Whole(const Value& crd, const Value* old) {
  Judge judge(crd, old);
  judge.Spec();
  if (old != nullptr) judge.Immutable();
  if (const Value* names = crd.At({"status", "acceptedNames"})) judge.Names(*names, "status.acceptedNames");
  judge.StoredVersions();
  judge.Approved();
  return std::move(judge.errors);
}

}  // namespace

FieldErrors ValidateDefinition(const Value& crd) {
  FieldErrors errors;
  const std::string_view group = crd.StringAt({"spec", "group"}), name = api::Name(crd);
  if (!api::HasAnnotation(crd, kBound) &&
      name != StrCat(crd.StringAt({"spec", "names", "plural"}), ".", group.empty() ? "core" : group)) {
    errors.push_back(api::FieldInvalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
  }
  for (auto& e : Whole(crd, nullptr)) errors.push_back(std::move(e));
  return errors;
}

FieldErrors ValidateDefinitionUpdate(const Value& crd, const Value& old) { return Whole(crd, &old); }

FieldErrors ValidateDefinitionStatus(const Value& crd) {
  Judge judge(crd, nullptr);
  if (const Value* names = crd.At({"status", "acceptedNames"})) judge.Names(*names, "status.acceptedNames");
  return std::move(judge.errors);
}

std::vector<std::string> UnknownFormatsOf(const Value& crd) {
  std::vector<std::string> out;
  if (const Value* common = Common(crd, "schema"); common != nullptr) {
    if (const Value* schema = common->Find("openAPIV3Schema")) out = UnknownFormats(*schema);
    return out;
  }
  for (const Value& version : Versions(crd)) {
    const Value* schema = version.At({"schema", "openAPIV3Schema"});
    if (schema == nullptr) continue;
    for (auto& format : UnknownFormats(*schema)) out.push_back(std::move(format));
  }
  return out;
}

Approval ApprovalOf(const Value& crd) {
  if (!IsProtected(crd.StringAt({"spec", "group"}))) return {};
  const std::string_view annotation = api::Annotation(crd, kApproved);
  const std::string quoted = api::GoQuote(kApproved);
  if (annotation.empty()) {
    return {"False", "MissingAnnotation",
            StrCat("protected groups must have approval annotation ", quoted,
                   ", see https://github.com/kubernetes/enhancements/pull/1111")};
  }
  if (annotation.starts_with("unapproved"))
    return {"False", "UnapprovedAnnotation", StrCat("not approved: ", api::GoQuote(annotation))};
  if (IsUrl(annotation)) return {"True", "ApprovedAnnotation", StrCat("approved in ", annotation)};
  return {"False", "InvalidAnnotation",
          StrCat("protected groups must have approval annotation ", quoted,
                 " with either a URL or a reason starting with \"unapproved\", see "
                 "https://github.com/kubernetes/enhancements/pull/1111")};
}

}  // namespace atoll::resources
