#include "shard/registry/connector.h"

#include <utility>

namespace atoll::registry {

void Connectors::Add(api::GroupResource resource, std::string subresource, std::unique_ptr<Connector> connector) {
  rows_.push_back({std::move(resource), std::move(subresource), std::move(connector)});
}

Connector* Connectors::Find(const api::GroupResource& resource, std::string_view subresource) const {
  for (const Row& row : rows_) {
    if (row.resource == resource && row.subresource == subresource) return row.connector.get();
  }
  return nullptr;
}

}  // namespace atoll::registry
