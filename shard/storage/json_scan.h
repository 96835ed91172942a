// Looks into stored JSON without parsing it: selectors and version rewriting need one member of a large object.
//
// Only for text that this server wrote itself (compact and valid); on anything else the answer is "not there", never a
// crash.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace atoll::storage {

// Whether `piece` is anywhere in `text`. Much faster on JSON than string_view::find, which stops at every quote.
bool Contains(std::string_view text, std::string_view piece);

// The end of the value that begins at `at` (compact JSON), or npos when the text ends before.
size_t SkipValue(std::string_view json, size_t at);

// The text of the member `key` of the object `object_json` (which begins with `{`). Keys that need escapes are not
// found.
std::optional<std::string_view> FindMember(std::string_view object_json, std::string_view key);

// The text of the member at `path`, e.g. {"metadata", "labels"}. Does not look for the ends of the objects on the way,
// so what comes early in `object_json` is found without a look at the rest.
std::optional<std::string_view> FindPath(std::string_view object_json, std::initializer_list<std::string_view> path);

}  // namespace atoll::storage
