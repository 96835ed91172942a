// The client's end of a gRPC connection with mutual TLS. gRPC connects and reconnects by itself.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/rpc/certificate_files.h"
#include "common/tls/context.h"

namespace grpc {
class Channel;
}

namespace atoll::rpc {

struct ChannelOptions {
  std::string target;                     // host:port
  tls::KeyPair pair;                      // the client certificate
  std::string ca_pem;                     // of the server
  std::optional<CertificateFiles> files;  // in place of the two above, and followed
  std::string server_name_override;       // what the server's certificate must name, when it is not the target's host
  size_t message_bytes_max = 16 << 20;
};

// Never fails: what is wrong shows in the first call's status.
std::shared_ptr<grpc::Channel> NewChannel(const ChannelOptions& options);

}  // namespace atoll::rpc
