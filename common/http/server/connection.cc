#include "common/http/server/connection.h"

#include <algorithm>
#include <utility>

namespace atoll::http {

ServerConnection::ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<Stream> stream,
                                   std::shared_ptr<const PeerCertificates> certificates, std::string first_bytes)
    : Channel(shared, std::move(stream), std::move(first_bytes)),
      server_(std::move(shared)),
      peer_address_(this->stream().peer_address()),
      certificates_(std::move(certificates)) {
  const ServerOptions& o = server_->options;
  check_every_ =
      std::max<DeadlineWheel::Ticks>(1, wheel().FromDuration(std::min(o.header_timeout, o.idle_timeout)) / 4);
}

bool ServerConnection::WriteStalled() {
  return writing_since() != 0 && Passed(writing_since(), server_->options.idle_timeout);
}

void ServerConnection::FillPeer(Request* request) const {
  request->peer_address = peer_address_;
  request->peer_certificates = certificates_;
}

}  // namespace atoll::http
