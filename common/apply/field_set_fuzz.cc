// fieldsV1 and lists of managers from anywhere: refused, or kept in a form that reads back as the same.
#include <cstdint>

#include "common/apply/managers.h"
#include "common/base/check.h"
#include "common/json/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll;         // NOLINT
  using namespace atoll::apply;  // NOLINT
  const auto value = json::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!value.ok()) return 0;
  if (const auto set = FieldSet::FromFieldsV1(*value); set.ok()) {
    const auto again = FieldSet::FromFieldsV1(set->ToFieldsV1());
    CHECK_OK(again);
    CHECK(*again == *set);
    CHECK(set->Difference(*set).empty());
    CHECK(set->Union(*set) == *set);
    CHECK(set->Intersection(*set) == *set);
    CHECK(set->Without(*set).empty());
    size_t paths = 0;
    set->ForEachPath([&](const std::string&) { ++paths; });
    CHECK(set->empty() == (paths == 0));
  }
  if (auto managers = ParseManagers(&*value); managers.ok() && !managers->empty()) {
    CapUpdateManagers(&*managers);
    const json::Value printed = PrintManagers(*std::move(managers));
    CHECK_OK(ParseManagers(&printed));
  }
  return 0;
}
