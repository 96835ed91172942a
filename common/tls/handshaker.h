// Makes the OpenSSL object of one connection from its context. The only one who sees inside the contexts.
#pragma once

#include <string>

#include "common/tls/context.h"
#include "common/tls/handles.h"

namespace atoll::tls {

class Handshaker {
 public:
  static SslPtr NewServer(ServerContext& context);
  // Null when `server_name` is empty or cannot be a name.
  static SslPtr NewClient(ClientContext& context, const std::string& server_name);
};

}  // namespace atoll::tls
