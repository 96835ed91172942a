#include "shard/endpoints/decode.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "common/api/errors.h"
#include "common/api/protobuf/codec.h"
#include "common/base/check.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/yaml.h"
#include "common/schema/schema.h"
#include "shard/endpoints/status_details.h"
#include "shard/endpoints/text.h"
#include "shard/registry/decode.h"

namespace atoll::endpoints {
namespace {

using FieldValidation = registry::WriteOptions::FieldValidation;

constexpr size_t kJsonPatchOpsMax = 10'000;

// Without parameters, lower case.
std::string MediaTypeOf(std::string_view content_type) {
  return Lower(Trim(content_type.substr(0, content_type.find(';'))));
}

// How an unreadable body is shown in an error.
std::string Summary(std::string_view body) {
  constexpr size_t kShown = 30;
  if (body.empty()) return "<empty>";
  std::string_view shown = body.substr(0, kShown);
  return Cat(body[0] == '{' ? std::string(shown) : absl::BytesToHexString(ToAbsl(shown)),
             body.size() > kShown ? " ..." : "");
}

absl::Status Unrecognized(const Expected& expected, std::string_view why, std::string_view body) {
  return api::BadRequest(Cat("the object provided is unrecognized (must be of type ", expected.gvk.kind, "): ", why,
                             " (", Summary(body), ")"));
}

absl::Status CannotBeHandled(std::string_view kind, std::string_view version, const Expected& expected,
                             std::string_view why) {
  return api::BadRequest(
      Cat(kind, " in version ", api::GoQuote(version), " cannot be handled as a ", expected.gvk.kind, ": ", why));
}

std::string_view KindOfValue(const json::Value& v) {
  switch (v.kind()) {
    case json::Value::Kind::kArray:
      return "array";
    case json::Value::Kind::kString:
      return "string";
    case json::Value::Kind::kBool:
      return "bool";
    case json::Value::Kind::kObject:
      return "object";
    default:
      return "number";
  }
}

// `rbac.authorization.k8s.io` -> `rbac`, the core group -> `core`: the reference's names of its internal packages.
std::string_view PackageOf(std::string_view group) { return group.empty() ? "core" : group.substr(0, group.find('.')); }

// Parses; `repeated` receives the paths of repeated JSON keys, or the YAML parser's sentences on them.
absl::StatusOr<json::Value> ParseBody(BodyType type, const std::string& body, std::vector<std::string>* repeated) {
  if (type == BodyType::kYaml) return json::ParseYaml(body, {.duplicates = repeated});
  return json::Parse(body, {.duplicates = repeated});
}

absl::Status CheckTypedKind(const Expected& expected, json::Value* value) {
  std::string kind(value->StringAt({"kind"})), api_version(value->StringAt({"apiVersion"}));
  const std::string want_version = expected.gvk.ApiVersion();
  if (kind.empty()) kind = expected.gvk.kind;
  if (api_version.empty()) api_version = want_version;
  if (api_version != want_version) {
    return api::BadRequest(Cat("the API version in the data (", api_version,
                               ") does not match the expected API version (", want_version, ")"));
  }
  if (kind != expected.gvk.kind) {
    return CannotBeHandled(kind, expected.gvk.version, expected,
                           Cat("converting (", expected.gvk.version, ".", kind, ") to (", PackageOf(expected.gvk.group),
                               ".", expected.gvk.kind, "): unknown conversion"));
  }
  value->object().SetFirst("apiVersion", json::Value(std::move(api_version)));
  value->object().SetFirst("kind", json::Value(std::move(kind)));
  return absl::OkStatus();
}

absl::Status CheckCustomKind(const Expected& expected, const std::string& body, const json::Value& value) {
  std::string_view kind = value.StringAt({"kind"}), api_version = value.StringAt({"apiVersion"});
  if (kind.empty()) return Unrecognized(expected, Cat("Object 'Kind' is missing in '", body, "'"), body);
  if (api_version != expected.gvk.ApiVersion()) {
    return api::BadRequest(Cat("the API version in the data (", api_version,
                               ") does not match the expected API version (", expected.gvk.ApiVersion(), ")"));
  }
  if (kind != expected.gvk.kind) {
    return api::Invalid(expected.gvk, value.StringAt({"metadata", "name"}),
                        {api::FieldInvalid("kind", json::Value(kind), Cat("must be ", expected.gvk.kind))});
  }
  return absl::OkStatus();
}

// An envelope and the object in it. Protobuf cannot repeat members in a way that strict validation would report.
absl::StatusOr<json::Value> DecodeProtobuf(const Expected& expected, const std::string& body) {
  auto envelope = api::protobuf::OpenEnvelope(body);
  if (!envelope.ok()) return Unrecognized(expected, ToStd(envelope.status().message()), body);
  json::Value head = json::Value::MakeObject();
  head.object().Append("apiVersion", json::Value(envelope->api_version));
  head.object().Append("kind", json::Value(envelope->kind));
  RETURN_IF_ERROR(CheckTypedKind(expected, &head));
  const api::protobuf::Message* message = api::protobuf::FindMessage(expected.gvk);
  CHECK(message != nullptr);  // ParseBodyType has looked
  auto value = api::protobuf::DecodeMessage(*message, envelope->raw);
  if (!value.ok())
    return CannotBeHandled(expected.gvk.kind, expected.gvk.version, expected, ToStd(value.status().message()));
  value->object().SetFirst("apiVersion", *head.Find("apiVersion"));
  value->object().SetFirst("kind", *head.Find("kind"));
  return value;
}

absl::StatusOr<json::Value> DecodeProtobufDeleteOptions(const std::string& body) {
  ASSIGN_OR_RETURN(api::protobuf::Envelope envelope, api::protobuf::OpenEnvelope(body));
  ASSIGN_OR_RETURN(json::Value value,
                   api::protobuf::DecodeMessage(api::protobuf::DeleteOptionsMessage(), envelope.raw));
  value.object().SetFirst("apiVersion", json::Value(envelope.api_version));
  value.object().SetFirst("kind", json::Value(envelope.kind));
  return value;
}

absl::Status UnknownFormat(bool protobuf) {
  return api::UnsupportedMediaType(
      Cat("the body of the request was in an unknown format - accepted media types include: application/json, "
          "application/yaml",
          protobuf ? Cat(", ", api::protobuf::kMediaType) : std::string()));
}

std::optional<BodyType> BodyTypeOf(std::string_view media_type) {
  if (media_type.empty() || media_type == "application/json") return BodyType::kJson;
  if (media_type == "application/yaml") return BodyType::kYaml;
  if (media_type == api::protobuf::kMediaType) return BodyType::kProtobuf;
  return std::nullopt;
}

}  // namespace

Task<absl::StatusOr<std::string>> ReadBody(http::Request& request) {
  auto body = co_await request.body->ReadAll(kBodyBytesMax);
  if (body.status().code() == absl::StatusCode::kOutOfRange) {
    co_return api::RequestEntityTooLarge(Cat("limit is ", kBodyBytesMax));
  }
  co_return body;
}

absl::StatusOr<BodyType> ParseBodyType(std::string_view content_type, const Expected& expected) {
  const std::optional<BodyType> type = BodyTypeOf(MediaTypeOf(content_type));
  if (!type) return UnknownFormat(/*protobuf=*/true);
  // The reference's list, except to those who would be told to send what they sent.
  if (*type == BodyType::kProtobuf &&
      (expected.flavor != registry::Flavor::kTyped || api::protobuf::FindMessage(expected.gvk) == nullptr)) {
    return UnknownFormat(/*protobuf=*/false);
  }
  return *type;
}

Expected ExpectedBody(const registry::ResourceDefinition& definition, std::string_view subresource) {
  Expected expected{definition.gvk(), definition.flavor, &definition, nullptr};
  if (subresource.empty()) return expected;
  const registry::Subresource* sub = definition.FindSubresource(subresource);
  if (sub == nullptr || sub->kind.kind.empty() || sub->kind == expected.gvk) return expected;
  return {sub->kind, registry::Flavor::kTyped, nullptr, sub->schema.get()};
}

absl::StatusOr<json::Value> DecodeObject(const Expected& expected, BodyType type, const std::string& body,
                                         FieldValidation validation, std::vector<std::string>* warnings) {
  if (type == BodyType::kProtobuf) return DecodeProtobuf(expected, body);  // has the types that its table says
  std::vector<std::string> repeated;
  auto value = ParseBody(type, body, &repeated);
  if (!value.ok()) {
    std::string why(ToStd(value.status().message()));
    // An unstructured decoder reads the document itself; a typed one first looks for its kind.
    if (expected.flavor == registry::Flavor::kTyped && type == BodyType::kJson)
      why = Cat("couldn't get version/kind; json parse error: ", why);
    return Unrecognized(expected, why, body);
  }
  if (value->is_null()) *value = json::Value::MakeObject();
  if (!value->is_object()) {
    return Unrecognized(
        expected,
        Cat("couldn't get version/kind; json parse error: json: cannot unmarshal ", KindOfValue(*value),
            " into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
            "\"json:\\\"kind,omitempty\\\"\" }"),
        body);
  }
  if (expected.flavor == registry::Flavor::kTyped) {
    RETURN_IF_ERROR(CheckTypedKind(expected, &*value));
  } else {
    RETURN_IF_ERROR(CheckCustomKind(expected, body, *value));
  }
  if (expected.schema != nullptr) {
    absl::Status types = schema::CheckTypes(*expected.schema, *value, expected.gvk.kind);
    if (!types.ok()) return CannotBeHandled(expected.gvk.kind, expected.gvk.version, expected, ToStd(types.message()));
  }
  if (repeated.empty() || validation == FieldValidation::kIgnore) return value;
  // What the registry cannot see any more. In one sentence with unknown members, which it would have reported.
  if (type == BodyType::kYaml) {
    if (validation == FieldValidation::kStrict) {
      return CannotBeHandled(expected.gvk.kind, expected.gvk.version, expected,
                             Cat("strict decoding error: yaml: unmarshal errors:\n  ", StrJoin(repeated, "\n  ")));
    }
    warnings->insert(warnings->end(), repeated.begin(), repeated.end());
  } else if (expected.definition != nullptr) {
    registry::DecodeOptions options{.field_validation = validation, .duplicates = std::move(repeated)};
    RETURN_IF_ERROR(registry::DecodeObject(*expected.definition, options, warnings, &*value));
  }
  return value;
}

absl::StatusOr<json::Value> DecodeDeleteOptions(std::string_view content_type, const std::string& body) {
  if (body.empty()) return json::Value();
  const std::optional<BodyType> type = BodyTypeOf(MediaTypeOf(content_type));
  if (!type) return UnknownFormat(/*protobuf=*/true);
  const Expected expected{.gvk = {"meta.k8s.io", "v1", "DeleteOptions"}};
  if (*type == BodyType::kProtobuf) {
    auto value = DecodeProtobufDeleteOptions(body);
    if (!value.ok()) return Unrecognized(expected, ToStd(value.status().message()), body);
    return value;
  }
  std::vector<std::string> repeated;
  auto value = ParseBody(*type, body, &repeated);
  if (!value.ok()) {
    return api::BadRequest(Cat("couldn't get version/kind; json parse error: ", ToStd(value.status().message())));
  }
  if (value->is_null()) return json::Value::MakeObject();
  return value;
}

absl::StatusOr<registry::PatchType> ParsePatchType(std::string_view content_type, registry::Flavor flavor) {
  std::string type = MediaTypeOf(content_type);
  const bool typed = flavor == registry::Flavor::kTyped;
  if (type == "application/json-patch+json") return registry::PatchType::kJson;
  if (type == "application/merge-patch+json") return registry::PatchType::kMerge;
  if (type == "application/strategic-merge-patch+json" && typed) return registry::PatchType::kStrategicMerge;
  if (type == "application/apply-patch+yaml") return registry::PatchType::kApply;
  if (typed) return WithEmptyDetails(api::UnsupportedMediaType("415: Unsupported Media Type"));
  return api::UnsupportedMediaType(
      "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, "
      "application/merge-patch+json, application/apply-patch+yaml, application/apply-patch+yaml");
}

absl::StatusOr<json::Value> DecodePatch(registry::PatchType type, const std::string& body, FieldValidation validation,
                                        std::vector<std::string>* warnings) {
  std::vector<std::string> repeated;
  const BodyType body_type = type == registry::PatchType::kApply ? BodyType::kYaml : BodyType::kJson;
  auto patch = ParseBody(body_type, body, &repeated);
  const auto refuse = [&](std::string_view of_yaml, std::string_view why) {
    if (type == registry::PatchType::kApply) return api::BadRequest(Cat("error decoding YAML: ", of_yaml, why));
    return api::BadRequest(Cat(type == registry::PatchType::kStrategicMerge ? "" : "error decoding patch: ", why));
  };
  if (!patch.ok()) return refuse("error converting YAML to JSON: ", ToStd(patch.status().message()));
  if (patch->is_null() && type == registry::PatchType::kMerge) return api::BadRequest("Invalid JSON Patch");
  if (patch->is_null() && type != registry::PatchType::kJson) return json::Value::MakeObject();
  if (type == registry::PatchType::kJson) {
    if (!patch->is_array()) {
      return api::BadRequest(Cat("error decoding patch: json: cannot unmarshal ", KindOfValue(*patch),
                                 " into Go value of type []handlers.jsonPatchOp"));
    }
    if (patch->array().size() > kJsonPatchOpsMax) {
      return api::RequestEntityTooLarge(
          Cat("The allowed maximum operations in a JSON patch is ", kJsonPatchOpsMax, ", got ", patch->array().size()));
    }
    for (std::string& path : repeated) path = Cat("json patch duplicate field ", api::GoQuote(path));
  } else if (!patch->is_object()) {
    if (type == registry::PatchType::kMerge && validation == FieldValidation::kIgnore)
      return api::BadRequest("Invalid JSON Patch");
    return refuse(
        "error unmarshaling JSON: while decoding JSON: ",
        Cat("json: cannot unmarshal ", KindOfValue(*patch), " into Go value of type map[string]interface {}"));
  } else if (type != registry::PatchType::kApply) {
    for (std::string& path : repeated) path = Cat("duplicate field ", api::GoQuote(path));
  }
  if (repeated.empty() || validation == FieldValidation::kIgnore) return patch;
  if (validation == FieldValidation::kWarn) {
    warnings->insert(warnings->end(), repeated.begin(), repeated.end());
    return patch;
  }
  if (type == registry::PatchType::kApply) {
    return api::BadRequest(Cat("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ",
                               StrJoin(repeated, "\n  ")));
  }
  return api::Invalid(
      {}, "", {api::FieldInvalid("patch", json::Value(body), Cat("strict decoding error: ", StrJoin(repeated, ", ")))});
}

}  // namespace atoll::endpoints
