#include "common/rpc/channel.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "common/rpc/callback_threads.h"
#include "common/rpc/status.h"

namespace atoll::rpc {

namespace {

std::shared_ptr<grpc::ChannelCredentials> Credentials(const ChannelOptions& options) {
  if (options.files) {
    grpc::experimental::TlsChannelCredentialsOptions tls_options;
    tls_options.set_certificate_provider(Follow(*options.files));
    tls_options.watch_root_certs();
    tls_options.watch_identity_key_cert_pairs();
    return grpc::experimental::TlsCredentials(tls_options);
  }
  grpc::SslCredentialsOptions tls_options;
  tls_options.pem_root_certs = options.ca_pem;
  tls_options.pem_cert_chain = options.pair.certificate_pem;
  tls_options.pem_private_key = options.pair.key_pem;
  return grpc::SslCredentials(tls_options);
}

}  // namespace

std::shared_ptr<grpc::Channel> NewChannel(const ChannelOptions& options) {
  KeepCallbackThreads();
  grpc::ChannelArguments arguments;
  if (!options.server_name_override.empty()) arguments.SetSslTargetNameOverride(options.server_name_override);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.message_bytes_max));
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(kHeaderBytesMax));
  // Pings find out about a peer that vanished without a word.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // StreamFollower and callers have their own back-off; gRPC's must not add minutes to it.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  // Members of a fleet are reached directly, each over a connection of this channel alone.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(options.target, Credentials(options), arguments);
}

}  // namespace atoll::rpc
