#include "tools/atoll/ws/connection.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "common/api/errors.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::cli {
namespace {

// `<member>-data` in base64, or else the file that `<member>` names; "" when there is neither.
absl::StatusOr<std::string> Pem(const json::Value& entry, std::string_view member, std::string_view directory) {
  const std::string_view data = entry.StringAt({StrCat(member, "-data")});
  if (!data.empty()) {
    std::string pem;
    if (!absl::Base64Unescape(ToAbsl(data), &pem)) {
      return absl::InvalidArgumentError(StrCat(member, "-data in the kubeconfig is not base64"));
    }
    return pem;
  }
  const std::string_view file = entry.StringAt({member});
  if (file.empty()) return std::string();
  return ReadFile(FromDirectory(file, directory));
}

absl::Status ReadUser(const Kubeconfig& kubeconfig, std::string_view name, Connection* out) {
  const json::Value* user = kubeconfig.User(name);
  if (user == nullptr) {
    return absl::InvalidArgumentError(StrCat("auth info ", api::GoQuote(name), " does not exist"));
  }
  for (std::string_view member : {"exec", "auth-provider"}) {
    const json::Value* plugin = user->Find(member);
    if (plugin == nullptr || plugin->is_null()) continue;
    return absl::FailedPreconditionError(StrCat("user ", api::GoQuote(name), " authenticates through ", member,
                                                " in the kubeconfig, which this command does not run: give a token "
                                                "with --token, or a user that has a token or a client certificate"));
  }
  const std::string directory = kubeconfig.UserDirectory(name);
  ASSIGN_OR_RETURN(out->client_certificate_pem, Pem(*user, "client-certificate", directory));
  ASSIGN_OR_RETURN(out->client_key_pem, Pem(*user, "client-key", directory));
  std::string token(user->StringAt({"token"}));
  if (const std::string_view file = user->StringAt({"tokenFile"}); !file.empty()) {
    ASSIGN_OR_RETURN(std::string text, ReadFile(FromDirectory(file, directory)));
    token = std::string(absl::StripAsciiWhitespace(text));
  }
  if (!token.empty()) {
    out->authorization = StrCat("Bearer ", token);
  } else if (const std::string_view login = user->StringAt({"username"}); !login.empty()) {
    out->authorization = StrCat("Basic ", absl::Base64Escape(StrCat(login, ":", user->StringAt({"password"}))));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ServerOf(const Kubeconfig& kubeconfig, const ConnectionFlags& flags) {
  const std::string& context_name = kubeconfig.current_context();
  const json::Value* context = kubeconfig.Context(context_name);
  if (context == nullptr && !context_name.empty()) {
    return absl::InvalidArgumentError(StrCat("context ", api::GoQuote(context_name), " does not exist"));
  }
  if (!flags.server.empty()) return flags.server;
  const std::string_view cluster_name = context == nullptr ? "" : context->StringAt({"cluster"});
  if (const json::Value* cluster = kubeconfig.Cluster(cluster_name)) return std::string(cluster->StringAt({"server"}));
  if (cluster_name.empty()) {
    return absl::InvalidArgumentError(
        "invalid configuration: no configuration has been provided, try setting KUBECONFIG");
  }
  return absl::InvalidArgumentError(StrCat("cluster ", api::GoQuote(cluster_name), " does not exist"));
}

absl::StatusOr<Connection> ConnectionOf(const Kubeconfig& kubeconfig, const ConnectionFlags& flags) {
  Connection out;
  ASSIGN_OR_RETURN(out.server, ServerOf(kubeconfig, flags));
  const json::Value* context = kubeconfig.Context(kubeconfig.current_context());
  const std::string_view cluster_name = context == nullptr ? "" : context->StringAt({"cluster"});
  const json::Value* cluster = kubeconfig.Cluster(cluster_name);
  if (cluster != nullptr) {
    if (!cluster->StringAt({"proxy-url"}).empty()) {
      return absl::FailedPreconditionError(StrCat("cluster ", api::GoQuote(cluster_name),
                                                  " is behind a proxy (proxy-url), "
                                                  "which this command does not speak to"));
    }
    out.server_name = cluster->StringAt({"tls-server-name"});
    out.insecure = cluster->BoolAt({"insecure-skip-tls-verify"});
    if (flags.certificate_authority.empty() && !flags.insecure) {
      ASSIGN_OR_RETURN(out.ca_pem, Pem(*cluster, "certificate-authority", kubeconfig.ClusterDirectory(cluster_name)));
    }
  }
  if (!flags.server_name.empty()) out.server_name = flags.server_name;
  if (flags.insecure) out.insecure = true;
  if (!flags.certificate_authority.empty()) {
    ASSIGN_OR_RETURN(out.ca_pem, ReadFile(flags.certificate_authority));
    out.insecure = false;
  }

  const std::string user(!flags.user.empty()  ? std::string_view(flags.user)
                         : context != nullptr ? context->StringAt({"user"})
                                              : std::string_view());
  if (!flags.token.empty()) {
    out.authorization = StrCat("Bearer ", flags.token);
  } else if (!user.empty()) {
    RETURN_IF_ERROR(ReadUser(kubeconfig, user, &out));
  }
  if (out.client_certificate_pem.empty() != out.client_key_pem.empty()) {
    return absl::InvalidArgumentError(
        StrCat("user ", api::GoQuote(user), " has only one of client-certificate and client-key"));
  }
  return out;
}

absl::StatusOr<ServerUrl> ParseServerUrl(std::string_view url) {
  const auto malformed = [&](std::string_view why) {
    return absl::InvalidArgumentError(StrCat("server URL ", api::GoQuote(url), ": ", why));
  };
  ServerUrl out;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    out.tls = false;
    out.port = 80;
  } else {
    return malformed("neither https nor http");
  }
  const size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) out.path = rest.substr(slash);
  while (out.path.ends_with('/')) out.path.pop_back();
  out.authority = authority;

  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return malformed("an address without its closing bracket");
    out.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const size_t colon = authority.find(':');
    out.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (out.host.empty() || out.host.find('@') != std::string::npos) return malformed("no host");
  if (!port.empty()) {
    if (port.front() != ':' || !absl::SimpleAtoi(ToAbsl(port.substr(1)), &out.port) || out.port < 1 ||
        out.port > 65535) {
      return malformed("not a port");
    }
  }
  return out;
}

}  // namespace atoll::cli
