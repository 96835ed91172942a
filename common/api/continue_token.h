// The token that continues a paged list (spec/api-machinery.md 3.7): base64url without padding of
// {"v":"meta.k8s.io/v1","rv":<revision>,"start":"<key after the collection's prefix>"}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace atoll::api {

struct ContinueToken {
  int64_t revision = 0;  // -1: at the latest revision, whatever it is
  std::string start;     // first key not yet sent, with a leading slash
};

std::string EncodeContinue(const ContinueToken& token);
// Tokens come from clients: `start` never leads out of the collection ("..", "//" are refused).
// Errors: BadRequest `invalid continue token: ...`.
absl::StatusOr<ContinueToken> DecodeContinue(std::string_view text);

}  // namespace atoll::api
