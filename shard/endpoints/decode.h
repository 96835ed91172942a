// Request bodies: bytes to a typed JSON value, or the exact words of what is wrong with them
// (spec/api-machinery.md 1.3, 3.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/http/message.h"
#include "common/json/value.h"
#include "common/loop/task.h"
#include "shard/registry/definition.h"
#include "shard/registry/request.h"

namespace atoll::endpoints {

inline constexpr size_t kBodyBytesMax = 3 * 1024 * 1024;

// The whole body. Errors: RequestEntityTooLarge beyond kBodyBytesMax; those of the transport.
Task<absl::StatusOr<std::string>> ReadBody(http::Request& request);

enum class BodyType : uint8_t { kJson, kYaml, kProtobuf };

// What a body must be: the resource's own kind, or its subresource's.
struct Expected {
  api::Gvk gvk;
  registry::Flavor flavor = registry::Flavor::kTyped;
  const registry::ResourceDefinition* definition =
      nullptr;                             // set when the registry looks into the body (types, unknown members)
  const schema::Schema* schema = nullptr;  // of other bodies; null: not checked
};
Expected ExpectedBody(const registry::ResourceDefinition& definition, std::string_view subresource);

// Of create and update bodies. Errors: UnsupportedMediaType; protobuf is for the compiled-in kinds that have a message.
absl::StatusOr<BodyType> ParseBodyType(std::string_view content_type, const Expected& expected);

// Parses `body` and holds its kind and apiVersion against `expected` (defaulted from the URL for compiled-in types).
// Repeated members are judged here by `validation`, since the registry cannot see them any more; types and unknown
// members are the registry's to judge. Errors: BadRequest, Invalid.
absl::StatusOr<json::Value> DecodeObject(const Expected& expected, BodyType type, const std::string& body,
                                         registry::WriteOptions::FieldValidation validation,
                                         std::vector<std::string>* warnings);

// A delete's optional body, in any of the types; null when it is empty.
absl::StatusOr<json::Value> DecodeDeleteOptions(std::string_view content_type, const std::string& body);

// The patch type a Content-Type names. Errors: UnsupportedMediaType; compiled-in types and custom resources have
// different words.
absl::StatusOr<registry::PatchType> ParsePatchType(std::string_view content_type, registry::Flavor flavor);
// A patch body. Errors: BadRequest; RequestEntityTooLarge for a JSON patch of more than 10,000 operations.
absl::StatusOr<json::Value> DecodePatch(registry::PatchType type, const std::string& body,
                                        registry::WriteOptions::FieldValidation validation,
                                        std::vector<std::string>* warnings);

}  // namespace atoll::endpoints
