// One suite, both loops: what holds on the real loop holds in the simulation.
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/loop/asio_loop.h"
#include "common/loop/net.h"
#include "common/loop/sim/sim_loop.h"
#include "common/loop/sync.h"

namespace atoll {
namespace {

using Body = Task<void> (*)();

// Runs `body` on each kind of loop.
void OnBothLoops(Body body) {
  SECTION("asio") {
    AsioLoop loop("test");
    loop.Start();
    loop.RunBlocking(body());
  }
  SECTION("sim") {
    SimLoop loop;
    loop.RunBlocking(body());
  }
}

// Polls by yielding: the loop goes on meanwhile, and no time is assumed.
Task<void> Until(const bool& flag) {
  while (!flag) co_await Yield();
}

Task<void> Append(std::vector<int>* out, int value) {
  out->push_back(value);
  co_return;
}

Task<void> PostOrder() {
  Loop& loop = *Loop::Current();
  std::vector<int> order;
  bool done = false;
  loop.Post([&] { order.push_back(1); });
  loop.Spawn(Append(&order, 2));
  loop.Post([&] {
    loop.Post([&] {
      order.push_back(4);
      done = true;
    });
    order.push_back(3);
  });
  co_await Until(done);
  CHECK(order == std::vector<int>{1, 2, 3, 4});
}
TEST_CASE("Post runs in order", "[loop]") { OnBothLoops(PostOrder); }

Task<void> Timers() {
  Loop& loop = *Loop::Current();
  std::vector<int> order;
  Loop::TimerId third = 0;
  loop.After(absl::Milliseconds(3), [&] { order.push_back(3); });
  loop.After(absl::Milliseconds(1), [&] {
    order.push_back(1);
    loop.Cancel(third);
    loop.Cancel(third);
  });
  third = loop.After(absl::Milliseconds(2), [&] { order.push_back(2); });
  Loop::TimerId own = 0;
  own = loop.After(absl::ZeroDuration(), [&] { loop.Cancel(own); });
  loop.After(absl::InfiniteDuration(), [&] { order.push_back(99); });
  absl::Duration start = loop.clock().Monotonic();
  co_await atoll::SleepFor(absl::Milliseconds(5));
  CHECK(loop.clock().Monotonic() - start >= absl::Milliseconds(5));
  CHECK(order == std::vector<int>{1, 3});
}
TEST_CASE("Timers run by deadline and cancel safely", "[loop]") { OnBothLoops(Timers); }

Task<void> Fail() {
  co_await Yield();
  throw std::runtime_error("expected by the test");
}
Task<void> Escape() {
  uint64_t before = Loop::EscapedExceptions();
  Loop::Current()->Spawn(Fail());
  while (Loop::EscapedExceptions() == before) co_await Yield();
  Loop::Current()->Post([] { throw 1; });
  while (Loop::EscapedExceptions() == before + 1) co_await Yield();
}
TEST_CASE("Escaping exceptions are counted", "[loop]") { OnBothLoops(Escape); }

TEST_CASE("RunBlocking rethrows", "[loop]") {
  AsioLoop loop("test");
  loop.Start();
  CHECK_THROWS_AS(loop.RunBlocking(Fail()), std::runtime_error);
  SimLoop sim;
  CHECK_THROWS_AS(sim.RunBlocking(Fail()), std::runtime_error);
}

Task<void> WaitOn(WakeUp* wake, int* wakes) {
  co_await wake->Wait();
  ++*wakes;
}
Task<void> WakeUps() {
  WakeUp wake;
  int wakes = 0;
  wake.Set();
  wake.Set();
  co_await wake.Wait();  // remembered, once
  TaskGroup group(*Loop::Current());
  group.Spawn(WaitOn(&wake, &wakes));
  co_await Yield();
  wake.Set();
  wake.Set();
  CHECK(wakes == 0);  // never run from within Set
  co_await group.Join();
  CHECK(wakes == 1);
  group.Spawn(WaitOn(&wake, &wakes));
  co_await Yield();
  co_await Yield();
  CHECK(wakes == 1);  // both Sets were one
  wake.Set();
  co_await group.Join();
  CHECK(group.running() == 0);
}
TEST_CASE("WakeUp", "[loop]") { OnBothLoops(WakeUps); }

// Starts `task` up to its first suspension, for tests that destroy it there.
struct Started {
  struct promise_type {
    Started get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
Started Begin(Task<void> task) { co_await std::move(task); }

Task<void> WaitCompletion(Completion<int> c) { (void)co_await c.Wait(); }
Task<void> ReadOnce(Stream* s) {
  char byte;
  (void)co_await s->Read(&byte, 1);
}
Task<void> AcceptOnce(Listener* l) { (void)co_await l->Accept(); }

Task<void> DestroyWhileWaiting() {
  Net& net = Loop::Current()->net();
  auto listener = *net.Listen("127.0.0.1", 0, false);
  auto accepting = Begin(AcceptOnce(listener.get()));
  accepting.handle.destroy();
  auto client = *co_await net.Connect("127.0.0.1", listener->port(), absl::Seconds(10));
  auto server = *co_await listener->Accept();
  auto reading = Begin(ReadOnce(client.get()));
  reading.handle.destroy();
  CHECK((co_await server->Write("x")).ok());
  char byte = 0;
  CHECK(*co_await client->Read(&byte, 1) == 1);  // the destroyed read took nothing
  CHECK(byte == 'x');

  WakeUp wake;
  int wakes = 0;
  auto waiting = Begin(WaitOn(&wake, &wakes));
  wake.Set();
  waiting.handle.destroy();
  Completion<int> completion;
  auto completing = Begin(WaitCompletion(completion));
  completion.Set(1);
  completing.handle.destroy();
  auto sleeping = Begin(atoll::SleepFor(absl::Milliseconds(1)));
  sleeping.handle.destroy();
  co_await atoll::SleepFor(absl::Milliseconds(2));
  CHECK(wakes == 0);
}
TEST_CASE("A waiting coroutine may be destroyed", "[loop]") { OnBothLoops(DestroyWhileWaiting); }

Task<void> Cancellations() {
  Cancellation cancellation;
  std::vector<int> order;
  uint64_t second = 0;
  cancellation.OnCancel([&] {
    order.push_back(1);
    cancellation.Forget(second);
  });
  second = cancellation.OnCancel([&] { order.push_back(2); });
  cancellation.OnCancel([&] { order.push_back(3); });
  cancellation.Cancel();
  cancellation.Cancel();
  cancellation.OnCancel([&] { order.push_back(4); });
  CHECK(order == std::vector<int>{1, 3, 4});
  co_return;
}
TEST_CASE("Cancellation", "[loop]") { OnBothLoops(Cancellations); }

TEST_CASE("BlockingPool", "[loop]") {
  AsioLoop loop("test");
  loop.Start();
  BlockingPool pool({.threads = 1, .queue_max = 1});
  absl::Notification hold, started;
  REQUIRE(pool.TrySubmit([&] {
    started.Notify();
    hold.WaitForNotification();
  }));
  started.WaitForNotification();
  REQUIRE(pool.TrySubmit([] {}));
  CHECK_FALSE(pool.TrySubmit([] {}));
  struct Run {
    static Task<void> Full(BlockingPool* pool) {
      auto result = co_await pool->Run([] { return 1; });
      CHECK(result.status().code() == absl::StatusCode::kResourceExhausted);
    }
    static Task<void> Free(BlockingPool* pool) {
      while (true) {
        auto result = co_await pool->Run([] { return std::this_thread::get_id(); });
        if (!result.ok()) {
          co_await Yield();
          continue;
        }
        CHECK(*result != std::this_thread::get_id());
        co_return;
      }
    }
  };
  loop.RunBlocking(Run::Full(&pool));
  hold.Notify();
  loop.RunBlocking(Run::Free(&pool));
}

TEST_CASE("Post from many threads, and after Stop", "[loop]") {
  constexpr int kThreads = 4, kPosts = 1000;
  std::atomic<int> ran{0};
  auto token = std::make_shared<int>(0);
  AsioLoop loop("test");
  loop.Start();
  absl::BlockingCounter all(kThreads * kPosts);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kPosts; ++i) {
        loop.Post([&, token] {
          ++ran;
          all.DecrementCount();
        });
      }
    });
  }
  for (auto& t : threads) t.join();
  all.Wait();
  CHECK(ran == kThreads * kPosts);
  loop.Stop();
  loop.Stop();
  loop.Post([&, token] { ++ran; });
  CHECK(token.use_count() == 1);  // destroyed, unrun
  CHECK(ran == kThreads * kPosts);
}

TEST_CASE("Stop destroys what did not run and abandons what waits", "[loop]") {
  auto token = std::make_shared<int>(0);
  auto never_started = std::make_shared<int>(0);
  struct Waiting {
    static Task<void> Run(std::shared_ptr<int> held) { co_await atoll::SleepFor(absl::InfiniteDuration()); }
  };
  {
    AsioLoop loop("test");
    loop.Post([token] {});
    loop.Spawn(Waiting::Run(never_started));
    loop.Stop();
    CHECK(token.use_count() == 1);
    CHECK(never_started.use_count() == 1);
  }
  {
    SimLoop loop;
    loop.Spawn(Waiting::Run(token));
    loop.RunUntilIdle();
  }
  CHECK(token.use_count() == 2);  // its frame lives on, untouched
}

// --- Network ---

Task<void> Echo(std::unique_ptr<Stream> stream) {
  char buffer[4096];
  while (true) {
    auto n = co_await stream->Read(buffer, sizeof(buffer));
    if (!n.ok() || *n == 0) co_return;
    if (!(co_await stream->Write({buffer, *n})).ok()) co_return;
  }
}
Task<void> EchoServer(Listener* listener, TaskGroup* group) {
  while (true) {
    auto stream = co_await listener->Accept();
    if (!stream.ok()) {
      CHECK(stream.status().code() == absl::StatusCode::kCancelled);
      co_return;
    }
    CHECK((*stream)->peer_address().find(':') != std::string::npos);
    group->Spawn(Echo(*std::move(stream)));
  }
}
Task<void> WriteAll(Stream* stream, const std::string* bytes) {
  absl::Status status = co_await stream->Write(*bytes);
  CHECK(status.ok());
}

Task<void> EchoMuch() {
  Loop& loop = *Loop::Current();
  auto listener = *loop.net().Listen("127.0.0.1", 0, false);
  CHECK(listener->port() > 0);
  TaskGroup group(loop);
  group.Spawn(EchoServer(listener.get(), &group));
  auto stream = *co_await loop.net().Connect("127.0.0.1", listener->port(), absl::Seconds(10));
  // More than all buffers between the ends hold, so both directions wait.
  std::string sent;
  for (int i = 0; sent.size() < (8u << 20); ++i) sent += std::to_string(i);
  group.Spawn(WriteAll(stream.get(), &sent));
  std::string got;
  std::string buffer(100'000, ' ');
  while (got.size() < sent.size()) {
    co_await stream->WaitReadable();
    auto n = co_await stream->Read(buffer.data(), buffer.size());
    REQUIRE(n.ok());
    REQUIRE(*n > 0);
    got.append(buffer, 0, *n);
  }
  CHECK(got == sent);
  stream.reset();
  listener->Close();
  co_await group.Join();
}
TEST_CASE("Bytes arrive in order, with back-pressure", "[loop]") { OnBothLoops(EchoMuch); }

Task<void> ExpectCancelledRead(Stream* stream, bool* done) {
  char buffer[1];
  auto n = co_await stream->Read(buffer, 1);
  CHECK(n.status().code() == absl::StatusCode::kCancelled);
  *done = true;
}
Task<void> CloseEnds() {
  Loop& loop = *Loop::Current();
  auto listener = *loop.net().Listen("127.0.0.1", 0, false);
  auto client = *co_await loop.net().Connect("127.0.0.1", listener->port(), absl::Seconds(10));
  auto server = *co_await listener->Accept();
  bool done = false;
  loop.Spawn(ExpectCancelledRead(client.get(), &done));
  co_await Yield();
  co_await Yield();
  client->Close();
  client->Close();
  co_await Until(done);
  CHECK((co_await client->Write("x")).code() == absl::StatusCode::kCancelled);
  char buffer[1];
  CHECK(*co_await server->Read(buffer, 1) == 0);
  // Writing to who has gone fails sooner or later.
  absl::Status status;
  std::string chunk(10'000, 'x');
  while (status.ok()) {
    status = co_await server->Write(chunk);
    co_await Yield();
  }
  CHECK(status.code() == absl::StatusCode::kUnavailable);
}
TEST_CASE("Close ends both directions", "[loop]") { OnBothLoops(CloseEnds); }

Task<void> DestroyStream() {
  Loop& loop = *Loop::Current();
  auto listener = *loop.net().Listen("127.0.0.1", 0, false);
  auto client = *co_await loop.net().Connect("127.0.0.1", listener->port(), absl::Seconds(10));
  bool done = false;
  loop.Spawn(ExpectCancelledRead(client.get(), &done));
  co_await Yield();
  co_await Yield();
  client.reset();
  co_await Until(done);
}
TEST_CASE("A read outlives its stream", "[loop]") { OnBothLoops(DestroyStream); }

Task<void> ListenErrors() {
  Loop& loop = *Loop::Current();
  auto first = *loop.net().Listen("127.0.0.1", 0, false);
  auto second = loop.net().Listen("127.0.0.1", first->port(), false);
  CHECK(second.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(std::string(second.status().message()).find("127.0.0.1:" + std::to_string(first->port())) != std::string::npos);
  CHECK(loop.net().Listen("not an address", 0, false).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(loop.net().Listen("127.0.0.1", 70000, false).status().code() == absl::StatusCode::kInvalidArgument);
  auto shared = *loop.net().Listen("127.0.0.1", 0, true);
  CHECK(loop.net().Listen("127.0.0.1", shared->port(), true).ok());
  int port = first->port();
  first.reset();
  auto refused = co_await loop.net().Connect("127.0.0.1", port, absl::Seconds(10));
  CHECK(refused.status().code() == absl::StatusCode::kUnavailable);
}
TEST_CASE("Listen and connect errors", "[loop]") { OnBothLoops(ListenErrors); }

TEST_CASE("Connecting by name", "[loop]") {
  struct Run {
    static Task<void> Names() {
      Loop& loop = *Loop::Current();
      auto listener = *loop.net().Listen("localhost", 0, false);
      CHECK((co_await loop.net().Connect("localhost", listener->port(), absl::Seconds(10))).ok());
      auto unknown = co_await loop.net().Connect("no-such-host.invalid", listener->port(), absl::Seconds(30));
      CHECK_FALSE(unknown.ok());
    }
  };
  AsioLoop loop("test");
  loop.Start();
  loop.RunBlocking(Run::Names());
}

TEST_CASE("Simulated faults", "[loop]") {
  struct Run {
    static Task<void> Faults(SimLoop* loop) {
      auto listener = *loop->net().Listen("127.0.0.1", 0, false);
      TaskGroup group(*loop);
      group.Spawn(EchoServer(listener.get(), &group));
      auto stream = *co_await loop->net().Connect("a", listener->port(), absl::Seconds(1));
      loop->net().Partition(listener->port());
      absl::Duration start = loop->clock().Monotonic();
      auto late = co_await loop->net().Connect("a", listener->port(), absl::Seconds(7));
      CHECK(late.status().code() == absl::StatusCode::kDeadlineExceeded);
      CHECK(loop->clock().Monotonic() - start == absl::Seconds(7));
      loop->net().Heal(listener->port());
      char buffer[8];
      CHECK((co_await stream->Write("hello")).ok());
      CHECK(*co_await stream->Read(buffer, sizeof(buffer)) == 5);
      loop->net().BreakConnections(listener->port());
      CHECK((co_await stream->Read(buffer, 1)).status().code() == absl::StatusCode::kUnavailable);
      listener->Close();
      co_await group.Join();
    }
  };
  SimLoop loop;
  loop.RunBlocking(Run::Faults(&loop));
}

TEST_CASE("A completion may be set when its loop is gone", "[loop]") {
  struct Make {
    static Task<void> Run(std::optional<Completion<std::shared_ptr<int>>>* out) {
      out->emplace();
      co_return;
    }
  };
  std::optional<Completion<std::shared_ptr<int>>> done;
  auto value = std::make_shared<int>(1);
  SECTION("asio") {
    AsioLoop loop("test");
    loop.Start();
    loop.RunBlocking(Make::Run(&done));
  }
  SECTION("sim") {
    SimLoop loop;
    loop.RunBlocking(Make::Run(&done));
  }
  done->Set(value);
  CHECK(value.use_count() == 1);
}

TEST_CASE("Simulated time passes only when told", "[loop]") {
  SimLoop loop;
  std::vector<int> order;
  {
    struct Sleeper {
      static Task<void> Run(std::vector<int>* order, int seconds) {
        co_await atoll::SleepFor(absl::Seconds(seconds));
        order->push_back(seconds);
      }
    };
    loop.Spawn(Sleeper::Run(&order, 2));
    loop.Spawn(Sleeper::Run(&order, 1));
  }
  loop.RunUntilIdle();
  CHECK(order.empty());
  loop.Advance(absl::Milliseconds(1500));
  CHECK(order == std::vector<int>{1});
  loop.Advance(absl::Seconds(10));
  CHECK(order == std::vector<int>{1, 2});
}

}  // namespace
}  // namespace atoll
