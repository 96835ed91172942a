#include "cache-server/server/server.h"

#include <signal.h>

#include <utility>

#include "cache-server/objects/partitions.h"
#include "cache-server/service/replication_service.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/http/server.h"
#include "common/log/log.h"
#include "common/loop/asio_loop.h"
#include "common/metrics/metrics.h"
#include "common/rpc/server.h"
#include "common/store/kv/engine.h"
#include "common/store/store.h"

namespace atoll::cache_server {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(2);

// Blocks SIGINT and SIGTERM for this thread and those it starts, and waits for one of them.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~StopSignal() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  void Wait() {
    int which = 0;
    sigwait(&set_, &which);
  }

 private:
  sigset_t set_, before_;
};

}  // namespace

absl::Status Options::Validate() const {
  if (serving.certificate_pem.empty() || serving.key_pem.empty())
    return absl::InvalidArgumentError("--tls-cert-file and --tls-private-key-file are required");
  if (!rpc_files && (rpc.certificate_pem.empty() || rpc.key_pem.empty()))
    return absl::InvalidArgumentError("--rpc-cert-file and --rpc-key-file are required");
  if (rpc_ca_pem.empty() && !rpc_files) return absl::InvalidArgumentError("--rpc-ca-file is required");
  return absl::OkStatus();
}

// In the order of construction; Stop goes backwards.
struct CacheServer::Impl {
  explicit Impl(Options options) : options(std::move(options)) {}
  const Options options;
  BlockingPool pool{{.threads = 2, .name = "cache-disk"}};
  std::unique_ptr<store::Store> store;
  AsioLoop loop{"cache"};
  metrics::Registry metrics;
  std::unique_ptr<ReplicationService> service;
  std::unique_ptr<rpc::Server> rpc_server;
  std::unique_ptr<http::Server> http_server;
  bool stopped = false;

  absl::Status OpenStore() {
    const bool memory = options.root_directory.empty();
    ASSIGN_OR_RETURN(auto engine,
                     store::kv::OpenEngine(memory ? "memory" : "rocksdb",
                                           {.directory = memory ? "" : options.root_directory + "/cache"}));
    ASSIGN_OR_RETURN(store, store::Store::Open(std::move(engine), {}, &pool));
    return absl::OkStatus();
  }

  void RegisterMetrics() {
    using Sample = metrics::Registry::Sample;
    metrics.NewCallback("kcp_cache_objects", "Objects held, by the shard that published them.", "gauge", {"shard"},
                        [this] {
                          std::vector<Sample> out;
                          for (const auto& [shard, count] : CountObjects(*store))
                            out.push_back({{shard}, static_cast<double>(count)});
                          return out;
                        });
    auto gauge = [this](const char* name, const char* help, std::function<double()> value) {
      metrics.NewCallback(name, help, "gauge", {},
                          [value = std::move(value)] { return std::vector<Sample>{{{}, value()}}; });
    };
    gauge("kcp_cache_publishers", "Shards that are connected to publish.", [this] { return service->publishers(); });
    gauge("kcp_cache_watchers", "Shards and front-proxies that follow.", [this] { return service->watchers(); });
    gauge("kcp_cache_revision", "The newest revision of the cache's store.",
          [this] { return static_cast<double>(store->current().value); });
  }

  Task<void> Answer(http::Request request, http::ResponseWriter& out) {
    const std::string path(request.path());
    int status = 200;
    std::string body = "ok", type = "text/plain; charset=utf-8";
    if (path == "/readyz" || path == "/healthz") {
      if (store->failed()) {
        status = 500;
        body = "[-]store failed: reason withheld\nreadyz check failed\n";
      } else if (store->full()) {
        status = 500;
        body = "[-]store-space failed: reason withheld\nreadyz check failed\n";
      }
    } else if (path == "/metrics") {
      // The text counts all objects, which reads them.
      auto text = co_await pool.Run([this] { return metrics.Text(); });
      if (!text.ok()) status = 503;
      body = text.ok() ? *std::move(text) : "busy\n";
      type = "text/plain; version=0.0.4; charset=utf-8";
    } else if (path != "/livez") {
      status = 404;
      body = "404 page not found\n";
    }
    http::Headers headers;
    headers.Add("content-type", type);
    (void)co_await out.Send(status, std::move(headers), std::move(body));
  }

  Task<void> StartHttp(std::shared_ptr<tls::ServerContext> tls, absl::Status* status) {
    http::ServerOptions server_options{
        .bind_address = options.bind_address, .port = options.secure_port, .connections_max = 1000};
    http_server = http::NewServer(
        loop, std::move(tls), std::move(server_options),
        [this](http::Request request, http::ResponseWriter& out) { return Answer(std::move(request), out); });
    *status = http_server->Start();
    co_return;
  }

  Task<void> StopHttp() {
    co_await http_server->Drain(kGrace);
    http_server.reset();
  }

  absl::Status Start() {
    RETURN_IF_ERROR(options.Validate());
    RETURN_IF_ERROR(OpenStore());
    loop.Start();
    service = std::make_unique<ReplicationService>(
        ReplicationService::Options{.store = store.get(), .pool = &pool, .loop = &loop});
    RegisterMetrics();
    ASSIGN_OR_RETURN(rpc_server, rpc::Server::Start({.host = options.bind_address,
                                                     .port = options.rpc_port,
                                                     .pair = options.rpc,
                                                     .client_ca_pem = options.rpc_ca_pem,
                                                     .files = options.rpc_files},
                                                    {service->service()}));
    ASSIGN_OR_RETURN(auto tls, tls::ServerContext::Create(options.serving));
    absl::Status listening;
    loop.RunBlocking(StartHttp(std::move(tls), &listening));
    return listening;
  }

  void Stop() {
    if (std::exchange(stopped, true)) return;
    if (http_server != nullptr) loop.RunBlocking(StopHttp());
    if (rpc_server != nullptr) rpc_server->Stop(absl::ZeroDuration());
    loop.Stop();
    if (store != nullptr) store->Stop();
  }
};

CacheServer::CacheServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CacheServer::~CacheServer() { Stop(); }

absl::StatusOr<std::unique_ptr<CacheServer>> CacheServer::Start(Options options) {
  auto server = std::unique_ptr<CacheServer>(new CacheServer(std::make_unique<Impl>(std::move(options))));
  RETURN_IF_ERROR(server->impl_->Start());
  return server;
}

void CacheServer::Stop() { impl_->Stop(); }
int CacheServer::secure_port() const { return impl_->http_server->port(); }
int CacheServer::rpc_port() const { return impl_->rpc_server->port(); }

int RunCacheServer(Options options) {
  StopSignal stop;
  auto server = CacheServer::Start(std::move(options));
  if (!server.ok()) {
    LOG_ERROR("cache-server", "cannot start", {{"error", ToStd(server.status().message())}});
    log::Flush();
    return 1;
  }
  LOG_INFO("cache-server", "serving", {{"port", (*server)->secure_port()}, {"rpc-port", (*server)->rpc_port()}});
  stop.Wait();
  LOG_INFO("cache-server", "stopping");
  (*server)->Stop();
  log::Flush();
  return 0;
}

}  // namespace atoll::cache_server
