#include "shard/server/fleet.h"

#include <utility>
#include <vector>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"
#include "common/rpc/server.h"
#include "shard/replication/admin_service.h"
#include "shard/replication/index_service.h"

namespace atoll::shard {

struct Fleet::Impl {
  explicit Impl(Parts p) : parts(p) {}

  Parts parts;
  tls::KeyPair pair;
  std::string ca_pem;
  std::unique_ptr<replication::AdminService> admin;
  std::unique_ptr<replication::IndexService> index;
  std::unique_ptr<rpc::Server> server;
};

Fleet::Fleet(Parts parts) : impl_(std::make_unique<Impl>(parts)) {}
Fleet::~Fleet() = default;

const authorization::ReplicaSource* Fleet::replicas() const { return nullptr; }

std::unique_ptr<tenancy::ClusterAdmins> Fleet::NewClusterAdmins(tenancy::ClusterAdmin* local) const {
  replication::FleetClusterAdmins::Options o;
  o.shard = impl_->parts.options->shard_name;
  o.local = local;
  o.catalog = impl_->parts.catalog;
  o.channel.pair = impl_->pair;
  o.channel.ca_pem = impl_->ca_pem;
  return std::make_unique<replication::FleetClusterAdmins>(std::move(o));
}

absl::Status Fleet::Listen(tenancy::ClusterAdmin* local) {
  const Options& o = *impl_->parts.options;
  if (!o.rpc_listen) return absl::OkStatus();
  impl_->admin = std::make_unique<replication::AdminService>(*impl_->parts.loop, local);
  replication::IndexService::Options index;
  index.shard = o.shard_name;
  index.store = impl_->parts.store;
  index.pool = impl_->parts.pool;
  index.loop = impl_->parts.loop;
  impl_->index = std::make_unique<replication::IndexService>(std::move(index));
  rpc::ServerOptions server;
  server.host = o.bind_address;
  server.port = o.rpc_port;
  server.pair = impl_->pair;
  server.client_ca_pem = impl_->ca_pem;
  auto started = rpc::Server::Start(server, {impl_->admin->service(), impl_->index->service()});
  if (absl::IsAlreadyExists(started.status())) {
    return absl::AlreadyExistsError(StrCat("port ", o.rpc_port, " on ", o.bind_address, " is in use; choose another with --rpc-port"));
  }
  ASSIGN_OR_RETURN(impl_->server, std::move(started));
  return absl::OkStatus();
}

absl::Status Fleet::ReadCertificates() {
  const Options& o = *impl_->parts.options;
  if (o.rpc_cert_file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(impl_->pair.certificate_pem, ReadFile(o.rpc_cert_file));
  ASSIGN_OR_RETURN(impl_->pair.key_pem, ReadFile(o.rpc_key_file));
  ASSIGN_OR_RETURN(impl_->ca_pem, ReadFile(o.rpc_ca_file));
  return absl::OkStatus();
}

Task<absl::Status> Fleet::Start() { co_return absl::OkStatus(); }

Task<void> Fleet::Stop() { co_return; }

void Fleet::StopServing() {
  if (impl_->server != nullptr) impl_->server->Stop(absl::Seconds(1));
}

int Fleet::rpc_port() const { return impl_->server == nullptr ? 0 : impl_->server->port(); }

std::string Fleet::rpc_address() const {
  const int port = rpc_port();
  return port == 0 ? "" : StrCat(impl_->parts.options->bind_address, ":", port);
}

}  // namespace atoll::shard
