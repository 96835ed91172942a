#include "common/rpc/server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

#include <mutex>
#include <utility>

#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/rpc/callback_threads.h"
#include "common/rpc/status.h"
#include "common/tls/certificates.h"

namespace atoll::rpc {

namespace {

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Credentials(const ServerOptions& options) {
  constexpr auto kMutual = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  if (options.files) {
    RETURN_IF_ERROR(Check(*options.files));
    grpc::experimental::TlsServerCredentialsOptions tls_options(Follow(*options.files));
    tls_options.watch_root_certs();
    tls_options.watch_identity_key_cert_pairs();
    tls_options.set_cert_request_type(kMutual);
    return grpc::experimental::TlsServerCredentials(tls_options);
  }
  // gRPC only logs what is wrong with certificates; ask here for an error that says it.
  if (auto pool = tls::TrustPool::FromPem(options.client_ca_pem); !pool.ok()) return pool.status();
  if (auto context = tls::ServerContext::Create(options.pair); !context.ok()) return context.status();
  grpc::SslServerCredentialsOptions tls_options(kMutual);
  tls_options.pem_root_certs = options.client_ca_pem;
  tls_options.pem_key_cert_pairs.push_back({options.pair.key_pem, options.pair.certificate_pem});
  return grpc::SslServerCredentials(tls_options);
}

}  // namespace

struct Server::Impl {
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::once_flag stopped;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(absl::ZeroDuration()); }
int Server::port() const { return impl_->port; }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services) {
  ASSIGN_OR_RETURN(auto credentials, Credentials(options));
  KeepCallbackThreads();
  auto impl = std::make_unique<Impl>();
  grpc::ServerBuilder builder;
  std::string host = options.host.find(':') != std::string::npos ? StrCat("[", options.host, "]") : options.host;
  std::string address = StrCat(host, ":", options.port);
  builder.AddListeningPort(address, std::move(credentials), &impl->port);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(kHeaderBytesMax));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // two servers on one port are a mistake
  // Callers ping idle connections (channel.cc), so that a silent break is noticed.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  for (grpc::Service* service : services) builder.RegisterService(service);
  impl->server = builder.BuildAndStart();
  if (!impl->server || impl->port == 0) {
    return absl::AlreadyExistsError(
        StrCat("cannot listen on ", address, ": the port is in use or the address is not ours"));
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::Stop(absl::Duration grace) {
  std::call_once(impl_->stopped, [&] {
    impl_->server->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
    impl_->server->Wait();
  });
}

std::string PeerCommonName(const grpc::ServerContextBase& context) {
  auto auth = context.auth_context();
  if (!auth || !auth->IsPeerAuthenticated()) return {};
  auto names = auth->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME);
  return names.empty() ? std::string() : std::string(names.front().data(), names.front().size());
}

}  // namespace atoll::rpc
