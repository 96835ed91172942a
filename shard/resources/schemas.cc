#include "shard/resources/schemas.h"

#include <span>

#include "common/base/check.h"
#include "common/base/embedded.h"

namespace atoll::embedded {
std::span<const File> atoll_shard_resources();
}

namespace atoll::resources {

const schema::Definitions& BuiltinSchemas() {
  static const schema::Definitions& all = *[] {
    std::vector<std::string_view> files;
    for (const embedded::File& file : embedded::atoll_shard_resources()) files.push_back(file.bytes);
    auto loaded = schema::Definitions::Load(files);
    CHECK_OK(loaded);
    return new schema::Definitions(*std::move(loaded));
  }();
  return all;
}

schema::SchemaPtr SchemaOf(const api::Gvk& gvk) {
  schema::SchemaPtr found = BuiltinSchemas().FindKind(gvk);
  CHECK(found != nullptr);
  return found;
}

}  // namespace atoll::resources
