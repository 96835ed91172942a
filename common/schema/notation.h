// Values of compiled-in types that are text with a meaning: times, quantities, bytes. Reading them in Go's words, and
// writing them in the one form in which equal values are equal bytes. Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "common/json/value.h"
#include "common/schema/schema.h"

namespace atoll::schema {

// By the name of an OpenAPI definition.
Notation NotationOf(std::string_view definition);

// A string that Go would decode, or for a quantity a number. Errors: InvalidArgument with Go's words.
absl::Status CheckNotation(Notation notation, const json::Value& value);
// Base64 as Go's encoding/base64 reads it: padded, line breaks are skipped. Errors: InvalidArgument, which names the
// first wrong byte.
absl::Status CheckBase64(std::string_view text);

// REQUIRES: CheckNotation has accepted the value; others stay as they are.
void WriteNotation(Notation notation, json::Value* value);
void WriteBase64(json::Value* value);

}  // namespace atoll::schema
