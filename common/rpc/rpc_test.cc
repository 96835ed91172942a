#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/loop/asio_loop.h"
#include "common/rpc/back_off.h"
#include "common/rpc/call.h"
#include "common/rpc/channel.h"
#include "common/rpc/follower.h"
#include "common/rpc/server.h"
#include "common/rpc/server_stream.h"
#include "common/rpc/status.h"
#include "common/testing/temp_dir.h"
#include "common/tls/certificates.h"
#include "proto/admin/admin.grpc.pb.h"
#include "proto/index/index.grpc.pb.h"
#include "proto/replication/replication.grpc.pb.h"

namespace atoll::rpc {
namespace {

namespace admin = ::atoll::admin::v1;
namespace index = ::atoll::index::v1;
namespace replication = ::atoll::replication::v1;

constexpr char kUrl[] = "type.example/Status";
constexpr absl::Duration kLong = absl::Seconds(60);

TEST_CASE("Statuses cross with their payloads", "[rpc]") {
  CHECK(FromGrpc(ToGrpc(absl::OkStatus())).ok());
  absl::Status status = absl::AbortedError("why not");
  status.SetPayload(kUrl, absl::Cord("{\"a\":1}"));
  status.SetPayload("type.example/Other", absl::Cord(absl::string_view("\0\xff", 2)));
  CHECK(FromGrpc(ToGrpc(status)) == status);
  CHECK(FromGrpc(ToGrpc(absl::NotFoundError("x"))) == absl::NotFoundError("x"));
  const std::string large(100'000, 'x');
  status.SetPayload(kUrl, absl::Cord(absl::string_view(large)));
  CHECK(FromGrpc(ToGrpc(status)) == absl::AbortedError("why not"));  // too large to send
  CHECK(FromGrpc(grpc::Status(grpc::StatusCode::INTERNAL, "m", "\x1a\xff junk")) == absl::InternalError("m"));
}

TEST_CASE("Back-off grows to its bound", "[rpc]") {
  SeededRandom random(1);
  BackOff back_off({.initial = absl::Milliseconds(100), .max = absl::Seconds(1), .factor = 3});
  for (int ms : {100, 300, 900, 1000, 1000}) {
    absl::Duration d = back_off.Next(random);
    CHECK(d >= absl::Milliseconds(ms) / 2);
    CHECK(d <= absl::Milliseconds(ms));
  }
  back_off.Reset();
  CHECK(back_off.Next(random) <= absl::Milliseconds(100));
}

struct Pki {
  tls::KeyPair ca = *tls::NewCertificateAuthority("fleet");
  tls::KeyPair server =
      *tls::IssueCertificate(ca, {.subject = {"shard-1", {}}, .dns_names = {"shard.test"}, .server = true});
  tls::KeyPair client = *tls::IssueCertificate(ca, {.subject = {"proxy-1", {}}, .client = true});
};
const Pki& ThePki() {
  static const Pki pki;
  return pki;
}

std::shared_ptr<grpc::Channel> ChannelTo(int port, tls::KeyPair pair = ThePki().client) {
  return NewChannel({.target = "127.0.0.1:" + std::to_string(port),
                     .pair = std::move(pair),
                     .ca_pem = ThePki().ca.certificate_pem,
                     .server_name_override = "shard.test"});
}

std::unique_ptr<Server> StartServer(grpc::Service* service, int port = 0) {
  auto server =
      Server::Start({.port = port, .pair = ThePki().server, .client_ca_pem = ThePki().ca.certificate_pem}, {service});
  REQUIRE(server.ok());
  return *std::move(server);
}

// A member's certificate files; Renew makes an authority that nobody knew before, and certificates of it.
struct Member {
  explicit Member(const std::string& directory) {
    std::filesystem::create_directories(directory);
    files = {.certificate = directory + "/rpc.crt",
             .key = directory + "/rpc.key",
             .ca = directory + "/ca.crt",
             .refresh = absl::Seconds(1)};
  }
  void Renew(const tls::KeyPair& ca, const char* name) {
    const tls::KeyPair pair = *tls::IssueCertificate(
        ca, {.subject = {name, {}}, .dns_names = {"shard.test"}, .server = true, .client = true});
    REQUIRE(WriteFileAtomic(files.certificate, pair.certificate_pem, 0600).ok());
    REQUIRE(WriteFileAtomic(files.key, pair.key_pem, 0600).ok());
    REQUIRE(WriteFileAtomic(files.ca, ca.certificate_pem, 0600).ok());
  }
  CertificateFiles files;
};

// --- Unary ---

class AdminService final : public admin::ShardAdmin::CallbackService {
 public:
  explicit AdminService(Loop& loop) : loop_(loop) {}
  grpc::ServerUnaryReactor* GetLogicalCluster(grpc::CallbackServerContext* context,
                                              const admin::GetLogicalClusterRequest* request,
                                              admin::GetLogicalClusterResponse* response) override {
    return ServeUnary(context, loop_, [this, context, request, response] { return Get(context, request, response); });
  }

 private:
  Task<absl::Status> Get(grpc::CallbackServerContext* context, const admin::GetLogicalClusterRequest* request,
                         admin::GetLogicalClusterResponse* response) {
    loop_.AssertHere();
    co_await Yield();
    if (request->cluster() == "throw") throw std::runtime_error("expected by the test");
    if (request->cluster() != "root") {
      absl::Status status = absl::NotFoundError("no such cluster");
      status.SetPayload(kUrl, absl::Cord("payload"));
      if (request->cluster() == "large") {
        status = absl::NotFoundError(std::string(10'000, '\x01'));
        const std::string payload(39'000, 'x');
        status.SetPayload(kUrl, absl::Cord(absl::string_view(payload)));
      }
      co_return status;
    }
    response->set_logical_cluster_json(PeerCommonName(*context));
    co_return absl::OkStatus();
  }
  Loop& loop_;
};

Task<absl::StatusOr<admin::GetLogicalClusterResponse>> Get(std::shared_ptr<grpc::Channel> channel,
                                                           std::string cluster) {
  std::shared_ptr<admin::ShardAdmin::Stub> stub = admin::ShardAdmin::NewStub(channel);
  admin::GetLogicalClusterRequest request;
  request.set_cluster(cluster);
  auto reply = co_await Call<admin::GetLogicalClusterResponse>(
      std::move(request), kLong, [stub](auto* context, auto* req, auto* rep, std::function<void(grpc::Status)> done) {
        stub->async()->GetLogicalCluster(context, req, rep, std::move(done));
      });
  co_return std::move(reply);
}

Task<void> UnaryBody(int port) {
  auto channel = ChannelTo(port);
  auto reply = co_await Get(channel, "root");
  REQUIRE(reply.ok());
  CHECK(reply->logical_cluster_json() == "proxy-1");
  reply = co_await Get(channel, "other");
  CHECK(reply.status().code() == absl::StatusCode::kNotFound);
  CHECK(reply.status().GetPayload(kUrl) == absl::Cord("payload"));
  reply = co_await Get(channel, "large");  // as large as it may get
  CHECK(reply.status().code() == absl::StatusCode::kNotFound);
  CHECK(reply.status().message() == std::string(2048, '\x01'));
  CHECK(reply.status().GetPayload(kUrl)->size() == 39'000);
  reply = co_await Get(channel, "throw");
  CHECK(reply.status().code() == absl::StatusCode::kUnavailable);
  // Who cannot show a certificate of the fleet's CA gets nowhere.
  tls::KeyPair other_ca = *tls::NewCertificateAuthority("other");
  reply = co_await Get(ChannelTo(port, *tls::IssueCertificate(other_ca, {.subject = {"mallory", {}}, .client = true})),
                       "root");
  CHECK(reply.status().code() == absl::StatusCode::kUnavailable);
}
TEST_CASE("Unary calls", "[rpc]") {
  AsioLoop loop("test");
  loop.Start();
  AdminService service(loop);
  auto server = StartServer(&service);
  CHECK(server->port() > 0);
  loop.RunBlocking(UnaryBody(server->port()));
  AdminService other(loop);
  auto second = Server::Start(
      {.port = server->port(), .pair = ThePki().server, .client_ca_pem = ThePki().ca.certificate_pem}, {&other});
  CHECK(second.status().code() == absl::StatusCode::kAlreadyExists);
  server->Stop(kLong);
  CHECK_FALSE(Server::Start({.pair = ThePki().server, .client_ca_pem = "junk"}, {}).ok());
}

// --- Server streaming, followed ---

class IndexService final : public index::WorkspaceIndex::CallbackService {
 public:
  explicit IndexService(Loop& loop) : loop_(loop) {}
  grpc::ServerWriteReactor<index::Batch>* Watch(grpc::CallbackServerContext*,
                                                const index::WatchRequest* request) override {
    return ServeWrites<index::Batch>(
        loop_, [this, after = request->after_revision()](auto stream) { return Serve(after, stream); });
  }
  int64_t written = 0;  // loop thread

 private:
  // Batches for ever; each connection ends after 100, to be resumed.
  Task<absl::Status> Serve(uint64_t after, std::shared_ptr<ServerWriter<index::Batch>> stream) {
    for (int i = 0; i < 100; ++i) {
      index::Batch batch;
      batch.set_revision(++after);
      batch.set_shard(std::string(10'000, 'x'));
      absl::Status status = co_await stream->Write(std::move(batch));
      CO_RETURN_IF_ERROR(status);
      ++written;
    }
    co_return absl::OutOfRangeError("enough");
  }
  Loop& loop_;
};

Task<void> RenewalBody(int port, Member* server, Member* client) {
  const auto ask = [&](const CertificateFiles& files) -> Task<absl::StatusOr<admin::GetLogicalClusterResponse>> {
    return Get(
        NewChannel(
            {.target = "127.0.0.1:" + std::to_string(port), .files = files, .server_name_override = "shard.test"}),
        "root");
  };
  auto reply = co_await ask(client->files);
  REQUIRE(reply.ok());
  CHECK(reply->logical_cluster_json() == "before");

  const tls::KeyPair next = *tls::NewCertificateAuthority("next");
  server->Renew(next, "server");
  client->Renew(next, "after");
  // Old and new do not know each other: only when both ends read their files again is there an answer under the new
  // name.
  do {
    reply = co_await ask(client->files);
  } while (!reply.ok() || reply->logical_cluster_json() != "after");
}

TEST_CASE("Certificates that change on disk are used by new connections", "[rpc]") {
  atoll::testing::TempDir directory;
  Member server_member(directory.path() + "/server"), client_member(directory.path() + "/client");
  CHECK_THAT(std::string(Check(server_member.files).message()), Catch::Contains("rpc.crt"));
  const tls::KeyPair ca = *tls::NewCertificateAuthority("first");
  server_member.Renew(ca, "server");
  client_member.Renew(ca, "before");
  CHECK(Check(server_member.files).ok());
  AsioLoop loop("test");
  loop.Start();
  AdminService service(loop);
  auto server = Server::Start({.files = server_member.files}, {&service});
  REQUIRE(server.ok());
  loop.RunBlocking(RenewalBody((*server)->port(), &server_member, &client_member));
  (*server)->Stop(absl::ZeroDuration());
}

struct Followed {
  std::vector<uint64_t> revisions;
  int connected = 0, disconnected = 0;
  absl::Status last;
  bool refuse = false;
  WakeUp moved;
};
Task<absl::Status> Take(Followed* followed, index::Batch batch) {
  co_await Yield();
  if (followed->refuse && followed->revisions.size() == 5) {
    followed->refuse = false;
    co_return absl::DataLossError("do not like it");
  }
  followed->revisions.push_back(batch.revision());
  followed->moved.Set();
  co_return absl::OkStatus();
}

using Follower = StreamFollower<index::WatchRequest, index::Batch>;
Follower::Options FollowOptions(std::shared_ptr<grpc::Channel> channel, Followed* followed) {
  std::shared_ptr<index::WorkspaceIndex::Stub> stub = index::WorkspaceIndex::NewStub(channel);
  return {
      .request =
          [followed] {
            index::WatchRequest request;
            request.set_after_revision(followed->revisions.empty() ? 0 : followed->revisions.back());
            return request;
          },
      .open = [stub](
                  grpc::ClientContext* context, const index::WatchRequest* request,
                  grpc::ClientReadReactor<index::Batch>* reactor) { stub->async()->Watch(context, request, reactor); },
      .on_message = [followed](index::Batch batch) { return Take(followed, std::move(batch)); },
      .on_connected = [followed] { ++followed->connected; },
      .on_disconnected =
          [followed](absl::Status why) {
            ++followed->disconnected;
            followed->last = why;
            followed->moved.Set();
          },
      .back_off = {.initial = absl::Milliseconds(1), .max = absl::Milliseconds(20)}};
}

Task<void> FollowBody(int port) {
  Followed followed;
  followed.refuse = true;
  Follower follower(*Loop::Current(), FollowOptions(ChannelTo(port), &followed));
  follower.Start();
  while (followed.revisions.size() < 250) co_await followed.moved.Wait();
  CHECK(followed.connected >= 3);
  co_await follower.Stop();
  CHECK(followed.connected == followed.disconnected);
  for (size_t i = 0; i < followed.revisions.size(); ++i) REQUIRE(followed.revisions[i] == i + 1);
}
TEST_CASE("A follower resumes where it was", "[rpc]") {
  AsioLoop loop("test");
  loop.Start();
  IndexService service(loop);
  auto server = StartServer(&service);
  loop.RunBlocking(FollowBody(server->port()));
  server->Stop(absl::ZeroDuration());
}

Task<void> StopBody(int port) {
  Followed followed;
  Follower follower(*Loop::Current(), FollowOptions(ChannelTo(port), &followed));
  follower.Start();
  while (followed.disconnected < 2) co_await followed.moved.Wait();
  CHECK(followed.connected == 0);
  CHECK(followed.last.code() == absl::StatusCode::kUnavailable);
  co_await follower.Stop();
}
TEST_CASE("A follower of nobody keeps trying and stops", "[rpc]") {
  AsioLoop loop("test");
  loop.Start();
  int port = 0;
  {
    IndexService service(loop);
    port = StartServer(&service)->port();  // free again
  }
  loop.RunBlocking(StopBody(port));
}

Task<void> SlowBody(int port, IndexService* service) {
  std::shared_ptr<index::WorkspaceIndex::Stub> stub = index::WorkspaceIndex::NewStub(ChannelTo(port));
  auto stream = OpenReads<index::Batch>(index::WatchRequest(), [stub](auto* context, auto* request, auto* reactor) {
    stub->async()->Watch(context, request, reactor);
  });
  CHECK(co_await stream->Connected());
  auto first = co_await stream->Next();
  REQUIRE(first.has_value());
  // Cancelling by destruction ends the server's coroutine, too; the test's server could not stop otherwise.
  stream.reset();
}
TEST_CASE("Dropping a stream cancels it", "[rpc]") {
  AsioLoop loop("test");
  loop.Start();
  IndexService service(loop);
  auto server = StartServer(&service);
  loop.RunBlocking(SlowBody(server->port(), &service));
  server->Stop(kLong);
  CHECK(service.written <= 100);
}

// --- Bidirectional ---

class ReplicationService final : public replication::Replication::CallbackService {
 public:
  explicit ReplicationService(Loop& loop) : loop_(loop) {}
  grpc::ServerBidiReactor<replication::PublishBatch, replication::PublishAck>* Publish(
      grpc::CallbackServerContext*) override {
    return ServeBidi<replication::PublishBatch, replication::PublishAck>(loop_,
                                                                         [](auto stream) { return Serve(stream); });
  }

 private:
  static Task<absl::Status> Serve(
      std::shared_ptr<ServerBidi<replication::PublishBatch, replication::PublishAck>> stream) {
    while (true) {
      auto batch = co_await stream->Read();
      if (!batch) co_return absl::OkStatus();
      if (batch->revision() == 666) co_return absl::FailedPreconditionError("evil");
      replication::PublishAck ack;
      ack.set_revision(batch->revision());
      absl::Status status = co_await stream->Write(std::move(ack));
      CO_RETURN_IF_ERROR(status);
    }
  }
  Loop& loop_;
};

replication::PublishBatch BatchAt(uint64_t revision) {
  replication::PublishBatch batch;
  batch.set_revision(revision);
  return batch;
}

Task<void> BidiBody(int port) {
  std::shared_ptr<replication::Replication::Stub> stub = replication::Replication::NewStub(ChannelTo(port));
  auto open = [stub](auto* context, auto* reactor) { stub->async()->Publish(context, reactor); };
  auto stream = OpenBidi<replication::PublishBatch, replication::PublishAck>(open);
  CHECK(co_await stream->Connected());
  for (uint64_t r = 1; r <= 100; ++r) {
    CHECK(co_await stream->Write(BatchAt(r)));
    auto ack = co_await stream->Next();
    REQUIRE(ack.has_value());
    CHECK(ack->revision() == r);
  }
  stream->WritesDone();
  auto end = co_await stream->Next();
  CHECK_FALSE(end.has_value());
  absl::Status status = co_await stream->Finish();
  CHECK(status.ok());

  auto refused = OpenBidi<replication::PublishBatch, replication::PublishAck>(open);
  CHECK(co_await refused->Write(BatchAt(666)));
  end = co_await refused->Next();
  CHECK_FALSE(end.has_value());
  status = co_await refused->Finish();
  CHECK(status == absl::FailedPreconditionError("evil"));

  auto dropped = OpenBidi<replication::PublishBatch, replication::PublishAck>(open);
  CHECK(co_await dropped->Write(BatchAt(1)));
}
TEST_CASE("Bidirectional streams", "[rpc]") {
  AsioLoop loop("test");
  loop.Start();
  ReplicationService service(loop);
  auto server = StartServer(&service);
  loop.RunBlocking(BidiBody(server->port()));
  server->Stop(kLong);
}

}  // namespace
}  // namespace atoll::rpc
