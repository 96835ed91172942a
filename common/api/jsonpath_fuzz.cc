// JSONPath: any text parses or is refused; a parsed one can be evaluated.
#include <cstdint>

#include "common/api/jsonpath.h"
#include "common/json/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const atoll::json::Value root = *atoll::json::Parse(R"({"a":[{"b":1},{"b":"x"}],"c":{"d":true}})");
  if (size > 256) return 0;
  const auto path = atoll::api::JsonPath::Parse({reinterpret_cast<const char*>(data), size});
  if (path.ok()) (void)path->Find(root);
  return 0;
}
