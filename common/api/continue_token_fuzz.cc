// Continue tokens: what decodes starts with a slash, never leads upwards, and survives a round trip.
#include <cstdint>

#include "common/api/continue_token.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::api;  // NOLINT
  const auto token = DecodeContinue({reinterpret_cast<const char*>(data), size});
  if (!token.ok()) return 0;
  CHECK(token->start.front() == '/' && token->start.find("/../") == std::string::npos &&
        token->start.find("//") == std::string::npos);
  const auto again = DecodeContinue(EncodeContinue(*token));
  CHECK_OK(again);
  CHECK(again->start == token->start && again->revision == token->revision);
  return 0;
}
