// Property: after stripping, no field is an identity header, and nothing else was lost.
#include <cstdint>

#include "common/auth/identity_headers.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  atoll::http::Headers headers;
  size_t kept = 0;
  for (size_t begin = 0; begin < input.size();) {
    const size_t end = std::min(input.find('\n', begin), input.size());
    headers.Add(input.substr(begin, end - begin), "v");
    begin = end + 1;
  }
  for (const auto& [name, value] : headers.fields()) kept += !atoll::auth::IsIdentityHeader(name);
  atoll::auth::StripIdentityHeaders(&headers);
  CHECK(headers.fields().size() == kept);
  CHECK(atoll::auth::ReadIdentityHeaders(headers).name.empty());
  return 0;
}
