// What ConfigMaps and Secrets share: maps whose keys become file names, bounded in size, that can be frozen.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "common/api/errors.h"
#include "common/json/value.h"

namespace atoll::resources {

inline constexpr int64_t kDataBytesMax = 1024 * 1024;

// Each key of `map` is a legal file name. `map` may be null.
void CheckDataKeys(std::string_view field, const json::Value* map, api::FieldErrors* errors);
// Bytes of the values; with `base64`, of what they decode to (padding counts).
int64_t DataBytes(const json::Value* map, bool base64);
// Once `immutable` is true it stays, and so do `fields`.
void CheckImmutableData(const json::Value& object, const json::Value& old,
                        std::initializer_list<std::string_view> fields, api::FieldErrors* errors);

}  // namespace atoll::resources
