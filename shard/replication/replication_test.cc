// Shards, a cache-server and the calls between them, in one process over loopback gRPC with mutual TLS.
#include <grpcpp/channel.h>

#include <catch2/catch.hpp>
#include <map>
#include <optional>

#include "cache-server/server/server.h"
#include "common/json/parse.h"
#include "common/loop/asio_loop.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/server.h"
#include "common/store/store_testing.h"
#include "common/tls/certificates.h"
#include "proto/index/index.grpc.pb.h"
#include "proto/replication/replication.grpc.pb.h"
#include "shard/replication/admin_service.h"
#include "shard/replication/cluster_admins.h"
#include "shard/replication/fleet_service_accounts.h"
#include "shard/replication/index_service.h"
#include "shard/replication/local_index.h"
#include "shard/replication/publisher.h"
#include "shard/replication/replica.h"
#include "shard/storage/stored_object.h"

namespace atoll::replication {
namespace {

namespace pb_replication = ::atoll::replication::v1;

const api::Gvr kTypes{"tenancy.kcp.io", "v1alpha1", "workspacetypes"};
const api::Gvr kShards{"core.kcp.io", "v1alpha1", "shards"};
const api::Gvr kWorkspacesV1{"tenancy.kcp.io", "v1alpha1", "workspaces"};
const api::Gvr kClustersV1{"core.kcp.io", "v1alpha1", "logicalclusters"};
const api::Gvr kRoles{"rbac.authorization.k8s.io", "v1", "clusterroles"};

struct Pki {
  tls::KeyPair ca = *tls::NewCertificateAuthority("fleet");
  tls::KeyPair Of(const std::string& name) const {
    return *tls::IssueCertificate(ca, {.subject = {name, {}},
                                       .dns_names = {"localhost"},
                                       .ip_addresses = {"127.0.0.1"},
                                       .server = true,
                                       .client = true});
  }
  tls::KeyPair pair = Of("member");
};
const Pki& ThePki() {
  static const Pki pki;
  return pki;
}

rpc::ChannelOptions ChannelTo(int port, tls::KeyPair pair = ThePki().pair) {
  return {.target = "127.0.0.1:" + std::to_string(port),
          .pair = std::move(pair),
          .ca_pem = ThePki().ca.certificate_pem,
          .server_name_override = "localhost"};
}

store::Op PutObject(const api::Gvr& gvr, const char* cluster, const char* name, const char* text) {
  registry::ResourceDefinition definition;
  definition.gvr = gvr;
  definition.kind = "Test";
  definition.scope = registry::Scope::kCluster;
  definition.flavor = registry::Flavor::kCustom;
  auto object = json::Parse(text);
  REQUIRE(object.ok());
  object->Ensure({"metadata", "name"}) = json::Value(name);
  const LogicalClusterId id{cluster};
  return {.kind = store::Op::Kind::kPut,
          .key = storage::EncodeKey({gvr.gr(), "", id, "", name}),
          .value = storage::EncodeObject(definition, id, *std::move(object))};
}
store::Op DeleteObject(const api::Gvr& gvr, const char* cluster, const char* name) {
  return {.kind = store::Op::Kind::kDelete,
          .key = storage::EncodeKey({gvr.gr(), "", LogicalClusterId{cluster}, "", name})};
}

constexpr char kMarkedRole[] = R"({"metadata":{"annotations":{"internal.kcp.io/replicate":"x"}},"rules":[]})";
constexpr char kPlainRole[] = R"({"rules":[]})";

std::unique_ptr<cache_server::CacheServer> StartCache(const std::string& directory) {
  auto cache = cache_server::CacheServer::Start({.root_directory = directory,
                                                 .secure_port = 0,
                                                 .serving = ThePki().pair,
                                                 .rpc_port = 0,
                                                 .rpc = ThePki().pair,
                                                 .rpc_ca_pem = ThePki().ca.certificate_pem});
  REQUIRE(cache.ok());
  return *std::move(cache);
}

// One shard's side; on the test's loop.
struct Shard {
  Shard(std::string name, int cache_port, store::testing::StoreFixture& store, WakeUp* changed) : store(store) {
    auto channel = rpc::NewChannel(ChannelTo(cache_port, ThePki().Of("shard-" + name)));
    const rpc::BackOff::Options back_off{.initial = absl::Milliseconds(1), .max = absl::Milliseconds(20)};
    publisher = std::make_unique<Publisher>(
        *Loop::Current(),
        Publisher::Options{
            .shard = name, .store = &*store, .pool = &store.pool(), .cache = channel, .back_off = back_off});
    replica =
        std::make_unique<Replica>(*Loop::Current(), Replica::Options{.shard = name,
                                                                     .store = &*store,
                                                                     .pool = &store.pool(),
                                                                     .catalog = &catalog,
                                                                     .cache = channel,
                                                                     .back_off = back_off,
                                                                     .on_applied = [changed] { changed->Set(); }});
  }
  Task<void> Start() {
    absl::Status loaded = co_await replica->Load();
    REQUIRE(loaded.ok());
    publisher->Start();
    replica->Start();
  }
  Task<void> Stop() {
    co_await publisher->Stop();
    co_await replica->Stop();
  }
  size_t Roles(const char* cluster) const {
    auto objects = replica->Objects(LogicalClusterId(cluster));
    return objects == nullptr ? 0 : objects->cluster_roles.size();
  }

  store::testing::StoreFixture& store;
  tenancy::Catalog catalog;
  std::unique_ptr<Publisher> publisher;
  std::unique_ptr<Replica> replica;
};

Task<void> Commit(store::testing::StoreFixture& store, std::vector<store::Op> ops) {
  store::Transaction txn;
  txn.ops = std::move(ops);
  auto committed = co_await store->Commit(std::move(txn));
  REQUIRE(committed.ok());
}

// A shard speaks under the name that its certificate has, and under no other.
Task<void> NamesBody(int port) {
  struct Case {
    const char *certificate, *shard;
    bool heard;
  };
  for (const Case& c : {Case{"shard-a", "a", true},
                        {"shard-shard-1", "shard-1", true},
                        {"shard-a", "b", false},
                        {"a", "a", false},
                        {"shard-", "a", false},
                        {"front-proxy", "a", false}}) {
    CAPTURE(c.certificate, c.shard);
    auto stub = pb_replication::Replication::NewStub(rpc::NewChannel(ChannelTo(port, ThePki().Of(c.certificate))));
    auto stream = rpc::OpenBidi<pb_replication::PublishBatch, pb_replication::PublishAck>(
        [&stub](auto* context, auto* reactor) { stub->async()->Publish(context, reactor); });
    pb_replication::PublishBatch hello;
    hello.set_shard(c.shard);
    hello.set_store_id("s");
    (void)co_await stream->Write(std::move(hello));
    auto ack = co_await stream->Next();
    CHECK(ack.has_value() == c.heard);
    if (ack) stream->Cancel();
    absl::Status ended = co_await stream->Finish();
    CHECK(absl::IsPermissionDenied(ended) != c.heard);
  }
}

TEST_CASE("The cache hears a shard under its own name only", "[replication]") {
  AsioLoop loop("test");
  loop.Start();
  auto cache = StartCache("");
  loop.RunBlocking(NamesBody(cache->rpc_port()));
  cache->Stop();
  loop.Stop();
}

Task<void> ConvergeBody(int port, store::testing::StoreFixture& store_a, store::testing::StoreFixture& store_b) {
  WakeUp changed;
  co_await Commit(store_a,
                  {PutObject(kTypes, "root", "universal", "{}"), PutObject(kRoles, "root", "marked", kMarkedRole),
                   PutObject(kRoles, "root", "plain", kPlainRole)});
  co_await Commit(store_b, {PutObject(kShards, "root", "b", R"({"spec":{"baseURL":"https://b"}})")});
  Shard a("a", port, store_a, &changed), b("b", port, store_b, &changed);
  co_await a.Start();
  co_await b.Start();
  while (b.catalog.FindType("root", "universal") == nullptr || b.Roles("root") != 1 || !a.catalog.FindShard("b"))
    co_await changed.Wait();
  CHECK(a.Roles("root") == 0);  // its own are not sent back
  CHECK(a.catalog.FindType("root", "universal") == nullptr);
  auto before = b.replica->Objects(RootCluster());
  CHECK(before == b.replica->Objects(RootCluster()));
  CHECK(before->cluster_roles[0].StringAt({"metadata", "name"}) == "marked");

  co_await Commit(store_a, {PutObject(kRoles, "root", "second", kMarkedRole)});
  while (b.Roles("root") != 2) co_await changed.Wait();
  CHECK(before != b.replica->Objects(RootCluster()));
  // A mark that is taken off, and an object that is deleted, take the object away.
  co_await Commit(store_a,
                  {PutObject(kRoles, "root", "marked", kPlainRole), DeleteObject(kTypes, "root", "universal")});
  while (b.Roles("root") != 1 || b.catalog.FindType("root", "universal") != nullptr) co_await changed.Wait();
  co_await a.Stop();
  co_await b.Stop();
}

// What the cache and the replicas kept, after all of them started again; changes of the time between arrive, deletions
// too.
Task<void> RestartBody(int port, store::testing::StoreFixture& store_a, store::testing::StoreFixture& store_b) {
  WakeUp changed;
  Shard a("a", port, store_a, &changed), b("b", port, store_b, &changed);
  absl::Status loaded = co_await b.replica->Load();
  REQUIRE(loaded.ok());
  CHECK(b.Roles("root") == 1);  // without the cache
  CHECK_FALSE(b.replica->synced());
  b.replica->Start();
  co_await Commit(store_a, {DeleteObject(kRoles, "root", "second"), PutObject(kTypes, "root", "late", "{}")});
  co_await a.Start();
  while (b.Roles("root") != 0 || b.catalog.FindType("root", "late") == nullptr) co_await changed.Wait();
  CHECK(b.replica->synced());
  co_await a.Stop();
  co_await b.Stop();
}

// A shard whose database was lost publishes anew: what it no longer has goes from the fleet.
Task<void> ResetBody(int port, store::testing::StoreFixture& fresh_a, store::testing::StoreFixture& store_b) {
  WakeUp changed;
  co_await Commit(fresh_a, {PutObject(kTypes, "root", "new", "{}")});
  Shard a("a", port, fresh_a, &changed), b("b", port, store_b, &changed);
  co_await a.Start();
  co_await b.Start();
  while (b.catalog.FindType("root", "new") == nullptr || b.catalog.FindType("root", "late") != nullptr)
    co_await changed.Wait();
  co_await a.Stop();
  co_await b.Stop();
}

TEST_CASE("What a shard publishes reaches the others, across restarts and resets", "[replication]") {
  store::testing::TempDir directory;
  store::testing::StoreFixture store_a("memory"), store_b("memory"), fresh_a("memory");
  AsioLoop loop("test");
  loop.Start();
  {
    auto cache = StartCache(directory.path());
    loop.RunBlocking(ConvergeBody(cache->rpc_port(), store_a, store_b));
  }
  auto cache = StartCache(directory.path());
  loop.RunBlocking(RestartBody(cache->rpc_port(), store_a, store_b));
  loop.RunBlocking(ResetBody(cache->rpc_port(), fresh_a, store_b));
  cache->Stop();
  loop.Stop();
}

// --- A shard's own tables ---

Task<void> LocalIndexBody(store::testing::StoreFixture& store) {
  index::WorkspaceIndex index;
  registry::Clusters clusters;
  tenancy::Catalog catalog;
  co_await Commit(
      store, {PutObject(kClustersV1, "root", "cluster", R"({"status":{"phase":"Ready"}})"),
              PutObject(kWorkspacesV1, "root", "org", R"({"spec":{"cluster":"c1abc"},"status":{"phase":"Ready"}})"),
              PutObject(kTypes, "root", "universal", "{}")});
  LocalIndex local(*Loop::Current(), {.shard = "a",
                                      .store = &*store,
                                      .pool = &store.pool(),
                                      .index = &index,
                                      .clusters = &clusters,
                                      .catalog = &catalog});
  absl::Status loaded = co_await local.Load();
  REQUIRE(loaded.ok());
  CHECK(clusters.Find(RootCluster()) != nullptr);
  CHECK(catalog.FindType("root", "universal") != nullptr);
  CHECK(index.Resolve(WorkspacePath("root:org")).cluster.name() == "c1abc");
  local.Start();
  co_await Commit(store, {PutObject(kClustersV1, "c1abc", "cluster", R"({"status":{"phase":"Ready"}})"),
                          DeleteObject(kTypes, "root", "universal")});
  while (index.ShardOf("c1abc") != "a" || catalog.FindType("root", "universal") != nullptr) co_await Yield();
  co_await Commit(store, {DeleteObject(kClustersV1, "c1abc", "cluster"), DeleteObject(kWorkspacesV1, "root", "org")});
  while (index.Resolve(WorkspacePath("root:org")).kind != index::Resolution::Kind::kUnknown) co_await Yield();
  CHECK(clusters.Find(LogicalClusterId("c1abc")) == nullptr);
  CHECK(local.status().ok());
  co_await local.Stop();
}
TEST_CASE("A shard's tables follow its log", "[replication]") {
  store::testing::StoreFixture store("memory");
  AsioLoop loop("test");
  loop.Start();
  loop.RunBlocking(LocalIndexBody(store));
  loop.Stop();
}

// --- What a shard announces ---

namespace pb = ::atoll::index::v1;

Task<pb::Batch> NextBatch(rpc::ReadStream<pb::WatchRequest, pb::Batch>* stream) {
  auto batch = co_await stream->Next();
  REQUIRE(batch.has_value());
  co_return *std::move(batch);
}

Task<void> AnnounceBody(int port, store::testing::StoreFixture& store) {
  auto stub = pb::WorkspaceIndex::NewStub(rpc::NewChannel(ChannelTo(port)));
  auto open = [&stub](auto* context, auto* request, auto* reactor) { stub->async()->Watch(context, request, reactor); };
  co_await Commit(
      store,
      {PutObject(kClustersV1, "root", "cluster",
                 R"({"metadata":{"annotations":{"kcp.io/path":"root"}},"status":{"phase":"Ready"}})"),
       PutObject(
           kWorkspacesV1, "root", "org",
           R"({"spec":{"cluster":"c1abc","type":{"name":"universal","path":"root"}},"status":{"phase":"Ready"}})"),
       PutObject(kWorkspacesV1, "root", "far",
                 R"({"spec":{"mount":{"ref":{}},"URL":"https://far"},"status":{"phase":"Ready"}})")});
  auto stream = rpc::OpenReads<pb::Batch>(pb::WatchRequest(), open);
  pb::Batch batch = co_await NextBatch(stream.get());
  CHECK(batch.reset());
  CHECK(batch.shard() == "a");
  CHECK(batch.store_id() == store->id());
  REQUIRE(batch.changes_size() == 1);  // a page is of one resource
  CHECK(batch.changes(0).logical_cluster().path() == "root");
  batch = co_await NextBatch(stream.get());
  CHECK_FALSE(batch.reset());
  CHECK(batch.synced());
  REQUIRE(batch.changes_size() == 2);
  CHECK(batch.changes(0).workspace().mount_url() == "https://far");
  CHECK(batch.changes(1).workspace().cluster() == "c1abc");
  CHECK(batch.changes(1).workspace().type() == "root:universal");
  pb::WatchRequest resume;
  resume.set_store_id(batch.store_id());
  resume.set_after_revision(batch.revision());
  stream->Cancel();
  (void)co_await stream->Finish();

  co_await Commit(store, {DeleteObject(kWorkspacesV1, "root", "far"), PutObject(kRoles, "root", "unseen", kPlainRole)});
  stream = rpc::OpenReads<pb::Batch>(resume, open);
  batch = co_await NextBatch(stream.get());
  CHECK_FALSE(batch.reset());
  REQUIRE(batch.changes_size() == 1);
  CHECK(batch.changes(0).deleted());
  CHECK(batch.changes(0).workspace().name() == "far");
  stream->Cancel();
  (void)co_await stream->Finish();
}
TEST_CASE("A shard announces its workspaces, and resumes", "[replication]") {
  store::testing::StoreFixture store("memory");
  AsioLoop loop("test");
  loop.Start();
  IndexService service({.shard = "a", .store = &*store, .pool = &store.pool(), .loop = &loop});
  auto server =
      rpc::Server::Start({.pair = ThePki().pair, .client_ca_pem = ThePki().ca.certificate_pem}, {service.service()});
  REQUIRE(server.ok());
  loop.RunBlocking(AnnounceBody((*server)->port(), store));
  (*server)->Stop(absl::ZeroDuration());
  loop.Stop();
}

// --- Calls between shards ---

class FakeAdmin final : public tenancy::ClusterAdmin {
 public:
  Task<absl::StatusOr<json::Value>> Create(LogicalClusterId cluster, json::Value logical_cluster) override {
    if (cluster.name() == "taken") co_return absl::AlreadyExistsError("another owner");
    if (cluster.name() == "early") co_return absl::FailedPreconditionError("no such type yet");
    co_return logical_cluster;
  }
  Task<absl::StatusOr<tenancy::Deletion>> Delete(LogicalClusterId cluster, std::string owner_uid,
                                                 absl::Duration wait) override {
    if (owner_uid != "me") co_return absl::FailedPreconditionError("another owner");
    tenancy::Deletion out{.gone = cluster.name() == "gone", .logical_cluster = {}};
    if (!out.gone) out.logical_cluster = *json::Parse(R"({"status":{"phase":"Deleting"}})");
    co_return out;
  }
  Task<absl::StatusOr<json::Value>> Get(LogicalClusterId cluster) override {
    co_return absl::NotFoundError("no such cluster");
  }
};

Task<void> AdminBody(int port, FakeAdmin* local) {
  tenancy::Catalog catalog;
  auto put = [&](const char* name, const std::string& address) {
    json::Value shard = json::Value::MakeObject();
    shard.Ensure({"metadata", "name"}) = json::Value(name);
    shard.Ensure({"metadata", "annotations", tenancy::kRpcAddressAnnotation}) = json::Value(address);
    catalog.Put(kShards.gr(), RootCluster(), shard);
  };
  rpc::ChannelOptions channel = ChannelTo(port);
  put("b", channel.target);
  put("silent", "");
  FleetClusterAdmins admins({.shard = "a", .local = local, .catalog = &catalog, .channel = channel});
  CHECK(admins.ForShard("a") == local);
  CHECK(admins.ForShard("silent") == nullptr);
  CHECK(admins.ForShard("unknown") == nullptr);
  tenancy::ClusterAdmin* b = admins.ForShard("b");
  REQUIRE(b != nullptr);
  CHECK(admins.ForShard("b") == b);
  auto created = co_await b->Create(LogicalClusterId("c1abc"), *json::Parse(R"({"spec":{"x":1}})"));
  REQUIRE(created.ok());
  CHECK(created->IntAt({"spec", "x"}) == 1);
  created = co_await b->Create(LogicalClusterId("taken"), json::Value::MakeObject());
  CHECK(absl::IsAlreadyExists(created.status()));
  created = co_await b->Create(LogicalClusterId("early"), json::Value::MakeObject());
  CHECK(absl::IsFailedPrecondition(created.status()));
  auto deleted = co_await b->Delete(LogicalClusterId("gone"), "me", absl::ZeroDuration());
  REQUIRE(deleted.ok());
  CHECK(deleted->gone);
  deleted = co_await b->Delete(LogicalClusterId("stays"), "me", absl::ZeroDuration());
  REQUIRE(deleted.ok());
  CHECK(deleted->logical_cluster.StringAt({"status", "phase"}) == "Deleting");
  deleted = co_await b->Delete(LogicalClusterId("stays"), "you", absl::ZeroDuration());
  CHECK(absl::IsFailedPrecondition(deleted.status()));
  auto found = co_await b->Get(LogicalClusterId("c1abc"));
  CHECK(absl::IsNotFound(found.status()));
  put("b", "127.0.0.1:1");  // moved to where nobody listens
  found = co_await b->Get(LogicalClusterId("c1abc"));
  CHECK(absl::IsUnavailable(found.status()));
}
TEST_CASE("Shards administer each other's logical clusters", "[replication]") {
  AsioLoop loop("test");
  loop.Start();
  FakeAdmin admin;
  AdminService service(loop, {.admin = &admin});
  auto server =
      rpc::Server::Start({.pair = ThePki().pair, .client_ca_pem = ThePki().ca.certificate_pem}, {service.service()});
  REQUIRE(server.ok());
  loop.RunBlocking(AdminBody((*server)->port(), &admin));
  (*server)->Stop(absl::ZeroDuration());
  loop.Stop();
}

// Knows one account and one Secret, counts questions, and may be told to forget.
class FakeAccounts final : public auth::ServiceAccountLookup {
 public:
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> ServiceAccount(LogicalClusterId, std::string,
                                                                        std::string name) override {
    ++questions;
    if (broken) co_return absl::InternalError("the disk");
    if (name != "robot" || gone) co_return std::optional<auth::BoundObject>();
    auth::BoundObject out;
    out.uid = "u1";
    co_return std::optional<auth::BoundObject>(std::move(out));
  }
  Task<absl::StatusOr<std::optional<auth::BoundObject>>> Secret(LogicalClusterId, std::string, std::string) override {
    auth::BoundObject out;
    out.uid = "s1";
    out.token = auth::SecretDigest::Of("t0ken");
    out.deleted_at = absl::FromUnixSeconds(5);
    out.invalidated = true;
    out.last_used = "2026-01-02";
    co_return std::optional<auth::BoundObject>(std::move(out));
  }
  Task<void> NoteUse(LogicalClusterId cluster, std::string ns, std::string secret, std::string day) override {
    noted = cluster.name() + "/" + ns + "/" + secret + "/" + day;
    co_return;
  }

  int questions = 0;
  bool gone = false, broken = false;
  std::string noted;
};

Task<void> AccountsBody(int port, FakeAccounts* there, bool* moved_away) {
  tenancy::Catalog catalog;
  auto put = [&](const char* name, const std::string& address) {
    json::Value shard = json::Value::MakeObject();
    shard.Ensure({"metadata", "name"}) = json::Value(name);
    shard.Ensure({"metadata", "annotations", tenancy::kRpcAddressAnnotation}) = json::Value(address);
    catalog.Put(kShards.gr(), RootCluster(), shard);
  };
  rpc::ChannelOptions channel = ChannelTo(port);
  ManualClock clock;
  FakeAccounts here;
  const LogicalClusterId theirs("c1theirs"), ours("c1ours"), nobodys("c1nobodys");
  FleetServiceAccounts accounts({.shard = "a",
                                 .local = &here,
                                 .is_local = [&ours](const LogicalClusterId& id) { return id == ours; },
                                 .catalog = &catalog,
                                 .channel = channel,
                                 .clock = &clock});
  // Nobody to ask: no such account.
  auto found = co_await accounts.ServiceAccount(theirs, "ns", "robot");
  REQUIRE(found.ok());
  CHECK_FALSE(found->has_value());
  clock.Advance(absl::Minutes(1));

  put("b", channel.target);
  found = co_await accounts.ServiceAccount(theirs, "ns", "robot");
  REQUIRE((found.ok() && found->has_value()));
  CHECK((*found)->uid == "u1");
  CHECK((*found)->deleted_at == absl::InfiniteFuture());
  CHECK(there->questions == 1);
  // Its own clusters are nobody else's business.
  found = co_await accounts.ServiceAccount(ours, "ns", "robot");
  CHECK((found.ok() && found->has_value()));
  CHECK(here.questions == 1);
  CHECK(there->questions == 1);
  // Remembered for a while, and no longer.
  there->gone = true;
  found = co_await accounts.ServiceAccount(theirs, "ns", "robot");
  CHECK((found.ok() && found->has_value()));
  clock.Advance(absl::Seconds(3));
  found = co_await accounts.ServiceAccount(theirs, "ns", "robot");
  REQUIRE(found.ok());
  CHECK_FALSE(found->has_value());
  CHECK(there->questions == 2);
  there->gone = false;
  // The Secret's token stays there; its digest travels.
  auto secret = co_await accounts.Secret(theirs, "ns", "s");
  REQUIRE((secret.ok() && secret->has_value()));
  CHECK((*secret)->token->Matches(auth::SecretDigest::Of("t0ken")));
  CHECK((*secret)->deleted_at == absl::FromUnixSeconds(5));
  CHECK((*secret)->invalidated);
  CHECK((*secret)->last_used == "2026-01-02");
  co_await accounts.NoteUse(theirs, "ns", "s", "2026-01-03");
  CHECK(there->noted == "c1theirs/ns/s/2026-01-03");
  // What cannot be told is an error, not an absence.
  clock.Advance(absl::Seconds(3));
  there->broken = true;
  found = co_await accounts.ServiceAccount(theirs, "ns", "robot");
  CHECK(absl::IsUnavailable(found.status()));
  there->broken = false;
  found = co_await accounts.ServiceAccount(theirs, "ns", "robot");
  CHECK((found.ok() && found->has_value()));
  // A cluster that nobody has, and one that has gone away, with a shard that nobody reaches.
  found = co_await accounts.ServiceAccount(nobodys, "ns", "robot");
  REQUIRE(found.ok());
  CHECK_FALSE(found->has_value());
  clock.Advance(absl::Seconds(3));
  *moved_away = true;
  put("dark", "127.0.0.1:1");
  found = co_await accounts.ServiceAccount(theirs, "ns", "robot");
  CHECK(absl::IsUnavailable(found.status()));
}
TEST_CASE("Shards ask each other about what tokens are bound to", "[replication]") {
  AsioLoop loop("test");
  loop.Start();
  FakeAdmin admin;
  FakeAccounts there;
  bool moved_away = false;
  AdminService service(
      loop, {.admin = &admin, .service_accounts = &there, .is_local = [&moved_away](const LogicalClusterId& id) {
               return id.name() == "c1theirs" && !moved_away;
             }});
  auto server =
      rpc::Server::Start({.pair = ThePki().pair, .client_ca_pem = ThePki().ca.certificate_pem}, {service.service()});
  REQUIRE(server.ok());
  loop.RunBlocking(AccountsBody((*server)->port(), &there, &moved_away));
  (*server)->Stop(absl::ZeroDuration());
  loop.Stop();
}

}  // namespace
}  // namespace atoll::replication
