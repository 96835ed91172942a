// String formats of OpenAPI that the API server checks; others are accepted unread.
#pragma once

#include <string_view>

namespace atoll::schema {

bool MatchesFormat(std::string_view format, std::string_view text);

}  // namespace atoll::schema
