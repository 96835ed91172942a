// The slow, exact reader: reads what Go's encoding/json reads and fails with the words it fails with.
//
// Parse() turns to it for text that the fast parser refuses. That is mostly broken text, whose diagnosis users see; but
// Go also accepts numbers beyond 64 bits, invalid UTF-8 and lone surrogates (read as U+FFFD), and so does this.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "common/json/parse.h"

namespace atoll::json {

absl::StatusOr<Value> ReadLikeGo(std::string_view text, const ParseOptions& options);

}  // namespace atoll::json
