// Regular expressions as Go's regexp has them, by RE2.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace atoll::cel {

// nullptr when it is none; then *error says why, in Go's words.
std::shared_ptr<const re2::RE2> CompileRegex(std::string_view pattern, std::string* error);

}  // namespace atoll::cel
