// Workspace paths: steps on any valid path stay within the grammar.
#include <cstdint>

#include "common/base/check.h"
#include "common/path/path.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)atoll::LogicalClusterId::Parse(text);
  const auto path = atoll::WorkspacePath::Parse(text);
  if (!path.ok()) return 0;
  CHECK(path->str() == text);
  if (const auto parent = path->Parent()) {
    CHECK(atoll::WorkspacePath::IsValid(parent->str()) && path->HasPrefix(*parent));
    CHECK(parent->Join(path->Base()) == *path);
  }
  return 0;
}
