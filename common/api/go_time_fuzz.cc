// Any text is a time or refused; a time, written, is read as the same time.
#include "common/api/go_time.h"
#include "common/api/object.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using atoll::api::TimeLayout;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)atoll::api::ParseGoTime(text, TimeLayout::kSeconds);
  const auto time = atoll::api::ParseGoTime(text, TimeLayout::kMicros);
  if (!time.ok()) return 0;
  const std::string written = atoll::api::FormatMicroTime(*time);
  if (written.size() != std::string_view("2006-01-02T15:04:05.000000Z").size()) return 0;  // beyond the year 9999
  const auto again = atoll::api::ParseGoTime(written, TimeLayout::kMicros);
  CHECK(again.ok());
  CHECK(*again == *time);
  return 0;
}
