#include "shard/server/fleet.h"

#include <utility>

#include <grpcpp/channel.h>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "common/log/log.h"
#include "common/rpc/call.h"
#include "common/rpc/channel.h"
#include "common/rpc/server.h"
#include "proto/admin/admin.grpc.pb.h"
#include "shard/replication/admin_service.h"
#include "shard/replication/cluster_admins.h"
#include "shard/replication/fleet_service_accounts.h"
#include "shard/replication/index_service.h"
#include "shard/replication/publisher.h"
#include "shard/replication/replica.h"
#include "shard/tenancy/register_shard.h"

namespace atoll::shard {
namespace {

namespace pb = ::atoll::admin::v1;
constexpr absl::Duration kRetry = absl::Milliseconds(100);

}  // namespace

struct Fleet::Impl {
  explicit Impl(Parts p) : parts(p) {}

  Parts parts;
  rpc::ChannelOptions channel;
  std::unique_ptr<replication::AdminService> admin;
  std::unique_ptr<replication::IndexService> index;
  std::unique_ptr<rpc::Server> server;
  // These belong to the loop.
  std::unique_ptr<replication::Replica> replica;
  std::unique_ptr<replication::Publisher> publisher;
  WakeUp applied;
  bool stopping = false;

  bool is_root() const { return parts.options->shard_name == "root"; }
  std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) const {
    rpc::ChannelOptions o = channel;
    o.target = address;
    return rpc::NewChannel(o);
  }

  Task<absl::Status> Register(json::Value shard_object) {
    auto to_root = ChannelTo(parts.options->root_shard_rpc_address);
    auto stub = std::shared_ptr<pb::ShardAdmin::Stub>(pb::ShardAdmin::NewStub(to_root));
    const std::string text = json::Write(shard_object);
    for (bool told = false; !stopping;) {
      pb::RegisterShardRequest request;
      request.set_shard_json(text);
      auto reply = co_await rpc::Call<pb::RegisterShardResponse>(
          std::move(request), absl::Seconds(5), [stub](auto* context, auto* r, auto* out, auto done) {
            stub->async()->RegisterShard(context, r, out, std::move(done));
          });
      if (reply.ok()) co_return absl::OkStatus();
      if (absl::IsInvalidArgument(reply.status()) || absl::IsFailedPrecondition(reply.status()))
        co_return reply.status();
      if (!std::exchange(told, true))
        LOG_WARNING("fleet", "cannot register with the root shard yet", {{"error", reply.status().ToString()}});
      co_await atoll::SleepFor(kRetry);
    }
    co_return absl::CancelledError("the shard is stopping");
  }
};

absl::StatusOr<std::unique_ptr<Fleet>> Fleet::Create(Parts parts) {
  auto impl = std::make_unique<Impl>(parts);
  const Options& o = *parts.options;
  if (!o.rpc_cert_file.empty()) {
    impl->channel.files =
        rpc::CertificateFiles{.certificate = o.rpc_cert_file, .key = o.rpc_key_file, .ca = o.rpc_ca_file};
    RETURN_IF_ERROR(rpc::Check(*impl->channel.files));
  }
  if (!o.cache_address.empty()) {
    replication::Replica::Options replica;
    replica.shard = o.shard_name;
    replica.store = parts.store;
    replica.pool = parts.pool;
    replica.catalog = parts.catalog;
    replica.cache = impl->ChannelTo(o.cache_address);
    replica.on_applied = [i = impl.get()] { i->applied.Set(); };
    impl->replica = std::make_unique<replication::Replica>(*parts.loop, std::move(replica));
    replication::Publisher::Options publisher;
    publisher.shard = o.shard_name;
    publisher.store = parts.store;
    publisher.pool = parts.pool;
    publisher.cache = impl->ChannelTo(o.cache_address);
    impl->publisher = std::make_unique<replication::Publisher>(*parts.loop, std::move(publisher));
  }
  return std::unique_ptr<Fleet>(new Fleet(std::move(impl)));
}

Fleet::Fleet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Fleet::~Fleet() = default;

const authorization::ReplicaSource* Fleet::replicas() const { return impl_->replica.get(); }

std::unique_ptr<tenancy::ClusterAdmins> Fleet::NewClusterAdmins(tenancy::ClusterAdmin* local) const {
  replication::FleetClusterAdmins::Options o;
  o.shard = impl_->parts.options->shard_name;
  o.local = local;
  o.catalog = impl_->parts.catalog;
  o.channel = impl_->channel;
  return std::make_unique<replication::FleetClusterAdmins>(std::move(o));
}

std::unique_ptr<auth::ServiceAccountLookup> Fleet::NewServiceAccounts(ServiceAccounts accounts) const {
  replication::FleetServiceAccounts::Options o;
  o.shard = impl_->parts.options->shard_name;
  o.local = accounts.local;
  o.is_local = std::move(accounts.is_local);
  o.catalog = impl_->parts.catalog;
  o.channel = impl_->channel;
  return std::make_unique<replication::FleetServiceAccounts>(std::move(o));
}

absl::Status Fleet::Listen(tenancy::ClusterAdmin* local, ServiceAccounts accounts) {
  const Options& o = *impl_->parts.options;
  if (!o.rpc_listen) return absl::OkStatus();
  replication::AdminService::RegisterShard register_shard;
  if (impl_->is_root())
    register_shard = [client = impl_->parts.client](json::Value shard) {
      return tenancy::RegisterShard(client, std::move(shard));
    };
  impl_->admin = std::make_unique<replication::AdminService>(
      *impl_->parts.loop, replication::AdminService::Options{.admin = local,
                                                             .register_shard = std::move(register_shard),
                                                             .service_accounts = accounts.local,
                                                             .is_local = std::move(accounts.is_local)});
  replication::IndexService::Options index;
  index.shard = o.shard_name;
  index.store = impl_->parts.store;
  index.pool = impl_->parts.pool;
  index.loop = impl_->parts.loop;
  impl_->index = std::make_unique<replication::IndexService>(std::move(index));
  rpc::ServerOptions server;
  server.host = o.bind_address;
  server.port = o.rpc_port;
  server.files = impl_->channel.files;
  auto started = rpc::Server::Start(server, {impl_->admin->service(), impl_->index->service()});
  if (absl::IsAlreadyExists(started.status())) {
    return absl::AlreadyExistsError(
        StrCat("port ", o.rpc_port, " on ", o.bind_address, " is in use; choose another with --rpc-port"));
  }
  ASSIGN_OR_RETURN(impl_->server, std::move(started));
  return absl::OkStatus();
}

Task<absl::Status> Fleet::Start(json::Value shard_object) {
  const Options& o = *impl_->parts.options;
  if (o.cache_address.empty()) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(co_await impl_->replica->Load());
  impl_->replica->Start();
  impl_->publisher->Start();
  if (impl_->is_root()) co_return absl::OkStatus();
  // Without root's types nothing can be created here; with a replica from an earlier life the cache-server may be away.
  for (bool told = false; impl_->parts.catalog->FindType(RootCluster().name(), "universal") == nullptr;) {
    if (!std::exchange(told, true))
      LOG_INFO("fleet", "waiting for what the root shard publishes", {{"cache", o.cache_address}});
    co_await impl_->applied.Wait();
  }
  CO_RETURN_IF_ERROR(co_await impl_->Register(std::move(shard_object)));
  co_return absl::OkStatus();
}

Task<void> Fleet::Stop() {
  impl_->stopping = true;
  if (impl_->publisher != nullptr) co_await impl_->publisher->Stop();
  if (impl_->replica != nullptr) co_await impl_->replica->Stop();
}

void Fleet::StopServing() {
  if (impl_->server != nullptr) impl_->server->Stop(absl::Seconds(1));
}

int Fleet::rpc_port() const { return impl_->server == nullptr ? 0 : impl_->server->port(); }

std::string Fleet::rpc_address() const {
  const int port = rpc_port();
  return port == 0 ? "" : StrCat(impl_->parts.options->bind_address, ":", port);
}

}  // namespace atoll::shard
