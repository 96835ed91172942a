#include "front-proxy/server/server.h"

#include <signal.h>

#include <utility>
#include <vector>

#include "common/auth/authn/x509/x509.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/config/file_follower.h"
#include "common/http/server.h"
#include "common/log/log.h"
#include "common/loop/asio_loop.h"
#include "common/metrics/metrics.h"
#include "front-proxy/index/follower.h"
#include "front-proxy/server/handler.h"

namespace atoll::front_proxy {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(3);

// One thread: its loop, its listener, its connections to the shards. All but the loop lives and dies on the loop.
struct Worker {
  explicit Worker(std::string name) : loop(std::move(name)) {}
  AsioLoop loop;
  std::unique_ptr<http::Client> client;
  std::unique_ptr<http::Server> server;
};

Task<void> StartWorker(Worker* worker, std::shared_ptr<tls::ServerContext> tls, http::ServerOptions options,
                       ProxyHandler* handler, absl::Status* status) {
  worker->client = http::NewClient(worker->loop);
  worker->server = http::NewServer(worker->loop, std::move(tls), std::move(options),
                                   [worker, handler](http::Request request, http::ResponseWriter& out) {
                                     return handler->Handle(*worker->client, std::move(request), out);
                                   });
  *status = worker->server->Start();
  co_return;
}

Task<void> StopWorker(Worker* worker) {
  if (worker->server != nullptr) co_await worker->server->Drain(kGrace);
  worker->server.reset();
  if (worker->client != nullptr) worker->client->Close();
  worker->client.reset();
}

Task<void> StartIndex(FleetIndex* index, absl::Status* status) {
  *status = index->Start();
  co_return;
}

Task<void> StartFollowing(config::FileFollower* follower) {
  follower->Start();
  co_return;
}

}  // namespace

absl::Status Options::Validate() const {
  auto pair = [](const tls::KeyPair& pair, const char* flags) {
    return pair.certificate_pem.empty() || pair.key_pem.empty()
               ? absl::InvalidArgumentError(StrCat(flags, " are required"))
               : absl::OkStatus();
  };
  RETURN_IF_ERROR(pair(serving, "--tls-cert-file and --tls-private-key-file"));
  RETURN_IF_ERROR(pair(proxy_client, "--proxy-client-cert-file and --proxy-client-key-file"));
  if (!rpc_files) RETURN_IF_ERROR(pair(rpc, "--rpc-cert-file and --rpc-key-file"));
  if (client_ca_pem.empty()) return absl::InvalidArgumentError("--client-ca-file is required");
  if (shard_ca_pem.empty()) return absl::InvalidArgumentError("--shard-ca-file is required");
  if (rpc_ca_pem.empty() && !rpc_files) return absl::InvalidArgumentError("--rpc-ca-file is required");
  if (shards.empty() && cache_address.empty())
    return absl::InvalidArgumentError("--shard or --cache-address is required");
  if (loops < 1 || loops > 256) return absl::InvalidArgumentError("--loops must be between 1 and 256");
  return absl::OkStatus();
}

// In the order of construction; Stop goes backwards.
struct FrontProxy::Impl {
  explicit Impl(Options options) : options(std::move(options)) {}
  const Options options;
  metrics::Registry registry;
  Metrics proxy_metrics{&registry};
  index::WorkspaceIndex index;
  std::unique_ptr<IndexStore> store;
  std::shared_ptr<tls::ClientContext> to_shards;
  std::unique_ptr<auth::X509Authenticator> authenticator;
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<FleetIndex> fleet;  // on the first worker's loop
  std::unique_ptr<ProxyHandler> handler;
  std::unique_ptr<BlockingPool> pool;                 // reads files
  std::unique_ptr<config::FileFollower> certificate;  // on the first worker's loop
  bool stopped = false;

  bool OriginOf(std::string_view shard, http::Origin* origin) const {
    auto address = fleet->AddressOf(shard);
    if (!address || !ParseShardUrl(address->base_url, origin)) return false;
    origin->tls = to_shards;
    return true;
  }

  void RegisterMetrics() {
    using Sample = metrics::Registry::Sample;
    registry.NewCallback("kcp_indexed_logicalclusters", "Logical clusters in the index, by shard.", "gauge", {"shard"},
                         [this] {
                           std::vector<Sample> out;
                           for (const auto& [shard, count] : index.CountByShard())
                             out.push_back({{shard}, static_cast<double>(count)});
                           return out;
                         });
    registry.NewCallback("kcp_indexed_workspaces", "Workspaces in the index.", "gauge", {},
                         [this] { return std::vector<Sample>{{{}, static_cast<double>(index.workspaces())}}; });
    registry.NewCallback("kcp_index_streams_connected", "Shards whose index stream stands.", "gauge", {},
                         [this] { return std::vector<Sample>{{{}, static_cast<double>(fleet->connected())}}; });
  }

  absl::Status Build() {
    const bool memory = options.root_directory.empty();
    ASSIGN_OR_RETURN(auto engine,
                     store::kv::OpenEngine(memory ? "memory" : "rocksdb",
                                           {.directory = memory ? "" : options.root_directory + "/index"}));
    store = std::make_unique<IndexStore>(std::move(engine));
    ASSIGN_OR_RETURN(to_shards, tls::ClientContext::Create(options.shard_ca_pem, &options.proxy_client));
    ASSIGN_OR_RETURN(auto trust, tls::TrustPool::FromPem(options.client_ca_pem));
    authenticator =
        std::make_unique<auth::X509Authenticator>(auth::X509Authenticator::Options{.trust = std::move(trust)});
    return absl::OkStatus();
  }

  absl::Status Start() {
    RETURN_IF_ERROR(options.Validate());
    RETURN_IF_ERROR(Build());
    ASSIGN_OR_RETURN(std::shared_ptr<tls::ServerContext> tls, tls::ServerContext::Create(options.serving));
    for (int i = 0; i < options.loops; ++i) {
      workers.push_back(std::make_unique<Worker>(StrCat("proxy-", i)));
      workers.back()->loop.Start();
    }
    AsioLoop& first = workers.front()->loop;
    fleet = std::make_unique<FleetIndex>(
        first,
        FleetIndex::Options{.shards = options.shards,
                            .cache_address = options.cache_address,
                            .channel = {.pair = options.rpc, .ca_pem = options.rpc_ca_pem, .files = options.rpc_files},
                            .store = store.get(),
                            .index = &index});
    absl::Status status;
    first.RunBlocking(StartIndex(fleet.get(), &status));
    RETURN_IF_ERROR(status);
    RegisterMetrics();
    if (!options.serving_cert_file.empty()) {
      pool = std::make_unique<BlockingPool>(BlockingPool::Options{.threads = 1, .name = "files"});
      certificate = std::make_unique<config::FileFollower>(
          first, *pool,
          config::FileFollower::Options{
              .what = "serving certificate",
              .files = {options.serving_cert_file, options.serving_key_file},
              .contents = {options.serving.certificate_pem, options.serving.key_pem},
              .changed = [tls](const std::vector<std::string>& c) { return tls->Reload({c[0], c[1]}); }});
      first.RunBlocking(StartFollowing(certificate.get()));
    }
    handler = std::make_unique<ProxyHandler>(ProxyHandler::Options{
        .index = &index,
        .authenticator = authenticator.get(),
        .group_filter = options.group_filter,
        .origin_of = [this](std::string_view shard, http::Origin* origin) { return OriginOf(shard, origin); },
        .ready = [this] { return fleet->ready(); },
        .registry = &registry,
        .metrics = &proxy_metrics});
    http::ServerOptions server_options{
        .bind_address = options.bind_address, .port = options.secure_port, .share_port = options.loops > 1};
    for (auto& worker : workers) {
      worker->loop.RunBlocking(StartWorker(worker.get(), tls, server_options, handler.get(), &status));
      RETURN_IF_ERROR(status);
      server_options.port = worker->server->port();
    }
    return absl::OkStatus();
  }

  void Stop() {
    if (std::exchange(stopped, true)) return;
    if (certificate != nullptr) workers.front()->loop.RunBlocking(certificate->Stop());
    for (auto& worker : workers) worker->loop.RunBlocking(StopWorker(worker.get()));
    if (fleet != nullptr) workers.front()->loop.RunBlocking(fleet->Stop());
    for (auto& worker : workers) worker->loop.Stop();
  }
};

FrontProxy::FrontProxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FrontProxy::~FrontProxy() { Stop(); }

absl::StatusOr<std::unique_ptr<FrontProxy>> FrontProxy::Start(Options options) {
  auto proxy = std::unique_ptr<FrontProxy>(new FrontProxy(std::make_unique<Impl>(std::move(options))));
  RETURN_IF_ERROR(proxy->impl_->Start());
  return proxy;
}

void FrontProxy::Stop() { impl_->Stop(); }
int FrontProxy::port() const { return impl_->workers.front()->server->port(); }

int RunFrontProxy(Options options) {
  // Blocked before any thread starts, so that none of them takes the signal.
  sigset_t stop, before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, &before);
  auto proxy = FrontProxy::Start(std::move(options));
  if (!proxy.ok()) {
    LOG_ERROR("front-proxy", "cannot start", {{"error", ToStd(proxy.status().message())}});
  } else {
    LOG_INFO("front-proxy", "serving", {{"port", (*proxy)->port()}});
    int which = 0;
    sigwait(&stop, &which);
    LOG_INFO("front-proxy", "stopping");
    (*proxy)->Stop();
  }
  log::Flush();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return proxy.ok() ? 0 : 1;
}

}  // namespace atoll::front_proxy
