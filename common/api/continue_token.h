// The token that continues a paged list (spec/api-machinery.md 3.7): base64url without padding of
// {"v":"meta.k8s.io/v1","rv":<revision>,"start":"<key after the collection's prefix>","left":<objects from there on>}.
// "left" is ours: it spares every page but the first counting what remains.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace atoll::api {

struct ContinueToken {
  int64_t revision = 0;  // -1: at the latest revision, whatever it is
  std::string start;     // first key not yet sent, with a leading slash
  int64_t left = 0;      // objects not yet sent at that revision; 0: unknown. A client's word: only told to clients
};

std::string EncodeContinue(const ContinueToken& token);
// Tokens come from clients: `start` never leads out of the collection ("..", "//" are refused).
// Errors: BadRequest `invalid continue token: ...`.
absl::StatusOr<ContinueToken> DecodeContinue(std::string_view text);

}  // namespace atoll::api
