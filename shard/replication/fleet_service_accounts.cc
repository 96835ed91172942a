#include "shard/replication/fleet_service_accounts.h"

#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/log/log.h"
#include "common/loop/sync.h"
#include "common/rpc/call.h"
#include "shard/replication/admin_stubs.h"

namespace atoll::replication {
namespace {

namespace pb = ::atoll::admin::v1;
using auth::BoundObject;
using Answer = absl::StatusOr<std::optional<BoundObject>>;

std::optional<BoundObject> FromReply(const pb::GetBoundObjectResponse& reply) {
  if (!reply.found()) return std::nullopt;
  BoundObject out;
  out.uid = reply.uid();
  if (reply.deleted_at_us() != 0) out.deleted_at = absl::FromUnixMicros(reply.deleted_at_us());
  if (reply.token_sha256().size() == sizeof(auth::SecretDigest::bytes)) {
    out.token.emplace();
    std::memcpy(out.token->bytes.data(), reply.token_sha256().data(), sizeof(auth::SecretDigest::bytes));
  }
  out.invalidated = reply.invalidated();
  out.last_used = reply.last_used();
  return out;
}

pb::GetBoundObjectRequest Request(pb::GetBoundObjectRequest::Kind kind, const LogicalClusterId& cluster, std::string ns,
                                  std::string name) {
  pb::GetBoundObjectRequest request;
  request.set_cluster(cluster.name());
  request.set_kind(kind);
  request.set_namespace_(std::move(ns));
  request.set_name(std::move(name));
  return request;
}

}  // namespace

// Held by every look-up under way.
struct FleetServiceAccounts::Impl {
  explicit Impl(Options o) : options(std::move(o)) {}
  using Self = std::shared_ptr<Impl>;

  struct Remembered {
    std::optional<BoundObject> object;
    absl::Duration until;
  };
  // One question to many shards; the first answer counts.
  struct Poll {
    std::optional<std::pair<std::string, std::optional<BoundObject>>> found;  // shard, what it said
    absl::Status failed;                                                      // of a shard that could not say
    size_t open = 0;
    WakeUp changed;
  };

  static Task<Answer> Ask(Self self, std::string shard, pb::GetBoundObjectRequest request) {
    CO_ASSIGN_OR_RETURN(AdminStubs::StubPtr stub, self->stubs.Of(shard));
    auto reply = co_await rpc::Call<pb::GetBoundObjectResponse>(
        std::move(request), self->options.timeout,
        [stub](auto* context, auto* in, auto* out, std::function<void(grpc::Status)> done) {
          stub->async()->GetBoundObject(context, in, out, std::move(done));
        });
    CO_RETURN_IF_ERROR(reply.status());
    co_return FromReply(*reply);
  }

  static Task<void> AskOne(Self self, std::string shard, pb::GetBoundObjectRequest request,
                           std::shared_ptr<Poll> poll) {
    Answer answer = co_await Ask(std::move(self), shard, std::move(request));
    --poll->open;
    if (answer.ok()) {
      if (!poll->found) poll->found.emplace(std::move(shard), *std::move(answer));
    } else if (!absl::IsNotFound(answer.status())) {
      poll->failed.Update(answer.status());
    }
    poll->changed.Set();
  }

  static Task<Answer> AskAll(Self self, pb::GetBoundObjectRequest request) {
    auto poll = std::make_shared<Poll>();
    for (const tenancy::ShardInfo& shard : self->options.catalog->Shards()) {
      if (shard.name == self->options.shard || shard.rpc_address.empty()) continue;
      ++poll->open;
      Loop::Current()->Spawn(AskOne(self, shard.name, request, poll));
    }
    while (!poll->found && poll->open > 0) co_await poll->changed.Wait();
    if (poll->found) {
      absl::MutexLock lock(&self->mutex);
      if (self->homes.size() >= self->options.entries_max) self->homes.clear();
      self->homes.insert_or_assign(request.cluster(), poll->found->first);
      co_return std::move(poll->found->second);
    }
    if (!poll->failed.ok()) co_return poll->failed;
    co_return std::optional<BoundObject>();  // no shard has the cluster
  }

  static Task<Answer> Remote(Self self, pb::GetBoundObjectRequest request) {
    const std::string key = StrCat(static_cast<int>(request.kind()), "|", request.cluster(), "|", request.namespace_(),
                                   "|", request.name());
    std::string home;
    {
      absl::MutexLock lock(&self->mutex);
      auto it = self->answers.find(key);
      if (it != self->answers.end() && self->options.clock->Monotonic() < it->second.until) co_return it->second.object;
      if (auto at = self->homes.find(request.cluster()); at != self->homes.end()) home = at->second;
    }
    Answer answer = absl::NotFoundError("its shard is not known");
    if (!home.empty()) answer = co_await Ask(self, home, request);
    if (absl::IsNotFound(answer.status())) answer = co_await AskAll(self, request);
    absl::MutexLock lock(&self->mutex);
    if (!answer.ok()) {
      self->homes.erase(request.cluster());  // the cluster may have moved
      LOG_WARNING("authentication", "a service account of another shard cannot be looked up",
                  {{"error", answer.status().ToString()}});
      co_return answer;
    }
    if (self->answers.size() >= self->options.entries_max) self->answers.clear();
    self->answers.insert_or_assign(key,
                                   Remembered{*answer, self->options.clock->Monotonic() + self->options.remembered});
    co_return answer;
  }

  const Options options;
  AdminStubs stubs{options.catalog, options.channel};
  absl::Mutex mutex;
  absl::flat_hash_map<std::string, Remembered> answers ABSL_GUARDED_BY(mutex);
  absl::flat_hash_map<std::string, std::string> homes ABSL_GUARDED_BY(mutex);  // cluster -> shard
};

FleetServiceAccounts::FleetServiceAccounts(Options options) : impl_(std::make_shared<Impl>(std::move(options))) {}
FleetServiceAccounts::~FleetServiceAccounts() = default;

Task<Answer> FleetServiceAccounts::ServiceAccount(LogicalClusterId cluster, std::string ns, std::string name) {
  if (impl_->options.is_local(cluster))
    return impl_->options.local->ServiceAccount(std::move(cluster), std::move(ns), std::move(name));
  return Impl::Remote(impl_,
                      Request(pb::GetBoundObjectRequest::SERVICE_ACCOUNT, cluster, std::move(ns), std::move(name)));
}

Task<Answer> FleetServiceAccounts::Secret(LogicalClusterId cluster, std::string ns, std::string name) {
  if (impl_->options.is_local(cluster))
    return impl_->options.local->Secret(std::move(cluster), std::move(ns), std::move(name));
  return Impl::Remote(impl_, Request(pb::GetBoundObjectRequest::SECRET, cluster, std::move(ns), std::move(name)));
}

Task<void> FleetServiceAccounts::NoteUse(LogicalClusterId cluster, std::string ns, std::string secret,
                                         std::string day) {
  const Impl::Self self = impl_;
  if (self->options.is_local(cluster)) {
    co_await self->options.local->NoteUse(std::move(cluster), std::move(ns), std::move(secret), std::move(day));
    co_return;
  }
  std::string home;
  {
    absl::MutexLock lock(&self->mutex);
    if (auto at = self->homes.find(cluster.name()); at != self->homes.end()) home = at->second;
  }
  auto stub = self->stubs.Of(home);
  if (!stub.ok()) co_return;
  pb::NoteTokenUseRequest request;
  request.set_cluster(cluster.name());
  request.set_namespace_(std::move(ns));
  request.set_secret(std::move(secret));
  request.set_day(std::move(day));
  (void)co_await rpc::Call<pb::NoteTokenUseResponse>(
      std::move(request), self->options.timeout,
      [stub = *stub](auto* context, auto* in, auto* out, std::function<void(grpc::Status)> done) {
        stub->async()->NoteTokenUse(context, in, out, std::move(done));
      });
}

}  // namespace atoll::replication
