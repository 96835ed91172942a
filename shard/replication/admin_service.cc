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
  Impl(Loop& loop, Options o) : loop(loop), options(std::move(o)), admin(options.admin) {}
  Loop& loop;
  const Options options;
  tenancy::ClusterAdmin* const admin;

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

  grpc::ServerUnaryReactor* GetBoundObject(grpc::CallbackServerContext* context,
                                           const pb::GetBoundObjectRequest* request,
                                           pb::GetBoundObjectResponse* response) override {
    return rpc::ServeUnary(context, loop, [this, request, response] { return GetBound(request, response); });
  }
  grpc::ServerUnaryReactor* NoteTokenUse(grpc::CallbackServerContext* context, const pb::NoteTokenUseRequest* request,
                                         pb::NoteTokenUseResponse*) override {
    return rpc::ServeUnary(context, loop, [this, request] { return NoteUse(request); });
  }

  absl::StatusOr<LogicalClusterId> Here(const std::string& name) const {
    ASSIGN_OR_RETURN(LogicalClusterId cluster, LogicalClusterId::Parse(name));
    if (options.service_accounts == nullptr || !options.is_local(cluster))
      return absl::NotFoundError("the logical cluster is not on this shard");
    return cluster;
  }

  Task<absl::Status> GetBound(const pb::GetBoundObjectRequest* request, pb::GetBoundObjectResponse* response) {
    CO_ASSIGN_OR_RETURN(LogicalClusterId cluster, Here(request->cluster()));
    auto* accounts = options.service_accounts;
    auto found = request->kind() == pb::GetBoundObjectRequest::SECRET
                     ? co_await accounts->Secret(std::move(cluster), request->namespace_(), request->name())
                     : co_await accounts->ServiceAccount(std::move(cluster), request->namespace_(), request->name());
    // NotFound would say that the cluster is elsewhere.
    if (!found.ok()) co_return absl::UnavailableError(found.status().message());
    if (!found->has_value()) co_return absl::OkStatus();
    const auth::BoundObject& object = **found;
    response->set_found(true);
    response->set_uid(object.uid);
    if (object.deleted_at != absl::InfiniteFuture()) response->set_deleted_at_us(absl::ToUnixMicros(object.deleted_at));
    if (object.token) response->set_token_sha256(std::string(object.token->raw()));
    response->set_invalidated(object.invalidated);
    response->set_last_used(object.last_used);
    co_return absl::OkStatus();
  }

  Task<absl::Status> NoteUse(const pb::NoteTokenUseRequest* request) {
    CO_ASSIGN_OR_RETURN(LogicalClusterId cluster, Here(request->cluster()));
    co_await options.service_accounts->NoteUse(std::move(cluster), request->namespace_(), request->secret(),
                                               request->day());
    co_return absl::OkStatus();
  }

  Task<absl::Status> Register(const pb::RegisterShardRequest* request) {
    if (!options.register_shard) co_return absl::FailedPreconditionError("this shard does not hold the root workspace");
    CO_ASSIGN_OR_RETURN(json::Value shard, json::Parse(request->shard_json()));
    if (!shard.is_object()) co_return absl::InvalidArgumentError("the shard is no object");
    absl::Status registered = co_await options.register_shard(std::move(shard));
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
    const absl::Duration wait =
        std::clamp(absl::Milliseconds(request->wait_ms()), absl::ZeroDuration(), options.wait_max);
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

AdminService::AdminService(Loop& loop, Options options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
AdminService::~AdminService() = default;
grpc::Service* AdminService::service() { return impl_.get(); }

}  // namespace atoll::replication
