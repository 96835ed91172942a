// JSON text to Value, strictly RFC 8259, with what Kubernetes wants to know beside the value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::json {

struct ParseOptions {
  // Deeper input is refused. Bounded because destruction and printing recurse.
  int depth_max = 512;
  // When set, receives the path of each repeated key in Kubernetes' form (`metadata.name`, `spec.a[0].b`), in document
  // order. The last occurrence wins, as in Go. Bounded to 100 entries.
  std::vector<std::string>* duplicates = nullptr;
};

// Errors: InvalidArgument whose message is what Go's encoding/json says of the same text (`unexpected end of JSON
// input`, `invalid character 'x' looking for beginning of value`, ...), because users and tests see it.
absl::StatusOr<Value> Parse(std::string_view text, const ParseOptions& options = {});

}  // namespace atoll::json
