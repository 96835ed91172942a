// Whatever is read is printed in a form that reads as the same amount and prints the same again.
#include "common/api/quantity.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto q = atoll::api::Quantity::Parse({reinterpret_cast<const char*>(data), size});
  if (!q.ok()) return 0;
  const std::string text = q->ToString();
  auto again = atoll::api::Quantity::Parse(text);
  CHECK(again.ok());
  CHECK(*again == *q);
  CHECK(again->ToString() == text);
  return 0;
}
