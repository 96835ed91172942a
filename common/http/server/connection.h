// A server's connection: what the accept loop and Drain know of one, for either protocol. Lives on the server's loop,
// held by the coroutine that runs it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "common/http/server.h"
#include "common/http/transfer/channel.h"

namespace atoll::http {

class ServerConnection;

// What a server's connections share; outlives the Server object while connections end.
struct ServerShared final : Channel::Shared {
  ServerShared(Loop& loop, absl::Duration tick, ServerOptions o, Handler h)
      : Shared(loop, tick), options(std::move(o)), handler(std::move(h)) {}

  const ServerOptions options;
  const Handler handler;
  ServerStats stats;
  absl::flat_hash_set<ServerConnection*> connections;
  bool draining = false;
  WakeUp changed;      // a connection ended
  WakeUp accept_room;  // the same, for the accept loop
};

class ServerConnection : public Channel {
 public:
  // Refuses what is new, answers what is under way, then closes.
  virtual void BeginDrain() = 0;

 protected:
  ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<Stream> stream,
                   std::shared_ptr<const PeerCertificates> certificates, std::string first_bytes);

  // How often deadlines are looked at, a fraction of the shortest.
  DeadlineWheel::Ticks CheckEvery() const { return check_every_; }
  // The peer has not taken our bytes for the idle time-out.
  bool WriteStalled();
  bool Passed(DeadlineWheel::Ticks since, absl::Duration limit) {
    return wheel().now() - since >= wheel().FromDuration(limit);
  }
  void FillPeer(Request* request) const;

  const std::shared_ptr<ServerShared> server_;

 private:
  const std::string peer_address_;
  const std::shared_ptr<const PeerCertificates> certificates_;
  DeadlineWheel::Ticks check_every_;
};

std::shared_ptr<ServerConnection> NewH1Connection(std::shared_ptr<ServerShared> shared, std::unique_ptr<Stream> stream,
                                                  std::shared_ptr<const PeerCertificates> certificates,
                                                  std::string first_bytes);
std::shared_ptr<ServerConnection> NewH2Connection(std::shared_ptr<ServerShared> shared, std::unique_ptr<Stream> stream,
                                                  std::shared_ptr<const PeerCertificates> certificates,
                                                  std::string first_bytes);

}  // namespace atoll::http
