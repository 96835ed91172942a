#include "tools/atoll/ws/session.h"

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::cli {

absl::StatusOr<Session> Session::Open(const GlobalFlags& flags, const Environment& environment, Streams streams) {
  ASSIGN_OR_RETURN(Kubeconfig kubeconfig, Kubeconfig::Load(Kubeconfig::Locate(flags.kubeconfig, environment)));
  if (!flags.context.empty()) kubeconfig.OverrideCurrentContext(flags.context);
  ASSIGN_OR_RETURN(std::string server, ServerOf(kubeconfig, flags.connection));
  if (!flags.workspace.empty()) {
    auto url = ParseWorkspaceUrl(server);
    if (!url) {
      return absl::InvalidArgumentError(StrCat("current URL ", api::GoQuote(server), " does not point to a workspace"));
    }
    ASSIGN_OR_RETURN(url->path, ResolveWorkspaceFlag(flags.workspace, url->path));
    server = url->str();
  }
  Session out(std::move(kubeconfig), std::move(server), nullptr, streams, environment("HOME"));
  out.connection_flags_ = flags.connection;
  return out;
}

absl::StatusOr<WorkspaceUrl> Session::Current() const {
  auto url = ParseWorkspaceUrl(server());
  if (url) return *std::move(url);
  return absl::InvalidArgumentError(StrCat("current URL ", api::GoQuote(server()), " does not point to a workspace"));
}

absl::StatusOr<Client*> Session::client() {
  if (client_ == nullptr) {
    // A switch saved in between changes neither host nor credentials, but a copy spares this from depending on it.
    Kubeconfig as_begun = kubeconfig;
    as_begun.OverrideCurrentContext(context_name_);
    ASSIGN_OR_RETURN(Connection connection, ConnectionOf(as_begun, connection_flags_));
    connection.server = server_;
    ASSIGN_OR_RETURN(client_, NewHttpClient(connection));
  }
  return client_.get();
}

std::string Session::Target(std::string_view path, std::string_view rest) const {
  auto url = ParseServerUrl(server());
  std::string prefix = url.ok() ? url->path : "";
  prefix.resize(std::min(prefix.find("/clusters/"), prefix.size()));
  return StrCat(prefix, "/clusters/", path, rest);
}

std::string TypeOf(const json::Value& workspace) {
  const std::string_view path = workspace.StringAt({"spec", "type", "path"});
  const std::string_view name = workspace.StringAt({"spec", "type", "name"});
  return path.empty() ? std::string(name) : StrCat(path, ":", name);
}

}  // namespace atoll::cli
