#include "shard/replication/admin_service.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/rpc/call.h"
#include "proto/admin/admin.grpc.pb.h"

namespace atoll::replication {

namespace pb = ::atoll::admin::v1;

struct AdminService::Impl final : pb::ShardAdmin::CallbackService {
  Impl(Loop& loop, tenancy::ClusterAdmin* admin, AdminService::RegisterShard register_shard, absl::Duration wait_max)
      : loop(loop), admin(admin), register_shard(std::move(register_shard)), wait_max(wait_max) {}
  Loop& loop;
  tenancy::ClusterAdmin* const admin;
  const AdminService::RegisterShard register_shard;
  const absl::Duration wait_max;

  grpc::ServerUnaryReactor* CreateLogicalCluster(grpc::CallbackServerContext* context,
                                                 const pb::CreateLogicalClusterRequest* request,
                                                 pb::CreateLogicalClusterResponse* response) override {
    return rpc::ServeUnary(context, loop, [this, request, response] { return Create(request, response); });
  }
  grpc::ServerUnaryReactor* DeleteLogicalCluster(grpc::CallbackServerContext* context,
                                                 const pb::DeleteLogicalClusterRequest* request,
                                                 pb::DeleteLogicalClusterResponse* response) override {
    return rpc::ServeUnary(context, loop, [this, request, response] { return Delete(request, response); });
  }
  grpc::ServerUnaryReactor* GetLogicalCluster(grpc::CallbackServerContext* context,
                                              const pb::GetLogicalClusterRequest* request,
                                              pb::GetLogicalClusterResponse* response) override {
    return rpc::ServeUnary(context, loop, [this, request, response] { return Get(request, response); });
  }

  grpc::ServerUnaryReactor* RegisterShard(grpc::CallbackServerContext* context, const pb::RegisterShardRequest* request,
                                          pb::RegisterShardResponse*) override {
    return rpc::ServeUnary(context, loop, [this, request] { return Register(request); });
  }

  Task<absl::Status> Register(const pb::RegisterShardRequest* request) {
    if (!register_shard) co_return absl::FailedPreconditionError("this shard does not hold the root workspace");
    CO_ASSIGN_OR_RETURN(json::Value shard, json::Parse(request->shard_json()));
    if (!shard.is_object()) co_return absl::InvalidArgumentError("the shard is no object");
    absl::Status registered = co_await register_shard(std::move(shard));
    co_return registered;
  }

  Task<absl::Status> Create(const pb::CreateLogicalClusterRequest* request,
                            pb::CreateLogicalClusterResponse* response) {
    CO_ASSIGN_OR_RETURN(LogicalClusterId cluster, LogicalClusterId::Parse(request->cluster()));
    CO_ASSIGN_OR_RETURN(json::Value wanted, json::Parse(request->logical_cluster_json()));
    if (!wanted.is_object()) co_return absl::InvalidArgumentError("the logical cluster is no object");
    CO_ASSIGN_OR_RETURN(json::Value created, co_await admin->Create(std::move(cluster), std::move(wanted)));
    response->set_logical_cluster_json(json::Write(created));
    co_return absl::OkStatus();
  }

  Task<absl::Status> Delete(const pb::DeleteLogicalClusterRequest* request,
                            pb::DeleteLogicalClusterResponse* response) {
    CO_ASSIGN_OR_RETURN(LogicalClusterId cluster, LogicalClusterId::Parse(request->cluster()));
    const absl::Duration wait = std::clamp(absl::Milliseconds(request->wait_ms()), absl::ZeroDuration(), wait_max);
    CO_ASSIGN_OR_RETURN(tenancy::Deletion deletion,
                        co_await admin->Delete(std::move(cluster), request->owner_uid(), wait));
    response->set_gone(deletion.gone);
    if (!deletion.gone) response->set_logical_cluster_json(json::Write(deletion.logical_cluster));
    co_return absl::OkStatus();
  }

  Task<absl::Status> Get(const pb::GetLogicalClusterRequest* request, pb::GetLogicalClusterResponse* response) {
    CO_ASSIGN_OR_RETURN(LogicalClusterId cluster, LogicalClusterId::Parse(request->cluster()));
    CO_ASSIGN_OR_RETURN(json::Value found, co_await admin->Get(std::move(cluster)));
    response->set_logical_cluster_json(json::Write(found));
    co_return absl::OkStatus();
  }
};

AdminService::AdminService(Loop& loop, tenancy::ClusterAdmin* admin, RegisterShard register_shard,
                           absl::Duration wait_max)
    : impl_(std::make_unique<Impl>(loop, admin, std::move(register_shard), wait_max)) {}
AdminService::~AdminService() = default;
grpc::Service* AdminService::service() { return impl_.get(); }

}  // namespace atoll::replication
