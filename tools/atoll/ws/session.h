// What a command of `atoll ws` works with: the kubeconfig, the server it points to, and where to print.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/atoll/ws/client.h"
#include "tools/atoll/ws/connection.h"
#include "tools/atoll/ws/kubeconfig.h"
#include "tools/atoll/ws/paths.h"

namespace atoll::cli {

// Flags that every command takes.
struct GlobalFlags {
  std::string kubeconfig, context, workspace;
  ConnectionFlags connection;
};

struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// `kubectl`-wide names of the contexts and clusters that switching writes (spec/tenancy.md 7.2).
inline constexpr std::string_view kCurrentContext = "workspace.kcp.io/current";
inline constexpr std::string_view kPreviousContext = "workspace.kcp.io/previous";

// One per command; single-threaded.
class Session {
 public:
  // Errors: those of Kubeconfig::Load, ServerOf and ResolveWorkspaceFlag. Reads no credentials and connects to nothing
  // yet.
  static absl::StatusOr<Session> Open(const GlobalFlags& flags, const Environment& environment, Streams streams);
  // With a client of the caller's, for tests.
  Session(Kubeconfig kubeconfig, std::string server, std::unique_ptr<Client> client, Streams streams, std::string home)
      : kubeconfig(std::move(kubeconfig)),
        streams(streams),
        home_directory(std::move(home)),
        server_(std::move(server)),
        context_name_(this->kubeconfig.current_context()),
        client_(std::move(client)) {}

  // The URL of the workspace that commands work in: the context's, or what -w makes of it.
  const std::string& server() const { return server_; }
  // Errors: InvalidArgument, `current URL "..." does not point to a workspace`.
  absl::StatusOr<WorkspaceUrl> Current() const;
  // Made at first use, for the context that was current at the beginning. Errors: those of ConnectionOf and
  // NewHttpClient.
  absl::StatusOr<Client*> client();
  // A target for Client: `rest` begins with a slash (or is empty) and is below the workspace at `path`.
  std::string Target(std::string_view path, std::string_view rest) const;

  Kubeconfig kubeconfig;
  Streams streams;
  std::string home_directory;

 private:
  std::string server_;
  std::string context_name_;
  ConnectionFlags connection_flags_;
  std::unique_ptr<Client> client_;
};

inline constexpr std::string_view kWorkspaces = "/apis/tenancy.kcp.io/v1alpha1/workspaces";

// `root:organization`, as messages name a workspace's type; "" when it has none.
std::string TypeOf(const json::Value& workspace);

}  // namespace atoll::cli
