#include "tools/atoll/ws/create_context.h"

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::cli {

absl::Status CreateContext(Session& session, const CreateContextOptions& options) {
  Kubeconfig& kubeconfig = session.kubeconfig;
  const std::string current = kubeconfig.current_context();
  const json::Value* found = kubeconfig.Context(current);
  if (found == nullptr) {
    return absl::NotFoundError(StrCat("current context ", api::GoQuote(current), " is not found in kubeconfig"));
  }
  json::Value context = *found;
  const std::string cluster_name(context.StringAt({"cluster"}));
  auto cluster = kubeconfig.CopyCluster(cluster_name);
  if (!cluster) {
    return absl::NotFoundError(StrCat("current cluster ", api::GoQuote(cluster_name), " is not found in kubeconfig"));
  }
  const std::string old_server(cluster->StringAt({"server"}));
  const auto url = ParseWorkspaceUrl(old_server);
  if (!url) {
    return absl::InvalidArgumentError(
        StrCat("current URL ", api::GoQuote(old_server), " does not point to a workspace"));
  }
  const std::string name = options.name.empty() ? url->path : options.name;
  const bool existed = kubeconfig.Context(name) != nullptr;
  if (existed && !options.overwrite) {
    return absl::AlreadyExistsError(
        StrCat("context ", api::GoQuote(name), " already exists in kubeconfig, use --overwrite to update it"));
  }

  if (!options.server.empty()) cluster->object().Set("server", options.server);
  kubeconfig.SetCluster(name, *std::move(cluster));
  context.object().Set("cluster", name);
  kubeconfig.SetContext(name, std::move(context));
  const bool switches = !options.keep_current && current != name;
  if (switches) kubeconfig.SetCurrentContext(name);
  RETURN_IF_ERROR(kubeconfig.Save());
  session.streams.out << (existed ? "Updated" : "Created") << " context " << api::GoQuote(name)
                      << (switches ? " and switched to it.\n" : ".\n");
  return absl::OkStatus();
}

}  // namespace atoll::cli
