// BodyPipe: an incoming body between a connection, which pushes bytes, and the Body its reader holds. Either end may go
// first. Loop-owned. Bound: the connection's; it pushes no more than the windows it opened.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/http/message.h"
#include "common/loop/sync.h"

namespace atoll::http {

class BodyPipe {
 public:
  // The connection's side of the stream; told what the reader does, until Detach().
  class Owner {
   public:
    virtual void OnBodyWanted() = 0;  // a reader waits and there is nothing
    virtual void OnBodyTaken(size_t bytes) = 0;
    virtual void OnBodyDropped() = 0;  // nobody will read the rest

   protected:
    ~Owner() = default;
  };

  explicit BodyPipe(Owner* owner) : owner_(owner) {}

  void Push(std::string_view bytes);
  void End();
  // What was not read is lost; the reader gets `error`. Does nothing after End().
  void Fail(absl::Status error);
  // The connection or the stream is gone; the reader may still take what has arrived.
  void Detach() { owner_ = nullptr; }

  size_t buffered() const { return bytes_.size(); }
  bool ended() const { return ended_; }
  bool dropped() const { return dropped_; }

  // The reader's side, once.
  static std::unique_ptr<Body> NewReader(std::shared_ptr<BodyPipe> pipe);

 private:
  class Reader;
  // By value: the reader may go while a coroutine that waited here has yet to resume.
  static Task<absl::StatusOr<std::string>> Pull(std::shared_ptr<BodyPipe> pipe);
  void Drop();

  Owner* owner_;
  std::string bytes_;
  bool ended_ = false;
  bool dropped_ = false;
  absl::Status error_;
  WakeUp wake_;
};

// A body without bytes.
std::unique_ptr<Body> NewEmptyBody();

}  // namespace atoll::http
