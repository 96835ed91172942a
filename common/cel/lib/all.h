// The libraries, in the order in which overloads are tried.
#pragma once

#include <span>
#include <string_view>

#include "common/cel/function.h"

namespace atoll::cel::lib {

std::span<const Library> All();
// Types that libraries bring, as constants: `type(x) == net.IP`.
std::span<const std::string_view> TypeNames();

}  // namespace atoll::cel::lib
