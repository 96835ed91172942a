// Field selectors: any text parses or is refused; a parsed one can be matched.
#include <cstdint>

#include "common/api/selectors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto selector = atoll::api::FieldSelector::Parse({reinterpret_cast<const char*>(data), size});
  if (selector.ok()) (void)selector->Matches([](std::string_view field) { return std::string(field); });
  return 0;
}
