#include "tools/atoll/ws/use.h"

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "tools/atoll/ws/claims.h"

namespace atoll::cli {
namespace {

constexpr char kNoArgumentNote[] =
    "Note: 'kubectl ws' now matches 'cd' semantics: go to home workspace. 'kubectl ws -' to go back. 'kubectl ws .' to "
    "print current workspace.\n";
constexpr char kOldAbsoluteNote[] =
    "Note: Using 'root:' to define an absolute path is no longer supported. Instead, use ':root' to specify an "
    "absolute "
    "path.\n";

absl::Status NoContext(std::string_view name) {
  return absl::NotFoundError(StrCat("current ", api::GoQuote(name), " context not found"));
}

absl::Status NoCluster(std::string_view name) {
  return absl::NotFoundError(StrCat("cluster ", api::GoQuote(name), " not found in kubeconfig"));
}

json::Value WithCluster(json::Value context, std::string_view cluster) {
  context.object().Set("cluster", cluster);
  return context;
}

bool IsForbidden(const absl::Status& status) { return status.code() == absl::StatusCode::kPermissionDenied; }

// Discovery's errors are told by their code alone, as kubectl does.
absl::Status DiscoveryError(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return status;  // perhaps never reached
  return GenericError(api::HttpCode(status), ToStd(status.message()));
}

// Whether the user may enter: discovery lists something. Errors: what discovery answers, other than Forbidden.
absl::StatusOr<bool> MayEnter(Session& session, Client& client, std::string_view path) {
  auto answers = client.GetAll({session.Target(path, "/api"), session.Target(path, "/apis")});
  // Not every server has the core group.
  for (const auto& answer : answers) {
    if (IsForbidden(answer.status())) return false;
  }
  if (!answers[0].ok() && !api::IsNotFound(answers[0].status())) return DiscoveryError(answers[0].status());
  if (!answers[1].ok()) return DiscoveryError(answers[1].status());
  const auto lists_any = [](const absl::StatusOr<json::Value>& answer, std::string_view member) {
    const json::Value* list = answer.ok() ? answer->Find(member) : nullptr;
    return list != nullptr && list->is_array() && !list->array().empty();
  };
  return lists_any(answers[0], "versions") || lists_any(answers[1], "groups");
}

// The path of the user's home workspace.
absl::StatusOr<std::string> HomePath(Session& session, Client& client) {
  ASSIGN_OR_RETURN(const json::Value home, client.Get(session.Target("root", StrCat(kWorkspaces, "/~"))));
  const std::string_view url = home.StringAt({"spec", "URL"});
  const auto parsed = ParseWorkspaceUrl(url);
  if (!parsed) return absl::InvalidArgumentError(StrCat("invalid home workspace URL ", api::GoQuote(url)));
  return parsed->path;
}

// Looks whether the workspace at `path` can be entered, and yields its type, "" when it cannot be known. `written` is
// the path before its dots were resolved: a type is looked for under the name the user gave only.
absl::StatusOr<std::string> Enter(Session& session, Client& client, const std::string& path, std::string_view written) {
  ASSIGN_OR_RETURN(const bool may_enter, MayEnter(session, client, path));
  std::string type;
  bool not_found = false;
  const SplitPath split = Split(written);
  if (path == "root") {
    type = "root";
  } else if (!split.parent.empty() && split.name != "." && split.name != "..") {
    const SplitPath resolved = Split(path);
    auto workspace = client.Get(session.Target(resolved.parent, StrCat(kWorkspaces, "/", resolved.name)));
    if (workspace.ok()) type = TypeOf(*workspace);
    not_found = api::IsNotFound(workspace.status());
  }
  if (may_enter) return type;
  if (not_found) return absl::NotFoundError(StrCat("workspace ", api::GoQuote(path), " not found"));
  return absl::PermissionDeniedError(StrCat("access to workspace ", api::GoQuote(path), " denied"));
}

}  // namespace

std::string CurrentText(std::string_view server, std::string_view type, bool print_short) {
  const auto url = ParseWorkspaceUrl(server);
  if (!url) return print_short ? "" : StrCat("Current workspace is the URL ", api::GoQuote(server), ".\n");
  if (print_short) return StrCat(url->path, "\n");
  return StrCat("Current workspace is '", url->path, "'", type.empty() ? "" : StrCat(" (type ", type, ")"), ".\n");
}

absl::Status PrintCurrent(Session& session, bool print_short, Output output) {
  if (output == Output::kText) {
    session.streams.out << CurrentText(session.server(), "", print_short);
    return absl::OkStatus();
  }
  json::Object o;
  if (const auto url = ParseWorkspaceUrl(session.server())) o.Append("path", url->path);
  o.Append("server", session.server());
  session.streams.out << json::WriteIndented(json::Value(std::move(o))) << "\n";
  return absl::OkStatus();
}

absl::Status SwitchTo(Kubeconfig& kubeconfig, std::string_view server) {
  const std::string context_name = kubeconfig.current_context();
  const json::Value* context = kubeconfig.Context(context_name);
  if (context == nullptr) return NoContext(context_name);
  const json::Value old_context = *context;
  const std::string cluster_name(old_context.StringAt({"cluster"}));
  const auto old_cluster = kubeconfig.CopyCluster(cluster_name);
  if (!old_cluster) return NoCluster(cluster_name);

  json::Value cluster = *old_cluster;
  cluster.object().Set("server", server);
  kubeconfig.SetCluster(kCurrentContext, std::move(cluster));
  kubeconfig.SetContext(kCurrentContext, WithCluster(old_context, kCurrentContext));
  // The cluster that was just overwritten must outlive its context under another name.
  if (cluster_name == kCurrentContext) {
    kubeconfig.SetCluster(kPreviousContext, *old_cluster);
    kubeconfig.SetContext(kPreviousContext, WithCluster(old_context, kPreviousContext));
  } else {
    kubeconfig.SetContext(kPreviousContext, old_context);
  }
  kubeconfig.SetCurrentContext(kCurrentContext);
  return kubeconfig.Save();
}

absl::StatusOr<std::string> SwapWithPrevious(Kubeconfig& kubeconfig) {
  const json::Value* found = kubeconfig.Context(kubeconfig.current_context());
  if (found == nullptr) return NoContext(kubeconfig.current_context());
  json::Value current = *found;
  found = kubeconfig.Context(kPreviousContext);
  if (found == nullptr) return absl::NotFoundError("no previous workspace found in kubeconfig");
  json::Value previous = *found;

  const std::string current_cluster(current.StringAt({"cluster"})), previous_cluster(previous.StringAt({"cluster"}));
  const auto from_current = kubeconfig.CopyCluster(current_cluster);
  const auto from_previous = kubeconfig.CopyCluster(previous_cluster);
  if (!from_current) return NoCluster(current_cluster);
  if (!from_previous) return NoCluster(previous_cluster);
  if (current_cluster == kCurrentContext) {
    current = WithCluster(std::move(current), kPreviousContext);
    kubeconfig.SetCluster(kPreviousContext, *from_current);
  }
  if (previous_cluster == kPreviousContext) {
    previous = WithCluster(std::move(previous), kCurrentContext);
    kubeconfig.SetCluster(kCurrentContext, *from_previous);
  }
  kubeconfig.SetContext(kCurrentContext, std::move(previous));
  kubeconfig.SetContext(kPreviousContext, std::move(current));
  kubeconfig.SetCurrentContext(kCurrentContext);
  RETURN_IF_ERROR(kubeconfig.Save());
  return std::string(from_previous->StringAt({"server"}));
}

absl::Status Use(Session& session, std::string_view argument, bool print_short) {
  using Kind = Target::Kind;
  const Target target = ParseTarget(argument, session.home_directory);
  if (target.old_absolute && !print_short) session.streams.err << kOldAbsoluteNote;
  if (target.kind == Kind::kCurrent) return PrintCurrent(session, print_short, Output::kText);
  if (session.kubeconfig.Context(session.kubeconfig.current_context()) == nullptr) {
    return NoContext(session.kubeconfig.current_context());
  }

  std::string server, type;
  if (target.kind == Kind::kPrevious) {
    ASSIGN_OR_RETURN(server, SwapWithPrevious(session.kubeconfig));
  } else {
    ASSIGN_OR_RETURN(WorkspaceUrl url, session.Current());
    if (target.kind == Kind::kTop) {
      url.path = TopOf(url.path);
    } else {
      ASSIGN_OR_RETURN(Client * client, session.client());
      std::string written = target.path;
      if (target.kind == Kind::kRelative) written = StrCat(url.path, ":", target.path);
      if (target.kind == Kind::kHome) {
        ASSIGN_OR_RETURN(const std::string home, HomePath(session, *client));
        written = home + target.path;
      }
      ASSIGN_OR_RETURN(url.path, ResolveDots(written, "cannot go up from root"));
      if (!ParseWorkspaceUrl(url.str()))
        return absl::InvalidArgumentError(StrCat("invalid workspace path: ", argument));
      ASSIGN_OR_RETURN(type, Enter(session, *client, url.path, written));
    }
    server = url.str();
    RETURN_IF_ERROR(SwitchTo(session.kubeconfig, server));
  }

  // Nobody should miss the switch because of what follows.
  if (const auto entered = ParseWorkspaceUrl(server)) {
    absl::StatusOr<Client*> client = session.client();
    const absl::Status checked = client.ok() ? WarnOfOpenClaims(session, **client, entered->path) : client.status();
    if (!checked.ok()) session.streams.err << "error checking APIBindings: " << checked.message() << "\n";
  }
  session.streams.out << CurrentText(server, type, print_short);
  if (target.no_argument && !print_short) session.streams.err << kNoArgumentNote;
  return absl::OkStatus();
}

}  // namespace atoll::cli
