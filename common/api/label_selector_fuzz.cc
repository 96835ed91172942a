// Label selectors: any text parses or is refused; a parsed one can be matched.
#include <cstdint>

#include "common/api/selectors.h"
#include "common/json/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const atoll::json::Value object = *atoll::json::Parse(R"({"metadata":{"labels":{"a":"1","b":""}}})");
  const auto selector = atoll::api::LabelSelector::Parse({reinterpret_cast<const char*>(data), size});
  if (selector.ok()) (void)selector->Matches(object);
  return 0;
}
