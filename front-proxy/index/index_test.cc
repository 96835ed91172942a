// The index over loopback gRPC with mutual TLS: fake shards that play scripts, a fake cache-server.
#include <catch2/catch.hpp>
#include <deque>

#include "common/base/status.h"
#include "common/loop/asio_loop.h"
#include "common/rpc/server.h"
#include "common/rpc/server_stream.h"
#include "common/store/store_testing.h"
#include "common/tls/certificates.h"
#include "front-proxy/index/follower.h"
#include "proto/index/index.grpc.pb.h"
#include "proto/replication/replication.grpc.pb.h"

namespace atoll::front_proxy {
namespace {

namespace ipb = ::atoll::index::v1;
namespace rpb = ::atoll::replication::v1;
using Kind = index::Resolution::Kind;

struct Pki {
  tls::KeyPair ca = *tls::NewCertificateAuthority("fleet");
  tls::KeyPair pair = *tls::IssueCertificate(
      ca, {.subject = {"member", {}}, .dns_names = {"localhost"}, .server = true, .client = true});
};
const Pki& ThePki() {
  static const Pki pki;
  return pki;
}

// A server whose streams send what the test queues. Loop thread only, but for gRPC's calls.
template <class Service, class Request, class Batch>
class Scripted final : public Service {
 public:
  explicit Scripted(Loop& loop) : loop_(loop) {
    auto started = rpc::Server::Start({.pair = ThePki().pair, .client_ca_pem = ThePki().ca.certificate_pem}, {this});
    REQUIRE(started.ok());
    server_ = *std::move(started);
  }
  ~Scripted() { server_->Stop(absl::ZeroDuration()); }
  grpc::ServerWriteReactor<Batch>* Watch(grpc::CallbackServerContext*, const Request* request) override {
    return rpc::ServeWrites<Batch>(
        loop_, [this, request = *request](auto stream) { return Serve(request, std::move(stream)); });
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  void Send(Batch batch) {
    queue_.push_back(std::move(batch));
    wake_.Set();
  }
  // Ends the stream that stands.
  void Break() {
    ++epoch_;
    wake_.Set();
  }
  std::vector<Request> requests;
  std::function<void()> on_request = [] {};

 private:
  Task<absl::Status> Serve(Request request, std::shared_ptr<rpc::ServerWriter<Batch>> stream) {
    const int epoch = ++epoch_;
    wake_.Set();  // an older stream ends
    co_await Yield();
    requests.push_back(std::move(request));
    on_request();
    const uint64_t on_cancel = stream->cancellation().OnCancel([this] { wake_.Set(); });
    absl::Status status;
    while (status.ok() && epoch == epoch_ && !stream->cancellation().cancelled()) {
      if (queue_.empty()) {
        co_await wake_.Wait();
        continue;
      }
      Batch batch = std::move(queue_.front());
      queue_.pop_front();
      status = co_await stream->Write(std::move(batch));
    }
    stream->cancellation().Forget(on_cancel);
    co_return absl::UnavailableError("broken by the test");
  }

  Loop& loop_;
  std::deque<Batch> queue_;
  int epoch_ = 0;
  WakeUp wake_;
  std::unique_ptr<rpc::Server> server_;
};
using FakeShard = Scripted<ipb::WorkspaceIndex::CallbackService, ipb::WatchRequest, ipb::Batch>;
using FakeCache = Scripted<rpb::Replication::CallbackService, rpb::WatchRequest, rpb::WatchBatch>;

ipb::Batch NewBatch(const char* shard, uint64_t revision, bool reset, std::vector<const char*> clusters,
                    std::vector<const char*> gone = {}) {
  ipb::Batch out;
  out.set_shard(shard);
  out.set_store_id("store");
  out.set_revision(revision);
  out.set_reset(reset);
  out.set_synced(reset);
  for (const char* cluster : clusters) out.add_changes()->mutable_logical_cluster()->set_cluster(cluster);
  for (const char* cluster : gone) {
    ipb::Change* change = out.add_changes();
    change->set_deleted(true);
    change->mutable_logical_cluster()->set_cluster(cluster);
  }
  return out;
}

rpb::WatchBatch ShardObject(const char* name, const std::string& rpc_address, uint64_t revision, bool reset) {
  rpb::WatchBatch out;
  out.set_reset(reset);
  out.set_synced(reset);
  out.set_store_id("cache");
  out.set_revision(revision);
  rpb::Object* object = out.add_objects();
  object->set_group("core.kcp.io");
  object->set_resource("shards");
  object->set_cluster("root");
  object->set_name(name);
  object->set_deleted(rpc_address.empty());
  object->set_json(R"({"metadata":{"annotations":{"internal.atoll.dev/rpc-address":")" + rpc_address +
                   R"("}},"spec":{"baseURL":"https://shard"}})");
  return out;
}

std::unique_ptr<IndexStore> OpenStore(const std::string& directory) {
  auto engine = store::kv::OpenEngine("rocksdb", {.directory = directory});
  REQUIRE(engine.ok());
  return std::make_unique<IndexStore>(*std::move(engine));
}

// A proxy's index on the loop; `changed` is set after each batch and each (dis)connection.
struct Proxy {
  Proxy(IndexStore* store, std::map<std::string, ShardAddress> shards, std::string cache = "") {
    FleetIndex::Options options{
        .shards = std::move(shards), .cache_address = std::move(cache), .store = store, .index = &index};
    options.channel = {
        .pair = ThePki().pair, .ca_pem = ThePki().ca.certificate_pem, .server_name_override = "localhost"};
    options.back_off = {.initial = absl::Milliseconds(1), .max = absl::Milliseconds(20)};
    options.on_change = [this] { changed.Set(); };
    fleet = std::make_unique<FleetIndex>(*Loop::Current(), std::move(options));
    REQUIRE(fleet->Start().ok());
  }
  bool Knows(const char* cluster, const char* shard) const { return index.ShardOf(cluster) == shard; }
  WakeUp changed;
  index::WorkspaceIndex index;
  std::unique_ptr<FleetIndex> fleet;
};

// Waits for the `count`-th stream: what is sent before it stands might go to the last one, which nobody reads any more.
template <class Server>
Task<void> NextStream(Server* server, size_t count, Proxy* proxy) {
  server->on_request = [proxy] { proxy->changed.Set(); };
  while (server->requests.size() < count) co_await proxy->changed.Wait();
  server->on_request = [] {};
}

Task<void> ResumeBody(FakeShard* shard, IndexStore* store) {
  Proxy proxy(store, {{"a", {"https://a", shard->address()}}});
  shard->on_request = [&] { proxy.changed.Set(); };
  CHECK_FALSE(proxy.fleet->ready());
  ipb::Batch first = NewBatch("a", 5, true, {"root", "c1abc"});
  ipb::Workspace* workspace = first.add_changes()->mutable_workspace();
  workspace->set_parent_cluster("root");
  workspace->set_name("org");
  workspace->set_cluster("c1abc");
  workspace->set_phase("Ready");
  shard->Send(std::move(first));
  while (!proxy.Knows("c1abc", "a")) co_await proxy.changed.Wait();
  CHECK(proxy.fleet->ready());
  CHECK(proxy.index.Resolve(WorkspacePath("root:org")).cluster.name() == "c1abc");

  shard->Break();
  while (shard->requests.size() < 2) co_await proxy.changed.Wait();
  CHECK(shard->requests[0].after_revision() == 0);
  CHECK(shard->requests[1].after_revision() == 5);
  CHECK(shard->requests[1].store_id() == "store");
  CHECK(proxy.Knows("c1abc", "a"));
  shard->Send(NewBatch("a", 7, false, {"c2abc"}, {"c1abc"}));
  while (!proxy.Knows("c2abc", "a")) co_await proxy.changed.Wait();
  CHECK(proxy.Knows("c1abc", ""));

  // What belongs to another shard is refused, and asked for again.
  shard->Send(NewBatch("b", 9, false, {"c3abc"}));
  while (shard->requests.size() < 3) co_await proxy.changed.Wait();
  CHECK(shard->requests[2].after_revision() == 7);
  CHECK(proxy.Knows("c3abc", ""));
  shard->on_request = [] {};
  co_await proxy.fleet->Stop();
}

// Started again while the shard is away, then the shard comes back with another store.
Task<void> PersistenceBody(FakeShard* shard, IndexStore* store) {
  {
    Proxy alone(store, {{"a", {"https://a", "127.0.0.1:1"}}});
    CHECK(alone.fleet->ready());
    CHECK(alone.index.Resolve(WorkspacePath("c2abc")).kind == Kind::kFound);
    CHECK(alone.Knows("c1abc", ""));
    co_await alone.fleet->Stop();
  }
  Proxy proxy(store, {{"a", {"https://a", shard->address()}}});
  co_await NextStream(shard, 4, &proxy);
  shard->Send(NewBatch("a", 2, true, {"c9abc"}));
  while (!proxy.Knows("c9abc", "a")) co_await proxy.changed.Wait();
  CHECK(proxy.Knows("c2abc", ""));
  CHECK(proxy.Knows("root", ""));
  co_await proxy.fleet->Stop();
}

TEST_CASE("The index resumes, survives a restart, and is replaced by a reset", "[front-proxy]") {
  store::testing::TempDir directory;
  AsioLoop loop("test");
  loop.Start();
  {
    FakeShard shard(loop);
    auto store = OpenStore(directory.path());
    loop.RunBlocking(ResumeBody(&shard, store.get()));
    store.reset();
    store = OpenStore(directory.path());
    loop.RunBlocking(PersistenceBody(&shard, store.get()));
  }
  loop.Stop();
}

Task<void> LearnBody(FakeShard* shard, FakeCache* cache, IndexStore* store) {
  Proxy proxy(store, {}, cache->address());
  cache->Send(ShardObject("late", shard->address(), 3, true));
  shard->Send(NewBatch("late", 5, true, {"c1abc"}));
  while (!proxy.Knows("c1abc", "late")) co_await proxy.changed.Wait();
  REQUIRE(proxy.fleet->AddressOf("late").has_value());
  CHECK(proxy.fleet->AddressOf("late")->base_url == "https://shard");
  CHECK(proxy.fleet->connected() == 1);
  co_await proxy.fleet->Stop();

  // Known from the store while the cache-server says nothing; gone when its object goes.
  Proxy again(store, {}, cache->address());
  CHECK(again.Knows("c1abc", "late"));
  co_await NextStream(cache, 2, &again);
  cache->Send(ShardObject("late", "", 4, false));
  while (!again.Knows("c1abc", "")) co_await again.changed.Wait();
  CHECK_FALSE(again.fleet->AddressOf("late").has_value());
  co_await again.fleet->Stop();
  auto shards = store->Shards();
  REQUIRE(shards.ok());
  CHECK(shards->empty());
}

Task<void> ReadyBody(FakeShard* first, FakeShard* second, FakeCache* cache, IndexStore* store) {
  // Three shards; one is down, which must not keep the others from being served.
  Proxy proxy(store,
              {{"a", {"https://a", first->address()}},
               {"b", {"https://b", second->address()}},
               {"down", {"https://down", "127.0.0.1:1"}}},
              cache->address());
  first->Send(NewBatch("a", 5, true, {"root", "c1abc"}));
  while (!proxy.Knows("c1abc", "a")) co_await proxy.changed.Wait();
  CHECK_FALSE(proxy.fleet->ready());  // what of b's?
  second->Send(NewBatch("b", 5, true, {"c2abc"}));
  while (!proxy.Knows("c2abc", "b")) co_await proxy.changed.Wait();
  CHECK_FALSE(proxy.fleet->ready());  // are there others?
  cache->Send(ShardObject("a", "", 3, true));
  while (!proxy.fleet->ready()) co_await proxy.changed.Wait();
  co_await proxy.fleet->Stop();
}

TEST_CASE("The index is ready when no shard that can be reached is missing", "[front-proxy]") {
  store::testing::TempDir directory;
  AsioLoop loop("test");
  loop.Start();
  {
    FakeShard first(loop), second(loop);
    FakeCache cache(loop);
    auto store = OpenStore(directory.path());
    loop.RunBlocking(ReadyBody(&first, &second, &cache, store.get()));
  }
  loop.Stop();
}

TEST_CASE("Shards are learned from the cache-server and forgotten", "[front-proxy]") {
  store::testing::TempDir directory;
  AsioLoop loop("test");
  loop.Start();
  {
    FakeShard shard(loop);
    FakeCache cache(loop);
    auto store = OpenStore(directory.path());
    loop.RunBlocking(LearnBody(&shard, &cache, store.get()));
  }
  loop.Stop();
}

}  // namespace
}  // namespace atoll::front_proxy
