#include "shard/resources/certificates/certificatesigningrequest/strategy.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/strings.h"
#include "shard/resources/status_split.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr int64_t kSecondsMin = 600;
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

// Approved and Denied are said once, only through /approval.
void CheckDecisions(const Value& object, const Value& old, bool approving, api::FieldErrors* errors) {
  for (std::string_view type : {"Approved", "Denied", "Failed"}) {
    const Value* now = Condition(object, type);
    const Value* before = Condition(old, type);
    std::string quoted = StrCat(" a condition of type \"", type, "\"");
    if (before != nullptr && now == nullptr) {
      errors->push_back(api::FieldForbidden("status.conditions", StrCat("updates may not remove", quoted)));
    } else if (before == nullptr && now != nullptr && !approving && type != "Failed") {
      errors->push_back(api::FieldForbidden("status.conditions", StrCat("updates may not add", quoted)));
    } else if (before != nullptr && !Same(now, before) && type != "Failed") {
      errors->push_back(api::FieldForbidden("status.conditions", StrCat("updates may not modify", quoted)));
    }
  }
  if (Condition(object, "Approved") != nullptr && Condition(object, "Denied") != nullptr) {
    errors->push_back(api::FieldInvalid("status.conditions", Value("Denied"),
                                        "Approved and Denied conditions are mutually exclusive"));
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
  if (pem.find("-----BEGIN CERTIFICATE REQUEST-----") == std::string::npos) {
    errors.push_back(api::FieldInvalid("spec.request", request == nullptr ? Value() : *request,
                                       "PEM block type must be CERTIFICATE REQUEST"));
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
  }
  std::string_view signer = object.StringAt({"spec", "signerName"});
  if (signer.empty()) {
    errors.push_back(api::FieldRequired("spec.signerName"));
  } else if (signer == "kubernetes.io/legacy-unknown") {
    errors.push_back(api::FieldInvalid("spec.signerName", Value(signer),
                                       "the legacy signerName is not allowed via this API version"));
  } else if (signer.find('/') == std::string_view::npos) {
    errors.push_back(
        api::FieldInvalid("spec.signerName", Value(signer),
                          "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
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
  if (conditions != nullptr) EnsureObject("status", object).object().Set("conditions", *conditions);
}

api::FieldErrors CertificateSigningRequestStrategy::ValidateUpdate(const registry::StrategyContext& ctx,
                                                                   const Value& object, const Value& old) const {
  api::FieldErrors errors;
  if (ctx.subresource.empty()) return errors;
  CheckDecisions(object, old, ctx.subresource == "approval", &errors);
  const Value* before = old.At({"status", "certificate"});
  if (ctx.subresource == "status" && before != nullptr && !Same(object.At({"status", "certificate"}), before)) {
    errors.push_back(api::FieldForbidden("status.certificate", "updates may not modify existing certificate content"));
  }
  return errors;
}

}  // namespace atoll::resources
