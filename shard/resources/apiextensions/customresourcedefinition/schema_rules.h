// What a custom resource's schema must be (spec/api-machinery.md 7.2, 7.3): structural, without keywords that this API
// does not know, with defaults that are valid. Pure functions over the schema as it is written; recursion is bounded by
// the depth that json::Parse accepts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/api/errors.h"
#include "common/json/value.h"

namespace atoll::resources {

// Everything that is wrong with `schema`, which stands at `path` (`spec.validation.openAPIV3Schema`). `has_status`: the
// version has a status subresource, which restricts the root.
api::FieldErrors CheckSchema(const json::Value& schema, const std::string& path, bool has_status);

// Formats of strings and numbers that no check is known for, in the order in which they stand.
std::vector<std::string> UnknownFormats(const json::Value& schema);

// What a simple path (`.spec.color`) leads to; null with `why` when it leads nowhere.
const json::Value* FollowPath(const json::Value& schema, std::string_view path, std::string* why);

}  // namespace atoll::resources
