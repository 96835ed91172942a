// The network of a SimLoop: listeners by port, streams as pairs of bounded buffers. Faults are switched on from
// outside.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/loop/net.h"

namespace atoll {

class Loop;

namespace internal {
struct SimConnection;
struct SimListenerState;
}  // namespace internal

class SimNet final : public Net {
 public:
  explicit SimNet(Loop& loop) : loop_(loop) {}
  ~SimNet() override;

  // Hosts are not told apart: a port is one listener's, or several ones' that share it, taking turns.
  absl::StatusOr<std::unique_ptr<Listener>> Listen(const std::string& host, int port, bool share_port) override;
  Task<absl::StatusOr<std::unique_ptr<Stream>>> Connect(std::string host, int port, absl::Duration timeout) override;

  // Faults. `port` is the listener's.
  // New connections are not answered (they run into their time-out) and existing ones carry nothing, until healed.
  void Partition(int port);
  void Heal(int port);
  // Existing connections break: both ends get Unavailable, what was under way is lost.
  void BreakConnections(int port);

  // Bytes that a direction of a connection holds; a writer waits beyond it.
  static constexpr size_t kBufferBytesMax = 64 * 1024;
  static constexpr size_t kBacklogMax = 128;

 private:
  Loop& loop_;
  int next_port_ = 20000;
  int next_client_port_ = 40000;
  std::map<int, std::vector<std::shared_ptr<internal::SimListenerState>>> listeners_;
  std::set<int> partitioned_;
  std::vector<std::weak_ptr<internal::SimConnection>> connections_;
};

}  // namespace atoll
