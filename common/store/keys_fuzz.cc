// The key codec: SplitKey undoes AppendComponent, order is kept, a scope's end bounds exactly the keys under it.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "common/store/format.h"
#include "common/store/types.h"

using atoll::store::AppendComponent;
using atoll::store::ScopeEnd;
using atoll::store::SplitKey;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto components = SplitKey(input);
  std::string key;
  for (const auto component : components) {
    CHECK(component.find('\0') == std::string_view::npos);
    const std::string scope = key;
    AppendComponent(&key, component);
    CHECK(key > scope);
    CHECK(scope.empty() || key < ScopeEnd(scope));
  }
  CHECK(SplitKey(key) == components);
  const bool terminated = input.empty() || input.back() == '\0';
  CHECK((key == input) == terminated);

  // Damaged records are errors, never crashes.
  const auto log_key = input.substr(0, 12);
  const auto event = atoll::store::format::DecodeEvent(log_key, input.substr(log_key.size()));
  if (event.ok()) CHECK(atoll::store::format::EncodeEvent(*event) == input.substr(12));
  (void)atoll::store::format::DecodeObject("k", input).ok();
  return 0;
}
