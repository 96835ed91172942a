#include "common/auth/authn/jwt_issuer/key_source.h"

#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/config/client_config.h"
#include "common/http/client.h"
#include "common/json/parse.h"
#include "common/log/log.h"
#include "common/loop/sync.h"
#include "common/tls/context.h"

namespace atoll::auth {
namespace {

constexpr size_t kDiscoveryBytesMax = 64 * 1024, kKeysBytesMax = 512 * 1024;
constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";

// Cancels what is being read when the time is over.
struct Deadline {
  http::Body* body = nullptr;
  bool over = false;
};

}  // namespace

struct KeySource::Impl : std::enable_shared_from_this<KeySource::Impl> {
  Impl(const JwtIssuerConfig& config, Loop& l, Options o)
      : issuer(config.url), algorithms(config.algorithms), loop(l), options(o) {
    if (config.discovery_url.empty()) {
      discovery = issuer;
      while (discovery.ends_with('/')) discovery.pop_back();
      discovery += kWellKnown;
    } else {
      discovery = config.discovery_url;
    }
  }

  Task<absl::StatusOr<json::Value>> Get(http::Client& client, std::string url, size_t bytes_max, Deadline& deadline) {
    auto parsed = config::ParseHttpsUrl(url);
    if (!parsed.ok()) co_return absl::InvalidArgumentError(StrCat(url, ": ", ToStd(parsed.status().message())));
    http::ClientRequest request;
    request.target = parsed->path.empty() ? "/" : parsed->path;
    request.headers.Add("accept", "application/json");
    request.header_timeout = options.timeout;
    auto answer = co_await client.Do({.host = parsed->host, .port = parsed->port, .server_name = "", .tls = tls},
                                     std::move(request));
    if (!answer.ok()) co_return answer.status();
    if (answer->status != 200) co_return absl::UnavailableError(StrCat(url, " answered ", answer->status));
    if (deadline.over) co_return absl::DeadlineExceededError(StrCat(url, " takes too long"));
    deadline.body = answer->body.get();
    auto body = co_await answer->body->ReadAll(bytes_max);
    deadline.body = nullptr;
    if (!body.ok()) co_return body.status();
    auto document = json::Parse(*body, {.depth_max = 16});
    if (!document.ok()) co_return absl::InvalidArgumentError(StrCat(url, " answered no JSON"));
    co_return document;
  }

  Task<absl::StatusOr<Keys>> Read(http::Client& client, Deadline& deadline) {
    CO_ASSIGN_OR_RETURN(const json::Value document, co_await Get(client, discovery, kDiscoveryBytesMax, deadline));
    if (document.StringAt({"issuer"}) != issuer)
      co_return absl::InvalidArgumentError(
          StrCat("the discovery document is of another issuer, \"", document.StringAt({"issuer"}), "\""));
    std::string keys_url(document.StringAt({"jwks_uri"}));
    CO_ASSIGN_OR_RETURN(const json::Value jwks, co_await Get(client, std::move(keys_url), kKeysBytesMax, deadline));
    CO_ASSIGN_OR_RETURN(Keys keys, JwtVerifier::FromJwks(jwks, algorithms));
    co_return keys;
  }

  // On the loop.
  static Task<void> Fetch(std::shared_ptr<Impl> self) {
    auto client = http::NewClient(self->loop);
    auto deadline = std::make_shared<Deadline>();
    const Loop::TimerId timer = self->loop.After(self->options.timeout, [deadline] {
      deadline->over = true;
      if (deadline->body != nullptr) deadline->body->Cancel();
    });
    auto keys = co_await self->Read(*client, *deadline);
    self->loop.Cancel(timer);
    client->Close();
    if (!keys.ok()) {
      LOG_WARNING("authentication", "the keys of an issuer cannot be fetched",
                  {{"issuer", self->issuer}, {"error", ToStd(keys.status().message())}});
    }
    std::vector<Completion<bool>> waiting;
    {
      absl::MutexLock lock(&self->mutex);
      if (keys.ok()) {
        self->keys = *std::move(keys);
        self->fetched_at = self->loop.clock().Monotonic();
      }
      self->fetching = false;
      waiting.swap(self->waiting);
    }
    for (const auto& one : waiting) one.Set(true);
  }

  // Starts a fetch unless one runs or was made too recently. True when `done` will be set.
  bool Ask(const Completion<bool>* done) {
    bool start = false;
    {
      absl::MutexLock lock(&mutex);
      const absl::Duration now = loop.clock().Monotonic();
      if (!fetching) {
        if (asked && now - asked_at < options.pause) return false;
        asked = fetching = start = true;
        asked_at = now;
      }
      if (done != nullptr) {
        if (waiting.size() >= options.waiting_max) return false;
        waiting.push_back(*done);
      }
    }
    if (start) loop.Spawn(Fetch(shared_from_this()));
    return true;
  }

  Keys Current() {
    bool old = false;
    Keys out;
    {
      absl::MutexLock lock(&mutex);
      out = keys;
      old = keys != nullptr && loop.clock().Monotonic() - fetched_at > options.refresh;
    }
    if (old) (void)Ask(nullptr);
    return out;
  }

  const std::string issuer;
  const std::vector<std::string> algorithms;
  Loop& loop;
  const Options options;
  std::string discovery;
  std::shared_ptr<tls::ClientContext> tls;

  absl::Mutex mutex;
  Keys keys ABSL_GUARDED_BY(mutex);
  absl::Duration fetched_at ABSL_GUARDED_BY(mutex);
  bool asked ABSL_GUARDED_BY(mutex) = false, fetching ABSL_GUARDED_BY(mutex) = false;
  absl::Duration asked_at ABSL_GUARDED_BY(mutex);
  std::vector<Completion<bool>> waiting ABSL_GUARDED_BY(mutex);
};

absl::StatusOr<std::unique_ptr<KeySource>> KeySource::Create(const JwtIssuerConfig& config, Loop& loop,
                                                             Options options) {
  auto impl = std::make_shared<Impl>(config, loop, options);
  if (config.ca_pem.empty()) {
    // One for all issuers: the system's roots are a file of hundreds, and a context that holds them megabytes.
    static const auto& system_roots =
        *new absl::StatusOr<std::shared_ptr<tls::ClientContext>>(tls::ClientContext::CreateWithSystemRoots());
    ASSIGN_OR_RETURN(impl->tls, system_roots);
  } else {
    ASSIGN_OR_RETURN(impl->tls, tls::ClientContext::Create(config.ca_pem));
  }
  return std::unique_ptr<KeySource>(new KeySource(std::move(impl)));
}

KeySource::KeySource(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeySource::~KeySource() = default;

KeySource::Keys KeySource::Current() const { return impl_->Current(); }

Task<KeySource::Keys> KeySource::Fresh() {
  const std::shared_ptr<Impl> self = impl_;
  Completion<bool> done;
  if (self->Ask(&done)) (void)co_await done.Wait();
  co_return self->Current();
}

}  // namespace atoll::auth
