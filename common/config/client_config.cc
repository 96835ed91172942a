#include "common/config/client_config.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/base/encoding.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/yaml.h"
#include "common/tls/context.h"

namespace atoll::config {
namespace {

absl::Status Bad(std::string_view field, std::string_view why) {
  return absl::InvalidArgumentError(StrCat(field, ": ", why));
}

// The entry of that name in a list of {name, <member>}; null when there is none.
const json::Value* Named(const json::Value& config, std::string_view list, std::string_view name,
                         std::string_view member) {
  const json::Value* entries = config.Find(list);
  if (entries == nullptr || !entries->is_array()) return nullptr;
  for (const json::Value& entry : entries->array()) {
    if (entry.StringAt({"name"}) == name) return entry.Find(member);
  }
  return nullptr;
}

// `<name>-data` in base64, or the file that `<name>` names; "" for neither.
absl::StatusOr<std::string> Content(const json::Value& from, std::string_view name, std::string_view field,
                                    const std::filesystem::path& folder) {
  const std::string data_name = StrCat(name, "-data");
  if (std::string_view data = from.StringAt({data_name}); !data.empty()) {
    auto decoded = Base64Decode(data);
    if (!decoded) return Bad(StrCat(field, ".", data_name), "must be base64");
    return *std::move(decoded);
  }
  const std::string_view file = from.StringAt({name});
  if (file.empty()) return std::string();
  return ReadFile((folder / std::string(file)).string());
}

}  // namespace

absl::StatusOr<HttpsUrl> ParseHttpsUrl(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return absl::InvalidArgumentError("must begin with https://");
  if (url.find_first_of("?#@\\ ") != std::string_view::npos)
    return absl::InvalidArgumentError("must have no user information, query, fragment or blank");
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f)
      return absl::InvalidArgumentError("must be printable ASCII");
  }
  url.remove_prefix(kScheme.size());
  const size_t slash = std::min(url.find('/'), url.size());
  std::string_view authority = url.substr(0, slash);
  HttpsUrl out{.host = "", .path = std::string(url.substr(slash))};
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return absl::InvalidArgumentError("must close the bracket of its host");
    out.host = std::string(authority.substr(1, end - 1));
    port = authority.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return absl::InvalidArgumentError("must have a port behind its host");
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    out.host = std::string(authority.substr(0, colon));
    port = authority.substr(colon);
  }
  if (out.host.empty()) return absl::InvalidArgumentError("must have a host");
  if (!port.empty() && (!absl::SimpleAtoi(ToAbsl(port.substr(1)), &out.port) || out.port < 1 || out.port > 65535)) {
    return absl::InvalidArgumentError("must have a port from 1 to 65535");
  }
  return out;
}

absl::StatusOr<ClientConfig> ReadClientConfig(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  ASSIGN_OR_RETURN(const json::Value config, json::ParseYaml(text));
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const std::string_view current = config.StringAt({"current-context"});
  const json::Value* context = Named(config, "contexts", current, "context");
  if (context == nullptr) return Bad("current-context", StrCat("no context is named \"", current, "\""));
  const std::string_view cluster_name = context->StringAt({"cluster"}), user_name = context->StringAt({"user"});
  const json::Value* cluster = Named(config, "clusters", cluster_name, "cluster");
  if (cluster == nullptr) return Bad("contexts", StrCat("no cluster is named \"", cluster_name, "\""));
  const std::string cluster_field = StrCat("clusters[", cluster_name, "].cluster");
  const std::string user_field = StrCat("users[", user_name, "].user");

  ClientConfig out;
  auto url = ParseHttpsUrl(cluster->StringAt({"server"}));
  if (!url.ok()) return Bad(StrCat(cluster_field, ".server"), ToStd(url.status().message()));
  out.host = url->host;
  out.port = url->port;
  out.path = url->path.empty() ? "/" : url->path;
  out.server_name = std::string(cluster->StringAt({"tls-server-name"}));

  tls::KeyPair pair;
  if (const json::Value* user = user_name.empty() ? nullptr : Named(config, "users", user_name, "user")) {
    for (std::string_view other : {"exec", "auth-provider", "username"}) {
      if (user->Find(other) != nullptr) return Bad(StrCat(user_field, ".", other), "is not supported here");
    }
    ASSIGN_OR_RETURN(pair.certificate_pem, Content(*user, "client-certificate", user_field, folder));
    ASSIGN_OR_RETURN(pair.key_pem, Content(*user, "client-key", user_field, folder));
    if (pair.certificate_pem.empty() != pair.key_pem.empty())
      return Bad(user_field, "client-certificate and client-key go together");
    out.token = std::string(user->StringAt({"token"}));
    if (const std::string_view token_file = user->StringAt({"tokenFile"}); out.token.empty() && !token_file.empty()) {
      ASSIGN_OR_RETURN(out.token, ReadFile((folder / std::string(token_file)).string()));
      while (!out.token.empty() && static_cast<unsigned char>(out.token.back()) <= ' ') out.token.pop_back();
    }
  } else if (!user_name.empty()) {
    return Bad("contexts", StrCat("no user is named \"", user_name, "\""));
  }
  const tls::KeyPair* client = pair.key_pem.empty() ? nullptr : &pair;
  if (cluster->BoolAt({"insecure-skip-tls-verify"})) {
    ASSIGN_OR_RETURN(out.tls, tls::ClientContext::CreateUnverified(client));
    return out;
  }
  ASSIGN_OR_RETURN(const std::string ca, Content(*cluster, "certificate-authority", cluster_field, folder));
  if (ca.empty()) return Bad(cluster_field, "certificate-authority or certificate-authority-data is required");
  ASSIGN_OR_RETURN(out.tls, tls::ClientContext::Create(ca, client));
  return out;
}

}  // namespace atoll::config
