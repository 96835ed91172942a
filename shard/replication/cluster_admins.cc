#include "shard/replication/cluster_admins.h"

#include <map>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/rpc/call.h"
#include "shard/replication/admin_stubs.h"

namespace atoll::replication {
namespace {

namespace pb = ::atoll::admin::v1;
using StubPtr = AdminStubs::StubPtr;

class Remote final : public tenancy::ClusterAdmin {
 public:
  Remote(std::function<absl::StatusOr<StubPtr>()> stub, absl::Duration timeout)
      : stub_(std::move(stub)), timeout_(timeout) {}

  Task<absl::StatusOr<json::Value>> Create(LogicalClusterId cluster, json::Value logical_cluster) override {
    CO_ASSIGN_OR_RETURN(StubPtr stub, stub_());
    pb::CreateLogicalClusterRequest request;
    request.set_cluster(cluster.name());
    request.set_logical_cluster_json(json::Write(logical_cluster));
    auto reply = co_await rpc::Call<pb::CreateLogicalClusterResponse>(
        std::move(request), timeout_,
        [stub](auto* context, auto* in, auto* out, std::function<void(grpc::Status)> done) {
          stub->async()->CreateLogicalCluster(context, in, out, std::move(done));
        });
    CO_RETURN_IF_ERROR(reply.status());
    co_return json::Parse(reply->logical_cluster_json());
  }

  Task<absl::StatusOr<tenancy::Deletion>> Delete(LogicalClusterId cluster, std::string owner_uid,
                                                 absl::Duration wait) override {
    CO_ASSIGN_OR_RETURN(StubPtr stub, stub_());
    pb::DeleteLogicalClusterRequest request;
    request.set_cluster(cluster.name());
    request.set_owner_uid(std::move(owner_uid));
    request.set_wait_ms(absl::ToInt64Milliseconds(wait));
    auto reply = co_await rpc::Call<pb::DeleteLogicalClusterResponse>(
        std::move(request), timeout_ + wait,
        [stub](auto* context, auto* in, auto* out, std::function<void(grpc::Status)> done) {
          stub->async()->DeleteLogicalCluster(context, in, out, std::move(done));
        });
    if (absl::IsNotFound(reply.status())) co_return tenancy::Deletion{.gone = true, .logical_cluster = {}};
    CO_RETURN_IF_ERROR(reply.status());
    tenancy::Deletion deletion{.gone = reply->gone(), .logical_cluster = {}};
    if (!deletion.gone) {
      CO_ASSIGN_OR_RETURN(deletion.logical_cluster, json::Parse(reply->logical_cluster_json()));
    }
    co_return deletion;
  }

  Task<absl::StatusOr<json::Value>> Get(LogicalClusterId cluster) override {
    CO_ASSIGN_OR_RETURN(StubPtr stub, stub_());
    pb::GetLogicalClusterRequest request;
    request.set_cluster(cluster.name());
    auto reply = co_await rpc::Call<pb::GetLogicalClusterResponse>(
        std::move(request), timeout_,
        [stub](auto* context, auto* in, auto* out, std::function<void(grpc::Status)> done) {
          stub->async()->GetLogicalCluster(context, in, out, std::move(done));
        });
    CO_RETURN_IF_ERROR(reply.status());
    co_return json::Parse(reply->logical_cluster_json());
  }

 private:
  const std::function<absl::StatusOr<StubPtr>()> stub_;
  const absl::Duration timeout_;
};

}  // namespace

struct FleetClusterAdmins::Impl {
  explicit Impl(Options options) : options(std::move(options)) {}
  const Options options;
  AdminStubs stubs{options.catalog, options.channel};
  absl::Mutex mutex;
  std::map<std::string, std::unique_ptr<Remote>, std::less<>> remotes ABSL_GUARDED_BY(mutex);  // by shard
};

FleetClusterAdmins::FleetClusterAdmins(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
FleetClusterAdmins::~FleetClusterAdmins() = default;

tenancy::ClusterAdmin* FleetClusterAdmins::ForShard(std::string_view shard) {
  if (shard == impl_->options.shard) return impl_->options.local;
  if (impl_->stubs.AddressOf(shard).empty()) return nullptr;
  absl::MutexLock lock(&impl_->mutex);
  std::unique_ptr<Remote>& remote = impl_->remotes[std::string(shard)];
  if (remote == nullptr) {
    remote = std::make_unique<Remote>([impl = impl_.get(), name = std::string(shard)] { return impl->stubs.Of(name); },
                                      impl_->options.timeout);
  }
  return remote.get();
}

}  // namespace atoll::replication
