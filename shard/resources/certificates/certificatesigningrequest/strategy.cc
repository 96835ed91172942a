#include "shard/resources/certificates/certificatesigningrequest/strategy.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "common/api/validation.h"
#include "common/apply/field_set.h"
#include "common/base/strings.h"
#include "common/tls/certificate_request.h"
#include "shard/resources/status_split.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr int64_t kSecondsMin = 600;
constexpr char kSignerField[] = "spec.signerName";
constexpr std::string_view kUsages[] = {"any",
                                        "cert sign",
                                        "client auth",
                                        "code signing",
                                        "content commitment",
                                        "crl sign",
                                        "data encipherment",
                                        "decipher only",
                                        "digital signature",
                                        "email protection",
                                        "encipher only",
                                        "ipsec end system",
                                        "ipsec tunnel",
                                        "ipsec user",
                                        "key agreement",
                                        "key encipherment",
                                        "microsoft sgc",
                                        "netscape sgc",
                                        "ocsp signing",
                                        "s/mime",
                                        "server auth",
                                        "signing",
                                        "timestamping"};

bool Same(const Value* a, const Value* b) { return a == nullptr || b == nullptr ? a == b : *a == *b; }

const Value* Condition(const Value& object, std::string_view type) {
  const Value* list = object.At({"status", "conditions"});
  if (list == nullptr || !list->is_array()) return nullptr;
  for (const Value& c : list->array()) {
    if (c.StringAt({"type"}) == type) return &c;
  }
  return nullptr;
}

// Each condition said once, with a status; what is decided is so, or not said.
void CheckConditions(const Value& object, api::FieldErrors* errors) {
  const Value* list = object.At({"status", "conditions"});
  if (list == nullptr || !list->is_array()) return;
  std::vector<std::string_view> seen;
  for (size_t i = 0; i < list->array().size(); ++i) {
    const Value& c = list->array()[i];
    const std::string field = StrCat("status.conditions[", i, "]");
    const std::string_view type = c.StringAt({"type"}), status = c.StringAt({"status"});
    const bool decision = type == "Approved" || type == "Denied" || type == "Failed";
    if (type.empty()) {
      errors->push_back(api::FieldRequired(StrCat(field, ".type")));
    } else if (std::find(seen.begin(), seen.end(), type) != seen.end()) {
      errors->push_back(api::FieldDuplicate(StrCat(field, ".type"), Value(type)));
    }
    if (status.empty()) {
      errors->push_back(api::FieldRequired(StrCat(field, ".status")));
    } else if (decision && status != "True") {
      errors->push_back(api::FieldNotSupported(StrCat(field, ".status"), Value(status), {"True"}));
    } else if (status != "True" && status != "False" && status != "Unknown") {
      errors->push_back(api::FieldNotSupported(StrCat(field, ".status"), Value(status), {"False", "True", "Unknown"}));
    }
    const bool opposite = (type == "Denied" && std::find(seen.begin(), seen.end(), "Approved") != seen.end()) ||
                          (type == "Approved" && std::find(seen.begin(), seen.end(), "Denied") != seen.end());
    if (opposite) {
      errors->push_back(
          api::FieldInvalid("status.conditions", Value(type), "Approved and Denied conditions are mutually exclusive"));
    }
    seen.push_back(type);
  }
}

// A certificate that is new; one that was there may stay as it is.
void CheckCertificate(const Value& object, const Value& old, api::FieldErrors* errors) {
  const Value* now = object.At({"status", "certificate"});
  if (now == nullptr || now->StringOr().empty() || Same(now, old.At({"status", "certificate"}))) return;
  std::string pem;
  absl::Base64Unescape(ToAbsl(now->StringOr()), &pem);
  if (absl::Status s = tls::CheckIssuedCertificate(pem); !s.ok())
    errors->push_back(api::FieldInvalid("status.certificate", Value("<certificate data>"), ToStd(s.message())));
}

// The first label of a part of a signer's name that is none; one is enough, others would say the same.
template <typename Check>
void CheckLabels(std::string_view part, Check check, api::FieldErrors* errors) {
  const std::string text(part);
  for (absl::string_view label : absl::StrSplit(text, '.')) {
    const auto messages = check(ToStd(label));
    for (const auto& why : messages) {
      errors->push_back(api::FieldInvalid(kSignerField, Value(part),
                                          StrCat("validating label ", api::GoQuote(ToStd(label)), ": ", why)));
    }
    if (!messages.empty()) return;
  }
}

// `<domain>/<path>`.
void CheckSigner(std::string_view signer, api::FieldErrors* errors) {
  constexpr size_t kDomainBytesMax = 253, kSignerBytesMax = 571;
  const std::string field(kSignerField);
  if (signer.empty()) {
    errors->push_back(api::FieldRequired(field));
    return;
  }
  const size_t slash = signer.find('/');
  if (slash == std::string_view::npos || signer.find('/', slash + 1) != std::string_view::npos) {
    errors->push_back(api::FieldInvalid(
        field, Value(signer), "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
    return;
  }
  const std::string_view domain = signer.substr(0, slash);
  if (domain.size() > kDomainBytesMax) errors->push_back(api::FieldTooLong(field, kDomainBytesMax));
  CheckLabels(domain, api::CheckDns1123Label, errors);
  if (domain.find('.') == std::string_view::npos) {
    errors->push_back(
        api::FieldInvalid(field, Value(domain), "should be a domain with at least two segments separated by dots"));
  }
  CheckLabels(signer.substr(slash + 1), api::CheckDns1123Subdomain, errors);
  if (signer.size() > kSignerBytesMax) errors->push_back(api::FieldTooLong(field, kSignerBytesMax));
}

// Approved and Denied are said only through /approval, and nothing that was decided is taken back.
void CheckDecisions(const Value& object, const Value& old, bool approving, api::FieldErrors* errors) {
  for (std::string_view type : {"Approved", "Denied", "Failed"}) {
    const Value* now = Condition(object, type);
    const Value* before = Condition(old, type);
    std::string quoted = StrCat(" a condition of type \"", type, "\"");
    if (before != nullptr && now == nullptr) {
      errors->push_back(api::FieldForbidden("status.conditions", StrCat("updates may not remove", quoted)));
    } else if (before == nullptr && now != nullptr && !approving && type != "Failed") {
      errors->push_back(api::FieldForbidden("status.conditions", StrCat("updates may not add", quoted)));
    } else if (before != nullptr && !Same(now, before) && !approving && type != "Failed") {
      errors->push_back(api::FieldForbidden("status.conditions", StrCat("updates may not modify", quoted)));
    }
  }
}

}  // namespace

void CertificateSigningRequestStrategy::PrepareForCreate(const registry::StrategyContext& ctx, Value* object) const {
  Value& spec = EnsureObject("spec", object);
  const Value who = auth::UserInfo(ctx.user);
  for (std::string_view member : {"username", "uid", "groups", "extra"}) KeepMember(member, &spec, who);
  object->object().Set("status", Value::MakeObject());
}

api::FieldErrors CertificateSigningRequestStrategy::ValidateCreate(const registry::StrategyContext& ctx,
                                                                   const Value& object) const {
  api::FieldErrors errors;
  std::string pem;
  const Value* request = object.At({"spec", "request"});
  absl::Base64Unescape(ToAbsl(request == nullptr ? "" : request->StringOr()), &pem);
  if (auto read = tls::ReadCertificateRequest(pem); !read.ok()) {
    errors.push_back(
        api::FieldInvalid("spec.request", request == nullptr ? Value() : *request, ToStd(read.status().message())));
  }
  const Value* usages = object.At({"spec", "usages"});
  if (usages == nullptr || !usages->is_array() || usages->array().empty()) {
    errors.push_back(api::FieldRequired("spec.usages"));
  } else {
    for (size_t i = 0; i < usages->array().size(); ++i) {
      std::string_view usage = usages->array()[i].StringOr();
      if (std::find(std::begin(kUsages), std::end(kUsages), usage) != std::end(kUsages)) continue;
      errors.push_back(api::FieldNotSupported(StrCat("spec.usages[", i, "]"), Value(usage),
                                              {std::begin(kUsages), std::end(kUsages)}));
    }
    std::set<std::string_view> seen;
    for (size_t i = 0; i < usages->array().size(); ++i) {
      const Value& usage = usages->array()[i];
      if (seen.insert(usage.StringOr()).second) continue;
      errors.push_back(api::FieldDuplicate(StrCat("spec.usages[", i, "]"), usage));
    }
  }
  std::string_view signer = object.StringAt({"spec", "signerName"});
  if (signer == "kubernetes.io/legacy-unknown") {
    errors.push_back(api::FieldInvalid("spec.signerName", Value(signer),
                                       "the legacy signerName is not allowed via this API version"));
  } else {
    CheckSigner(signer, &errors);
  }
  if (const Value* seconds = object.At({"spec", "expirationSeconds"}); seconds != nullptr && seconds->is_int()) {
    if (seconds->int_value() < kSecondsMin) {
      errors.push_back(api::FieldInvalid("spec.expirationSeconds", *seconds,
                                         "may not specify a duration less than 600 seconds (10 minutes)"));
    }
  }
  return errors;
}

void CertificateSigningRequestStrategy::PrepareForUpdate(const registry::StrategyContext& ctx, Value* object,
                                                         const Value& old) const {
  if (ctx.subresource.empty()) {
    KeepMember("spec", object, old);
    KeepMember("status", object, old);
    return;
  }
  Value asked = *object;
  KeepAllButStatus(object, old);
  if (ctx.subresource != "approval") return;
  const Value* conditions = asked.At({"status", "conditions"});
  KeepMember("status", object, old);
  Value& status = EnsureObject("status", object);
  if (conditions != nullptr) {
    status.object().Set("conditions", *conditions);
  } else {
    status.object().Erase("conditions");  // what was decided is not taken back: validation says so
  }
}

api::FieldErrors CertificateSigningRequestStrategy::ValidateUpdate(const registry::StrategyContext& ctx,
                                                                   const Value& object, const Value& old) const {
  api::FieldErrors errors;
  if (ctx.subresource.empty()) return errors;
  CheckConditions(object, &errors);
  CheckCertificate(object, old, &errors);
  CheckDecisions(object, old, ctx.subresource == "approval", &errors);
  const Value* before = old.At({"status", "certificate"});
  if (ctx.subresource == "status" && before != nullptr && !Same(object.At({"status", "certificate"}), before)) {
    errors.push_back(api::FieldForbidden("status.certificate", "updates may not modify existing certificate content"));
  }
  return errors;
}

// Signing writes the certificate and approving the conditions; neither writes what the other does.
const apply::FieldSet* CertificateSigningRequestStrategy::ResetFields(const registry::ResourceDefinition& definition,
                                                                      std::string_view subresource) const {
  using apply::FieldSet;
  static const FieldSet* const signing = new FieldSet(FieldSet::OfMembers({{"spec"}, {"status", "conditions"}}));
  static const FieldSet* const approval = new FieldSet(FieldSet::OfMembers({{"spec"}, {"status", "certificate"}}));
  static const FieldSet* const request = new FieldSet(FieldSet::OfMembers({{"spec"}, {"status"}}));
  return subresource == "status" ? signing : subresource == "approval" ? approval : request;
}

}  // namespace atoll::resources
