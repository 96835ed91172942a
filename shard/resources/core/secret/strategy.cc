#include "shard/resources/core/secret/strategy.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "shard/resources/core/keyed_data.h"
#include "shard/resources/status_split.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr std::string_view kServiceAccountName = "kubernetes.io/service-account.name";
constexpr std::string_view kRedacted = "<secret contents redacted>";

std::string DataField(std::string_view key) { return StrCat("data[", key, "]"); }

void RequireKey(const Value& object, std::string_view key, api::FieldErrors* errors) {
  if (object.At({"data", key}) == nullptr) errors->push_back(api::FieldRequired(DataField(key)));
}

// The bytes at `key` are a JSON object.
void RequireJson(const Value& object, std::string_view key, api::FieldErrors* errors) {
  const Value* encoded = object.At({"data", key});
  if (encoded == nullptr) {
    errors->push_back(api::FieldRequired(DataField(key)));
    return;
  }
  std::string text;
  absl::Base64Unescape(ToAbsl(encoded->StringOr()), &text);
  auto parsed = json::Parse(text);
  std::string why;
  if (!parsed.ok()) {
    why = ToStd(parsed.status().message());
  } else if (!parsed->is_object() && !parsed->is_null()) {
    why = StrCat("json: cannot unmarshal ",
                 parsed->is_array()    ? "array"
                 : parsed->is_string() ? "string"
                 : parsed->is_bool()   ? "bool"
                                       : "number",
                 " into Go value of type map[string]interface {}");
  } else {
    return;
  }
  errors->push_back(api::FieldInvalid(DataField(key), Value(kRedacted), why));
}

void CheckType(const Value& object, api::FieldErrors* errors) {
  std::string_view type = object.StringAt({"type"});
  if (type == "kubernetes.io/service-account-token") {
    if (api::Annotation(object, kServiceAccountName).empty()) {
      errors->push_back(api::FieldRequired(StrCat("metadata.annotations[", kServiceAccountName, "]")));
    }
  } else if (type == "kubernetes.io/dockercfg") {
    RequireJson(object, ".dockercfg", errors);
  } else if (type == "kubernetes.io/dockerconfigjson") {
    RequireJson(object, ".dockerconfigjson", errors);
  } else if (type == "kubernetes.io/basic-auth") {
    if (object.At({"data", "username"}) == nullptr && object.At({"data", "password"}) == nullptr) {
      errors->push_back(api::FieldRequired(DataField("username")));
      errors->push_back(api::FieldRequired(DataField("password")));
    }
  } else if (type == "kubernetes.io/ssh-auth") {
    RequireKey(object, "ssh-privatekey", errors);
  } else if (type == "kubernetes.io/tls") {
    RequireKey(object, "tls.crt", errors);
    RequireKey(object, "tls.key", errors);
  }
}

// A TLS secret may hold anything; whoever could not use it is told so. Whether key and certificate fit each other is
// not looked at.
void WarnOfTls(const registry::StrategyContext& ctx, const Value& object) {
  if (object.StringAt({"type"}) != "kubernetes.io/tls") return;
  for (const auto& [key, what] : {std::pair("tls.crt", "certificate"), std::pair("tls.key", "key")}) {
    std::string pem;
    absl::Base64Unescape(ToAbsl(object.StringAt({"data", key})), &pem);
    if (pem.find("-----BEGIN ") != std::string::npos) continue;
    ctx.warnings->push_back(StrCat("tls: failed to find any PEM data in ", what, " input"));
    return;
  }
}

}  // namespace

void SecretStrategy::Default(Value* object) const {
  if (!object->is_object()) return;
  if (const Value* plain = object->Find("stringData");
      plain != nullptr && plain->is_object() && !plain->object().empty()) {
    json::Object given = plain->object();
    Value& data = EnsureObject("data", object);
    for (const auto& [key, value] : given) data.object().Set(key, Value(absl::Base64Escape(ToAbsl(value.StringOr()))));
    data.object().SortByKey();
  }
  object->object().Erase("stringData");
  if (object->StringAt({"type"}).empty()) object->object().Set("type", Value("Opaque"));
}

api::FieldErrors SecretStrategy::ValidateCreate(const registry::StrategyContext& ctx, const Value& object) const {
  api::FieldErrors errors;
  CheckDataKeys("data", object.Find("data"), &errors);
  if (DataBytes(object.Find("data"), /*base64=*/true) > kDataBytesMax)
    errors.push_back(api::FieldTooLong("data", kDataBytesMax));
  CheckType(object, &errors);
  if (errors.empty()) WarnOfTls(ctx, object);
  return errors;
}

api::FieldErrors SecretStrategy::ValidateUpdate(const registry::StrategyContext& ctx, const Value& object,
                                                const Value& old) const {
  api::FieldErrors errors;
  if (object.StringAt({"type"}) != old.StringAt({"type"})) {
    errors.push_back(api::FieldInvalid("type", Value(object.StringAt({"type"})), "field is immutable"));
  }
  CheckImmutableData(object, old, {"data"}, &errors);
  for (auto& e : ValidateCreate(ctx, object)) errors.push_back(std::move(e));
  return errors;
}

}  // namespace atoll::resources
