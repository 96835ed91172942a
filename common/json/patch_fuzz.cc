// Patches: the input is a document and a patch, parted by a newline; neither may break anything, and the result can be
// written and read.
#include <cstdint>

#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/json/patch.h"
#include "common/json/write.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::json;  // NOLINT
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const absl::StatusOr<Value> document = Parse(input.substr(0, end)), patch = Parse(input.substr(end + 1));
  if (!document.ok() || !patch.ok()) return 0;
  Value patched = *document;
  if (ApplyJsonPatch(*patch, &patched).ok()) CHECK_OK(Parse(Write(patched)));
  Value merged = *document;
  ApplyMergePatch(*patch, &merged);
  CHECK_OK(Parse(Write(merged)));
  return 0;
}
