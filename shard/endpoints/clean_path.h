// Paths with empty, `.` or `..` segments name nothing here: who asks for one is sent to the path it means, so that no
// two readers of a URL take it for different things.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atoll::endpoints {

// The path without such segments, a slash at its end kept; nullopt when there are none. `path` is decoded and begins
// with a slash. Pure.
std::optional<std::string> CleanPath(std::string_view path);

}  // namespace atoll::endpoints
