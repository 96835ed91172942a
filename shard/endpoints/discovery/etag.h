// Entity tags of generated documents: the upper-case hex SHA-512 of their bytes.
#pragma once

#include <string>
#include <string_view>

namespace atoll::endpoints {

std::string HashOf(std::string_view bytes);
// True when an If-None-Match header has `hash` (in quotes, perhaps among others) or `*`.
bool MatchesETag(std::string_view if_none_match, std::string_view hash);

}  // namespace atoll::endpoints
