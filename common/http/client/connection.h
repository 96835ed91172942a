// A client's connection, of either protocol, as the pool knows it. Lives on the client's loop, held by the coroutine
// that runs it and by the pool.
#pragma once

#include <memory>
#include <string>

#include "common/http/client/call.h"
#include "common/http/transfer/channel.h"

namespace atoll::http {

struct ClientShared final : Channel::Shared {
  ClientShared(Loop& loop, absl::Duration tick, ClientOptions o) : Shared(loop, tick), options(o) {}
  const ClientOptions options;
};

class ClientConnection : public Channel {
 public:
  // Calls that may be started now; 0 for ever once the connection takes no more.
  virtual size_t room() const = 0;
  virtual bool usable() const = 0;
  // Sends the call's request. REQUIRES: room() > 0. An error ends in call->Fail.
  virtual void Start(std::shared_ptr<Call> call) = 0;
  // The call's request queue has bytes, or ended.
  virtual void Resume(Call& call) = 0;
  // Nobody wants the call any more.
  virtual void Cancel(Call& call) = 0;
  virtual void BodyTaken(Call& call, size_t bytes) = 0;

  // Told whenever room() may have grown, or the connection ended.
  std::function<void()> on_room;

 protected:
  ClientConnection(std::shared_ptr<ClientShared> shared, std::unique_ptr<Stream> stream)
      : Channel(shared, std::move(stream), {}), client_(std::move(shared)) {}
  bool Passed(DeadlineWheel::Ticks since, absl::Duration limit) {
    return wheel().now() - since >= wheel().FromDuration(limit);
  }
  void TellRoom() {
    if (on_room) on_room();
  }
  // Copies the call's body_stream into its queue, then ends it.
  static Task<void> CopyBody(std::shared_ptr<Call> call, std::unique_ptr<Body> body);
  // Prepares the request's body: into the queue at once, or by CopyBody. False when there is none.
  bool BeginBody(std::shared_ptr<Call> call);
  // The error of a call whose connection was lost.
  static absl::Status LostError(const Call& call, const absl::Status& why);
  DeadlineWheel::Ticks CheckEvery();

  const std::shared_ptr<ClientShared> client_;
};

std::shared_ptr<ClientConnection> NewH1ClientConnection(std::shared_ptr<ClientShared> shared,
                                                        std::unique_ptr<Stream> stream);
std::shared_ptr<ClientConnection> NewH2ClientConnection(std::shared_ptr<ClientShared> shared,
                                                        std::unique_ptr<Stream> stream);

}  // namespace atoll::http
