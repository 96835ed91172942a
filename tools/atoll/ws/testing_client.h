// A server of canned answers and a kubeconfig in a temporary directory, for tests of commands.
#pragma once

#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/api/errors.h"
#include "common/base/check.h"
#include "common/base/file.h"
#include "common/json/parse.h"
#include "tools/atoll/ws/session.h"
#include "tools/atoll/ws/testing_directory.h"

namespace atoll::cli {

// Shared by the test and the client that a Session owns.
struct CannedServer {
  std::map<std::string, absl::StatusOr<json::Value>, std::less<>> gets;  // by target without its query
  absl::StatusOr<json::Value> post_answer = absl::InternalError("no post expected");
  std::vector<json::Value> events;  // of the watch
  absl::Status watch_answer;        // after the events
  std::vector<std::string> asked;   // `GET <target>`, in order
  json::Value posted;

  void Serve(const std::string& target, std::string_view text) {
    auto parsed = json::Parse(text);
    ATOLL_CHECK(parsed.ok());
    gets.insert_or_assign(target, *std::move(parsed));
  }
};

class CannedClient final : public Client {
 public:
  explicit CannedClient(std::shared_ptr<CannedServer> server) : server_(std::move(server)) {}
  absl::StatusOr<json::Value> Get(std::string_view target) override {
    server_->asked.push_back("GET " + std::string(target));
    auto it = server_->gets.find(target.substr(0, target.find('?')));
    if (it == server_->gets.end()) return api::ResourceNotFound();
    return it->second;
  }
  absl::StatusOr<json::Value> Post(std::string_view target, const json::Value& body) override {
    server_->asked.push_back("POST " + std::string(target));
    server_->posted = body;
    return server_->post_answer;
  }
  absl::Status Watch(std::string_view target, absl::Duration,
                     const std::function<bool(const json::Value& event)>& on_event) override {
    server_->asked.push_back("WATCH " + std::string(target));
    for (const json::Value& event : server_->events) {
      if (on_event(event)) return absl::OkStatus();
    }
    return server_->watch_answer;
  }

 private:
  const std::shared_ptr<CannedServer> server_;
};

inline constexpr char kTestKubeconfig[] = R"(apiVersion: v1
kind: Config
clusters:
- name: base
  cluster: {server: "https://h:6443/clusters/root:a", certificate-authority: ca.crt, unknown-field: kept}
contexts:
- name: base
  context: {cluster: base, user: joe, namespace: n1}
current-context: base
users:
- name: joe
  user: {token: secret}
)";

// One user at a terminal.
class Terminal {
 public:
  Terminal() { ATOLL_CHECK(WriteFileAtomic(file(), kTestKubeconfig).ok()); }

  std::string file() const { return directory_.File("config"); }
  // A fresh session, as every command has.
  Session NewSession() {
    auto kubeconfig = Kubeconfig::Load({{file()}, true});
    ATOLL_CHECK(kubeconfig.ok());
    std::string server_url(
        kubeconfig->Cluster(kubeconfig->Context(kubeconfig->current_context())->StringAt({"cluster"}))
            ->StringAt({"server"}));
    out.str("");
    err.str("");
    return Session(*std::move(kubeconfig), std::move(server_url), std::make_unique<CannedClient>(server), {out, err},
                   "/home/joe");
  }
  Kubeconfig Load() const {
    auto kubeconfig = Kubeconfig::Load({{file()}, true});
    ATOLL_CHECK(kubeconfig.ok());
    return *std::move(kubeconfig);
  }

  std::shared_ptr<CannedServer> server = std::make_shared<CannedServer>();
  std::ostringstream out, err;

 private:
  TestDirectory directory_;
};

}  // namespace atoll::cli
