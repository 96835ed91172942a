// JSON: whatever parses is written, and what is written parses to the same.
#include <cstdint>

#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/json/write.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::json;  // NOLINT
  std::vector<std::string> duplicates;
  const absl::StatusOr<Value> v = Parse({reinterpret_cast<const char*>(data), size}, {.duplicates = &duplicates});
  if (!v.ok()) return 0;
  const std::string text = Write(*v);
  const absl::StatusOr<Value> again = Parse(text);
  CHECK_OK(again);
  CHECK(*again == *v);
  // A negative zero that is no integer (-0e1) is written as the integer -0, which is 0: the same value, another text,
  // once.
  const std::string settled = Write(*again);
  const absl::StatusOr<Value> once_more = Parse(settled);
  CHECK_OK(once_more);
  CHECK(Write(*once_more) == settled);
  CHECK_OK(Parse(WriteIndented(*v)));
  return 0;
}
