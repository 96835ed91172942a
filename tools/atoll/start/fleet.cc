#include "tools/atoll/start/fleet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <filesystem>

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/config/kubeconfig.h"
#include "common/config/pki.h"
#include "common/config/root_directory.h"
#include "common/http/client.h"
#include "common/log/log.h"
#include "common/loop/asio_loop.h"
#include "tools/atoll/start/children.h"

namespace atoll::cli {
namespace {

// A port that nobody listens on now.
// Draws ports for the children. What was drawn is held until all are: else the kernel may give one twice.
// `dir/kcp.audit` of shard-1 is `dir/kcp-shard-1.audit`.
std::string OfShard(const std::string& file, const std::string& shard) {
  const std::filesystem::path path(file);
  return (path.parent_path() / StrCat(path.stem().string(), "-", shard, path.extension().string())).string();
}

class FreePorts {
 public:
  FreePorts() = default;
  FreePorts(const FreePorts&) = delete;
  FreePorts& operator=(const FreePorts&) = delete;
  ~FreePorts() {
    for (int fd : held_) close(fd);
  }

  // A free one; with `wanted` that one, which is then given to nobody else.
  absl::StatusOr<int> Draw(const std::string& address, int wanted = 0) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) held_.push_back(fd);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(static_cast<uint16_t>(wanted));
    inet_pton(AF_INET, address.c_str(), &in.sin_addr);
    socklen_t size = sizeof(in);
    if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&in), size) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&in), &size) != 0) {
      return absl::UnavailableError(StrCat("no free port on ", address));
    }
    return ntohs(in.sin_port);
  }

 private:
  std::vector<int> held_;
};

// The folder of this binary: the others lie beside it.
std::string OwnFolder() {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
  return n <= 0 ? "." : std::filesystem::path(std::string(path, static_cast<size_t>(n))).parent_path().string();
}

struct Process {
  std::string name;
  int port = 0, rpc_port = 0;
  std::string directory;
};

class FleetRunner {
 public:
  explicit FleetRunner(const FleetOptions& o)
      : o_(o), address_(o.common.bind_address == "0.0.0.0" ? "127.0.0.1" : o.common.bind_address) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(root_, config::RootDirectory::Open(o_.common.root_directory));
    RETURN_IF_ERROR(Prepare());
    Children children(root_->File("pids.json"));
    RETURN_IF_ERROR(WriteKubeconfigs());
    RETURN_IF_ERROR(StartAll(&children));
    Greet();
    Supervise(&children);
    children.Stop(absl::Seconds(4));
    return absl::OkStatus();
  }

 private:
  absl::Status Prepare() {
    pki_ = std::make_unique<config::Pki>(root_->path());
    for (const char* ca : {"serving-ca", "client-ca", "requestheader-ca", "rpc-ca"})
      RETURN_IF_ERROR(pki_->Authority(ca).status());
    RETURN_IF_ERROR(pki_->ServiceAccountKey().status());
    RETURN_IF_ERROR(pki_->Certificate("serving-ca", "apiserver", config::ServerNames("atoll", address_)).status());
    RETURN_IF_ERROR(
        pki_->Certificate("requestheader-ca", "front-proxy-client", config::ClientSubject("kcp-front-proxy", {}))
            .status());
    tls::LeafOptions both = config::ServerNames("atoll", address_);
    both.client = true;
    RETURN_IF_ERROR(pki_->Certificate("rpc-ca", "rpc", both).status());

    front_.name = "front-proxy";
    front_.port = o_.common.secure_port;
    cache_.name = "cache-server";
    FreePorts ports;
    // The front-proxy itself says so when its port is taken.
    if (front_.port != 0) (void)ports.Draw(address_, front_.port);
    ASSIGN_OR_RETURN(cache_.port, ports.Draw(address_));
    ASSIGN_OR_RETURN(cache_.rpc_port, ports.Draw(address_));
    cache_.directory = root_->File("cache");
    RETURN_IF_ERROR(MakeDirectories(cache_.directory, 0700));
    for (int i = 0; i < o_.shards; ++i) {
      Process shard;
      shard.name = i == 0 ? "root" : StrCat("shard-", i);
      ASSIGN_OR_RETURN(shard.port, ports.Draw(address_));
      ASSIGN_OR_RETURN(shard.rpc_port, ports.Draw(address_));
      shard.directory = StrCat(root_->path(), "/shards/", shard.name);
      RETURN_IF_ERROR(MakeDirectories(shard.directory, 0700));
      // A shard publishes under its own name (proto/replication).
      tls::LeafOptions names = both;
      names.subject.common_name = StrCat("shard-", shard.name);
      RETURN_IF_ERROR(pki_->Certificate("rpc-ca", RpcPair(shard), names).status());
      shards_.push_back(std::move(shard));
    }
    return absl::OkStatus();
  }

  std::string Url(int port) const { return StrCat("https://", address_, ":", port); }
  std::string Rpc(const Process& p) const { return StrCat(address_, ":", p.rpc_port); }
  std::string File(std::string_view name) const { return root_->File(name); }

  static std::string RpcPair(const Process& shard) { return StrCat("rpc-", shard.name); }
  std::vector<std::string> RpcFlags(const std::string& pair) const {
    return {"--rpc-cert-file",   File(pair + ".crt"), "--rpc-key-file",
            File(pair + ".key"), "--rpc-ca-file",     File("rpc-ca.crt")};
  }

  absl::Status StartAll(Children* children) {
    const std::string bin = OwnFolder();
    auto start = [&](const Process& p, std::vector<std::string> arguments, const std::string& pair) -> absl::Status {
      for (std::string& f : RpcFlags(pair)) arguments.push_back(std::move(f));
      RETURN_IF_ERROR(children->Start(p.name, std::move(arguments)));
      return WaitReady(children, p);
    };
    RETURN_IF_ERROR(start(cache_,
                          {bin + "/atoll-cache-server", "--root-directory", cache_.directory, "--bind-address",
                           address_, "--secure-port", StrCat(cache_.port), "--rpc-port", StrCat(cache_.rpc_port),
                           "--tls-cert-file", File("apiserver.crt"), "--tls-private-key-file", File("apiserver.key")},
                          "rpc"));
    for (const Process& s : shards_) {
      std::vector<std::string> a = {bin + "/atoll-shard",
                                    "--root-directory",
                                    s.directory,
                                    "--shard-name",
                                    s.name,
                                    "--bind-address",
                                    address_,
                                    "--secure-port",
                                    StrCat(s.port),
                                    "--rpc-port",
                                    StrCat(s.rpc_port),
                                    "--shard-base-url",
                                    Url(s.port),
                                    "--shard-external-url",
                                    Url(front_.port),
                                    "--shard-virtual-workspace-url",
                                    Url(s.port),
                                    "--tls-cert-file",
                                    File("apiserver.crt"),
                                    "--tls-private-key-file",
                                    File("apiserver.key"),
                                    "--root-ca-file",
                                    File("serving-ca.crt"),
                                    "--client-ca-file",
                                    File("client-ca.crt"),
                                    "--requestheader-client-ca-file",
                                    File("requestheader-ca.crt"),
                                    "--requestheader-allowed-names",
                                    "kcp-front-proxy",
                                    "--service-account-key-file",
                                    File("sa.key"),
                                    "--cache-address",
                                    Rpc(cache_),
                                    "--root-shard-rpc-address",
                                    Rpc(shards_[0]),
                                    "--batteries-included=-admin",
                                    "--io-threads",
                                    "1"};
      a.insert(a.end(), o_.shard_arguments.begin(), o_.shard_arguments.end());
      // One file a shard: they are written and rotated independently.
      if (const std::string& log = o_.common.audit.log_path; !log.empty())
        a.push_back(StrCat("--audit-log-path=", log == "-" ? log : OfShard(log, s.name)));
      RETURN_IF_ERROR(start(s, std::move(a), RpcPair(s)));
    }
    std::vector<std::string> a = {bin + "/atoll-front-proxy",
                                  "--root-directory",
                                  root_->File("front-proxy"),
                                  "--bind-address",
                                  o_.common.bind_address,
                                  "--secure-port",
                                  StrCat(front_.port),
                                  "--tls-cert-file",
                                  File("apiserver.crt"),
                                  "--tls-private-key-file",
                                  File("apiserver.key"),
                                  "--client-ca-file",
                                  File("client-ca.crt"),
                                  "--proxy-client-cert-file",
                                  File("front-proxy-client.crt"),
                                  "--proxy-client-key-file",
                                  File("front-proxy-client.key"),
                                  "--shard-ca-file",
                                  File("serving-ca.crt"),
                                  "--cache-address",
                                  Rpc(cache_)};
    for (const Process& s : shards_) {
      a.push_back("--shard");
      a.push_back(StrCat(s.name, "=", Url(s.port), ",", Rpc(s)));
    }
    return start(front_, std::move(a), "rpc");
  }

  // GET /readyz until it answers 200; gives up when the process ends.
  absl::Status WaitReady(Children* children, const Process& p) {
    ASSIGN_OR_RETURN(std::string ca, ReadFile(File("serving-ca.crt")));
    ASSIGN_OR_RETURN(std::shared_ptr<tls::ClientContext> context, tls::ClientContext::Create(ca));
    AsioLoop loop("start");
    loop.Start();
    absl::Status result;
    loop.RunBlocking([](FleetRunner* self, Loop* loop, Children* children, const Process* p,
                        std::shared_ptr<tls::ClientContext> context, absl::Status* out) -> Task<void> {
      auto client = http::NewClient(*loop);
      const absl::Duration deadline = loop->clock().Monotonic() + absl::Seconds(60);
      for (;;) {
        http::ClientRequest request;
        request.target = "/readyz";
        request.header_timeout = absl::Seconds(2);
        auto response = co_await client->Do({self->address_, p->port, "", context}, std::move(request));
        if (response.ok() && response->status == 200) break;
        if (std::string how = children->Ended(p->name); !how.empty()) {
          *out = absl::UnavailableError(StrCat(p->name, " did not start (", how, "); see its messages above"));
          break;
        }
        if (loop->clock().Monotonic() > deadline) {
          *out = absl::DeadlineExceededError(StrCat(p->name, " is not ready after 60 seconds"));
          break;
        }
        co_await atoll::SleepFor(absl::Milliseconds(10));
      }
      client->Close();
    }(this, &loop, children, &p, context, &result));
    return result;
  }

  absl::StatusOr<config::KubeconfigUser> Admin(const std::string& name, std::vector<std::string> groups) {
    ASSIGN_OR_RETURN(tls::KeyPair pair,
                     pki_->Certificate("client-ca", name, config::ClientSubject(name, std::move(groups))));
    return config::KubeconfigUser{name, "", pair.certificate_pem, pair.key_pem};
  }

  absl::Status WriteKubeconfigs() {
    config::Kubeconfig k;
    ASSIGN_OR_RETURN(k.ca_pem, ReadFile(File("serving-ca.crt")));
    ASSIGN_OR_RETURN(config::KubeconfigUser kcp_admin, Admin("kcp-admin", {"system:kcp:admin"}));
    ASSIGN_OR_RETURN(config::KubeconfigUser shard_admin, Admin("shard-admin", {"system:masters"}));
    for (const Process& s : shards_) {
      config::Kubeconfig own;
      own.ca_pem = k.ca_pem;
      own.clusters = {{"base", Url(s.port)}};
      own.users = {shard_admin};
      own.contexts = {{"shard-base", "base", "shard-admin"}};
      own.current_context = "shard-base";
      RETURN_IF_ERROR(config::Write(own, s.directory + "/admin.kubeconfig"));
    }
    const std::string front = Url(front_.port), root_shard = Url(shards_[0].port);
    k.clusters = {{"base", front},
                  {"root", front + "/clusters/root"},
                  {"shard-base", root_shard},
                  {"system:admin", root_shard + "/clusters/system:admin"}};
    k.users = {kcp_admin, shard_admin};
    k.contexts = {{"base", "base", "kcp-admin"},
                  {"root", "root", "kcp-admin"},
                  {"shard-base", "shard-base", "shard-admin"},
                  {"system:admin", "system:admin", "shard-admin"}};
    k.current_context = "root";
    return config::Write(k, o_.common.kubeconfig_path.empty() ? File("admin.kubeconfig") : o_.common.kubeconfig_path);
  }

  void Greet() const {
    const std::string kubeconfig =
        o_.common.kubeconfig_path.empty() ? File("admin.kubeconfig") : o_.common.kubeconfig_path;
    std::printf("front-proxy    %s\n", Url(front_.port).c_str());
    for (const Process& s : shards_) std::printf("shard %-8s %s\n", s.name.c_str(), Url(s.port).c_str());
    std::printf("cache-server   %s (health and metrics)\n\n", Url(cache_.port).c_str());
    std::printf(
        "  export KUBECONFIG=%s\n  export PATH=%s:$PATH\n  kubectl ws create my-org --type organization --enter\n  "
        "kubectl ws tree\n\nCtrl-C stops all of it.\n",
        kubeconfig.c_str(), OwnFolder().c_str());
    std::fflush(stdout);
  }

  static void Supervise(Children* children) {
    sigset_t signals;
    sigemptyset(&signals);
    for (int s : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&signals, s);
    for (;;) {
      const absl::Duration next = children->Tend(SystemClock().Monotonic());
      const timespec wait = absl::ToTimespec(next);
      const int signal_number = sigtimedwait(&signals, nullptr, &wait);
      if (signal_number == SIGTERM || signal_number == SIGINT) return;
    }
  }

  const FleetOptions& o_;
  const std::string address_;
  std::unique_ptr<config::RootDirectory> root_;
  std::unique_ptr<config::Pki> pki_;
  Process front_, cache_;
  std::vector<Process> shards_;
};

}  // namespace

absl::Status RunFleet(const FleetOptions& options) { return FleetRunner(options).Run(); }

}  // namespace atoll::cli
