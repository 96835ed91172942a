// Parsing a quantity and printing it: whatever is accepted prints as something that reads as the same, or as a whole
// amount, to which binary ones are rounded when they are printed.
#include <cstddef>
#include <cstdint>

#include "common/api/quantity.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto parsed = atoll::api::Quantity::Parse({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) return 0;
  auto again = atoll::api::Quantity::Parse(parsed->ToString());
  ATOLL_CHECK(again.ok() && (*again == *parsed || again->IsWhole()));
  return 0;
}
