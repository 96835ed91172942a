// Any URL parses or is refused; what parses keeps its invariants.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/check.h"
#include "shard/endpoints/request_info.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr const char* kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", ""};
  if (size == 0) return 0;
  std::string_view target(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto info = atoll::endpoints::ParseRequestInfo(kMethods[data[0] % 8], target);
  if (!info.ok()) return 0;
  CHECK(!info->path.empty() && info->path[0] == '/');
  CHECK(!info->resource_request || info->api_prefix == "api" || info->api_prefix == "apis");
  CHECK(info->has_cluster || info->cluster.empty());
  CHECK(info->subresource.empty() || info->resource_request);
  return 0;
}
