// The Client over common/http, on a loop of its own.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/api/errors.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/http/client.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/loop/asio_loop.h"
#include "common/loop/sync.h"
#include "common/tls/context.h"
#include "tools/atoll/ws/client.h"
#include "tools/atoll/ws/connection.h"

namespace atoll::cli {
namespace {

constexpr size_t kAnswerBytesMax = size_t{256} << 20;
constexpr size_t kEventBytesMax = size_t{16} << 20;
constexpr size_t kAtOnceMax = 32;
constexpr int kTriesMax = 10;
constexpr absl::Duration kRetryAfterMax = absl::Seconds(30);
constexpr char kUserAgent[] = "atoll-ws";

// Where systems keep the authorities they trust.
constexpr const char* kSystemAuthorities[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                              "/etc/ssl/cert.pem"};

absl::StatusOr<std::string> SystemAuthorities() {
  if (const char* file = ::getenv("SSL_CERT_FILE"); file != nullptr) return ReadFile(file);
  for (const char* file : kSystemAuthorities) {
    auto pem = ReadFile(file);
    if (pem.ok()) return pem;
  }
  return absl::NotFoundError("the kubeconfig names no certificate authority, and the system has no list of them");
}

// An answer's body: JSON, or its text where it is none.
json::Value ParseBody(const std::string& body) {
  auto parsed = json::Parse(body);
  return parsed.ok() ? *std::move(parsed) : json::Value();
}

absl::Status ErrorOf(int code, const std::string& body) {
  json::Value object = ParseBody(body);
  return object.StringAt({"kind"}) == "Status" ? api::FromStatusObject(object, code) : GenericError(code, body);
}

class HttpClient final : public Client {
 public:
  HttpClient(http::Origin origin, ServerUrl url, std::string authorization)
      : origin_(std::move(origin)), url_(std::move(url)), authorization_(std::move(authorization)), loop_("atoll-ws") {
    loop_.Start();
    client_ = http::NewClient(loop_);
  }
  ~HttpClient() override { loop_.RunBlocking(End()); }

  absl::StatusOr<json::Value> Get(std::string_view target) override {
    absl::StatusOr<json::Value> out;
    loop_.RunBlocking(Ask("GET", std::string(target), "", &out));
    return out;
  }

  absl::StatusOr<json::Value> Post(std::string_view target, const json::Value& body) override {
    absl::StatusOr<json::Value> out;
    loop_.RunBlocking(Ask("POST", std::string(target), json::Write(body), &out));
    return out;
  }

  std::vector<absl::StatusOr<json::Value>> GetAll(const std::vector<std::string>& targets) override {
    std::vector<absl::StatusOr<json::Value>> out(targets.size());
    loop_.RunBlocking(AskAll(targets, &out));
    return out;
  }

  absl::Status Watch(std::string_view target, absl::Duration limit,
                     const std::function<bool(const json::Value& event)>& on_event) override {
    absl::Status out;
    loop_.RunBlocking(WatchFor(std::string(target), limit, on_event, &out));
    return out;
  }

 private:
  http::ClientRequest NewRequest(std::string method, std::string target, std::string body) const {
    http::ClientRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers.Set("host", url_.authority);
    request.headers.Set("accept", "application/json");
    request.headers.Set("user-agent", kUserAgent);
    if (!authorization_.empty()) request.headers.Set("authorization", authorization_);
    if (!body.empty()) request.headers.Set("content-type", "application/json");
    request.body = std::move(body);
    return request;
  }

  absl::Status Unreached(const std::string& method, const std::string& target, const absl::Status& why) const {
    const std::string verb = method == "GET" ? "Get" : "Post";
    return absl::UnavailableError(
        StrCat(verb, " \"", url_.tls ? "https://" : "http://", url_.authority, target, "\": ", why.message()));
  }

  // Asks again where the server says when: it is busy, or (a home workspace) still at it.
  Task<void> Ask(std::string method, std::string target, std::string body, absl::StatusOr<json::Value>* out) {
    absl::StatusOr<http::ClientResponse> response;
    for (int tries = 1;; ++tries) {
      response = co_await client_->Do(origin_, NewRequest(method, target, body));
      if (!response.ok()) {
        *out = Unreached(method, target, response.status());
        co_return;
      }
      const bool busy = response->status == 429 || response->status >= 500;
      int seconds = 0;
      if (!busy || tries == kTriesMax || !absl::SimpleAtoi(ToAbsl(response->headers.Get("retry-after")), &seconds))
        break;
      co_await atoll::SleepFor(std::clamp(absl::Seconds(seconds), absl::ZeroDuration(), kRetryAfterMax));
    }
    auto text = co_await response->body->ReadAll(kAnswerBytesMax);
    if (!text.ok()) {
      *out = Unreached(method, target, text.status());
    } else if (response->status >= 200 && response->status < 300) {
      *out = json::Parse(*text);
    } else {
      *out = ErrorOf(response->status, *text);
    }
  }

  // Takes the next target until there is none.
  Task<void> AskSome(const std::vector<std::string>& targets, size_t* next,
                     std::vector<absl::StatusOr<json::Value>>* out) {
    while (*next < targets.size()) {
      const size_t i = (*next)++;
      co_await Ask("GET", targets[i], "", &(*out)[i]);
    }
  }

  Task<void> AskAll(const std::vector<std::string>& targets, std::vector<absl::StatusOr<json::Value>>* out) {
    TaskGroup group(loop_);
    size_t next = 0;
    for (size_t i = 0; i < std::min(kAtOnceMax, targets.size()); ++i) group.Spawn(AskSome(targets, &next, out));
    co_await group.Join();
  }

  // On an HTTP client of its own, whose closing is what ends a silent watch.
  Task<void> WatchFor(std::string target, absl::Duration limit,
                      const std::function<bool(const json::Value& event)>& on_event, absl::Status* out) {
    std::unique_ptr<http::Client> client = http::NewClient(loop_);
    bool late = false;
    const Loop::TimerId timer = loop_.After(limit, [&late, &client] {
      late = true;
      client->Close();
    });
    *out = co_await ReadEvents(*client, std::move(target), on_event);
    if (late) {
      *out = absl::DeadlineExceededError("context deadline exceeded");
    } else {
      loop_.Cancel(timer);
      client->Close();
    }
  }

  Task<absl::Status> ReadEvents(http::Client& client, std::string target,
                                const std::function<bool(const json::Value& event)>& on_event) {
    auto response = co_await client.Do(origin_, NewRequest("GET", target, ""));
    if (!response.ok()) co_return Unreached("GET", target, response.status());
    if (response->status != 200) {
      auto text = co_await response->body->ReadAll(kAnswerBytesMax);
      co_return ErrorOf(response->status, text.ok() ? *text : std::string());
    }
    std::string pending;
    while (true) {
      auto piece = co_await response->body->Next();
      if (!piece.ok()) co_return Unreached("GET", target, piece.status());
      if (piece->empty()) co_return absl::OkStatus();
      pending += *piece;
      if (pending.size() > kEventBytesMax) co_return absl::OutOfRangeError("a watch event is too long");
      for (size_t end; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1)) {
        CO_ASSIGN_OR_RETURN(const json::Value event, json::Parse(std::string_view(pending).substr(0, end)));
        if (event.StringAt({"type"}) == "ERROR") {
          const json::Value* object = event.Find("object");
          co_return object == nullptr ? absl::InternalError("the watch failed")
                                      : api::FromStatusObject(*object, static_cast<int>(object->IntAt({"code"}, 500)));
        }
        if (on_event(event)) co_return absl::OkStatus();
      }
    }
  }

  Task<void> End() {
    client_->Close();
    client_.reset();
    co_return;
  }

  const http::Origin origin_;
  const ServerUrl url_;
  const std::string authorization_;
  AsioLoop loop_;
  std::unique_ptr<http::Client> client_;  // loop-owned
};

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> NewHttpClient(const Connection& connection) {
  ASSIGN_OR_RETURN(ServerUrl url, ParseServerUrl(connection.server));
  http::Origin origin{.host = url.host, .port = url.port, .server_name = connection.server_name};
  if (url.tls) {
    const tls::KeyPair pair{connection.client_certificate_pem, connection.client_key_pem};
    const tls::KeyPair* shown = pair.key_pem.empty() ? nullptr : &pair;
    if (connection.insecure) {
      ASSIGN_OR_RETURN(origin.tls, tls::ClientContext::CreateUnverified(shown));
    } else {
      std::string ca_pem = connection.ca_pem;
      if (ca_pem.empty()) {
        ASSIGN_OR_RETURN(ca_pem, SystemAuthorities());
      }
      ASSIGN_OR_RETURN(origin.tls, tls::ClientContext::Create(ca_pem, shown));
    }
  }
  return std::make_unique<HttpClient>(std::move(origin), std::move(url), connection.authorization);
}

}  // namespace atoll::cli
