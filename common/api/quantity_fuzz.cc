// Whatever is read is printed in a form that reads as the same amount. It may print otherwise once more, as in
// Kubernetes
// ("62.5Ki", "64000", "64k": the unit's kind is lost with the unit), and stays as it is from then on.
#include "common/api/quantity.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto q = atoll::api::Quantity::Parse({reinterpret_cast<const char*>(data), size});
  if (!q.ok()) return 0;
  auto again = atoll::api::Quantity::Parse(q->ToString());
  CHECK(again.ok());
  CHECK(*again == *q);
  auto settled = atoll::api::Quantity::Parse(again->ToString());
  CHECK(settled.ok());
  CHECK(*settled == *q);
  CHECK(settled->ToString() == again->ToString());
  return 0;
}
