// YAML: whatever parses is written, and what is written parses to the same.
#include <cstdint>

#include "common/base/check.h"
#include "common/json/write.h"
#include "common/json/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::json;  // NOLINT
  std::vector<std::string> duplicates;
  const absl::StatusOr<Value> v =
      ParseYaml({reinterpret_cast<const char*>(data), size}, {.expanded_max = 1 << 16, .duplicates = &duplicates});
  if (!v.ok()) return 0;
  const absl::StatusOr<Value> again = ParseYaml(WriteYaml(*v));
  CHECK_OK(again);
  return 0;
}
