#include "shard/admission/shard/plugin.h"

#include "common/api/errors.h"

namespace atoll::admission {
namespace {

class Shard final : public Plugin {
 public:
  Task<absl::Status> Mutate(Attributes& a) override {
    if (!a.Is("core.kcp.io", "shards") || a.object == nullptr) co_return absl::OkStatus();
    const std::string base(a.object->StringAt({"spec", "baseURL"}));
    if (base.empty()) co_return absl::OkStatus();
    for (const char* member : {"externalURL", "virtualWorkspaceURL"}) {
      if (a.object->StringAt({"spec", member}).empty()) a.object->Ensure({"spec", member}) = base;
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Validate(Attributes& a) override {
    if (!a.Is("core.kcp.io", "shards") || a.object == nullptr) co_return absl::OkStatus();
    if (a.object->StringAt({"spec", "baseURL"}).empty()) co_return api::RawError("spec.baseURL is required");
    co_return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Plugin> NewShard() { return std::make_unique<Shard>(); }

}  // namespace atoll::admission
