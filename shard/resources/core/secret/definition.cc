// Confidential data by key.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/core/secret/strategy.h"

namespace atoll::resources {
namespace {

using json::Value;

Value Entries(const Value& object) {
  const Value* data = object.Find("data");
  return Value(data != nullptr && data->is_object() ? static_cast<int64_t>(data->object().size()) : int64_t{0});
}

}  // namespace

DefinitionPtr SecretResource() {
  registry::ResourceDefinition d = Typed({"", "v1", "secrets"}, "Secret", registry::Scope::kNamespaced);
  d.columns = {Text("Type", {"type"}), Computed("Data", "string", Entries), Age()};
  d.selectable_fields = {"type"};
  d.strategy = std::make_shared<SecretStrategy>();
  d.storage_version_hash = "cqhVaDyekjw=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
