#include "shard/tenancy/register_shard.h"

#include "common/api/errors.h"
#include "common/api/object.h"
#include "shard/tenancy/catalog.h"

namespace atoll::tenancy {

Task<absl::Status> RegisterShard(client::ApiClient* client, json::Value shard) {
  const client::ObjectRef ref{
      RootCluster(), {"core.kcp.io", "v1alpha1", "shards"}, "", std::string(api::Name(shard)), ""};
  const json::Value* spec = shard.Find("spec");
  if (ref.name.empty() || spec == nullptr || spec->StringAt({"baseURL"}).empty())
    co_return absl::InvalidArgumentError("the shard needs metadata.name and spec.baseURL");
  auto existing = co_await client->Get(ref);
  if (!existing.ok()) {
    if (!api::IsNotFound(existing.status())) co_return existing.status();
    auto created = co_await client->Create(ref, std::move(shard));
    co_return created.status();
  }
  const std::string_view address = api::Annotation(shard, kRpcAddressAnnotation);
  const json::Value* before = existing->Find("spec");
  if (before != nullptr && *before == *spec && api::Annotation(*existing, kRpcAddressAnnotation) == address)
    co_return absl::OkStatus();
  existing->Ensure({"spec"}) = *spec;
  api::SetAnnotation(&*existing, kRpcAddressAnnotation, address);
  auto updated = co_await client->Update(ref, *std::move(existing));
  co_return updated.status();
}

}  // namespace atoll::tenancy
