// Channel: one connection's byte traffic. A reading coroutine hands bytes to the protocol, a writing one asks it for
// what to send and puts many small frames into one write. HTTP/1.1 and HTTP/2, server and client derive from it. Owned
// by a shared_ptr that Run()'s caller holds; lives on one loop.
//
// Memory: an idle channel holds a read buffer of kReadBytesIdle and no write buffer.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/http/transfer/deadline_wheel.h"
#include "common/loop/loop.h"
#include "common/loop/net.h"
#include "common/loop/sync.h"

namespace atoll::http {

// Write buffers that are not in use, shared by a loop's channels. Keeps at most kKeptMax.
class BufferPool {
 public:
  std::string Take();
  void Give(std::string buffer);

 private:
  static constexpr size_t kKeptMax = 8;
  std::vector<std::string> kept_;
};

class Channel : public DeadlineWheel::Member {
 public:
  // What all channels of a server or a client have in common.
  struct Shared {
    Shared(Loop& l, absl::Duration tick) : loop(l), wheel(l, tick) {}
    virtual ~Shared() = default;
    Loop& loop;
    DeadlineWheel wheel;
    BufferPool buffers;
  };

  // Until the connection is over and every task of it has ended. Call once.
  Task<void> Run();
  // Ends the connection now. Idempotent; the first reason stays.
  void Abort(absl::Status why);
  bool over() const { return over_; }

 protected:
  // `first_bytes` have been read from the stream already.
  Channel(std::shared_ptr<Shared> shared, std::unique_ptr<Stream> stream, std::string first_bytes);
  ~Channel() override;

  // Bytes from the peer.
  virtual void OnBytes(std::string_view bytes) = 0;
  // The peer will send nothing more; the connection ends after this.
  virtual void OnInputEnd() {}
  // False pauses reading until WakeReader(): back-pressure.
  virtual bool WantsInput() const { return true; }
  // Appends what is to be sent, about `bytes_max`; nothing when there is nothing.
  virtual void Fill(std::string* out, size_t bytes_max) = 0;
  // All has been said: the connection ends once what Fill() gave is written.
  virtual bool Finished() const = 0;
  // The connection is over: tell everyone who waits. The channel stays until tasks() are done.
  virtual void OnOver(const absl::Status& why) = 0;

  void WakeWriter() { writer_wake_.Set(); }
  void WakeReader() { reader_wake_.Set(); }

  Loop& loop() { return shared_->loop; }
  DeadlineWheel& wheel() { return shared_->wheel; }
  TaskGroup& tasks() { return tasks_; }
  Stream& stream() { return *stream_; }
  DeadlineWheel::Ticks last_input() const { return last_input_; }
  // Since when the write that is under way waits for the peer; 0 when none is.
  DeadlineWheel::Ticks writing_since() const { return writing_since_; }

 private:
  static constexpr size_t kReadBytesIdle = 2 * 1024;
  static constexpr size_t kReadBytesMax = 32 * 1024;
  static constexpr size_t kWriteBytes = 64 * 1024;

  Task<void> ReadLoop();
  Task<void> WriteLoop();

  const std::shared_ptr<Shared> shared_;
  std::unique_ptr<Stream> stream_;
  std::string first_bytes_;
  TaskGroup tasks_;
  WakeUp reader_wake_, writer_wake_;
  DeadlineWheel::Ticks last_input_ = 0, writing_since_ = 0;
  bool over_ = false;
  absl::Status why_;
};

}  // namespace atoll::http
