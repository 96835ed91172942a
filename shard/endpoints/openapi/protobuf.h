// OpenAPI documents in protobuf, as older clients ask for them: the messages that the gnostic library defines for
// OpenAPI 2.0. What our documents do not use (security, forms, headers, examples) has no rows. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/json/value.h"

namespace atoll::endpoints {

inline constexpr std::string_view kOpenApiV2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

// REQUIRES: a document as BuildOpenApiV2 writes it. Recursion is bounded by the depth that json::Parse accepts.
std::string EncodeOpenApiV2(const json::Value& document);

}  // namespace atoll::endpoints
