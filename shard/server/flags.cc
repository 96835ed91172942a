#include "shard/server/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "common/api/duration.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::shard {
namespace {

// Gates that clients of the reference set; a name that is none of them is refused. WorkspaceAuthentication can be
// switched off; the others have no effect here.
const std::set<std::string>& KnownGates() {
  static const std::set<std::string> gates = {"WorkspaceMounts",
                                              "CacheAPIs",
                                              "EnableDeprecatedAPIExportVirtualWorkspacesUrls",
                                              "WorkspaceAuthentication",
                                              "LogicalClusterMigration",
                                              "StorageVersionAPI",
                                              "APIResponseCompression",
                                              "ConsistentListFromCache",
                                              "ListFromCacheSnapshot",
                                              "OpenAPIEnums",
                                              "StreamingCollectionEncodingToJSON",
                                              "StreamingCollectionEncodingToProtobuf",
                                              "WatchList",
                                              "LoggingBetaOptions",
                                              "ContextualLogging",
                                              "DRAExtendedResource",
                                              "SizeBasedListCostEstimate",
                                              "UnknownVersionInteroperabilityProxy",
                                              "WatchCacheInitializationPostStartHook"};
  return gates;
}

// Leaves `out` alone when nothing was given.
absl::Status ReadDuration(std::string_view flag, const std::string& text, absl::Duration* out) {
  if (text.empty()) return absl::OkStatus();
  auto duration = api::ParseGoDuration(text);
  if (!duration.ok()) return absl::InvalidArgumentError(StrCat(flag, ": ", ToStd(duration.status().message())));
  if (*duration < absl::ZeroDuration()) return absl::InvalidArgumentError(StrCat(flag, ": must not be negative"));
  *out = *duration;
  return absl::OkStatus();
}

std::string Joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) StrAppend(&text, text.empty() ? "" : ", ", word);
  return text;
}

}  // namespace

void BindFlags(CLI::App* app, Options* o, FlagValues* v) {
  app->add_option("--root-directory", o->root_directory, "Where data, keys and kubeconfigs live; created when missing")
      ->capture_default_str();
  app->add_option("--shard-name", o->shard_name, "Name of this shard; `root` holds the root workspace")
      ->capture_default_str();
  app->add_option("--bind-address", o->bind_address, "IP address to listen on")->capture_default_str();
  app->add_option("--secure-port", o->secure_port, "Port to serve HTTPS on")->capture_default_str();
  app->add_option("--external-hostname", o->external_hostname, "Host name in the URLs this shard states");
  app->add_option("--shard-base-url", o->shard_base_url,
                  "URL at which the front-proxy and other shards reach this one");
  app->add_option("--shard-external-url", o->shard_external_url,
                  "URL that clients use, prefix of every workspace's URL");
  app->add_option("--shard-virtual-workspace-url", o->shard_virtual_workspace_url,
                  "URL of this shard's virtual workspaces");
  app->add_option("--region", o->region, "Label `region` of this shard and of the workspaces on it");
  app->add_option("--tls-cert-file", o->tls_cert_file, "Serving certificate; made when missing");
  app->add_option("--tls-private-key-file", o->tls_private_key_file, "Key of the serving certificate");
  app->add_option("--root-ca-file", o->root_ca_file,
                  "Authority of the serving certificate, for kube-root-ca.crt; the certificate itself by default");
  app->add_option("--client-ca-file", o->client_ca_file, "Authority of client certificates; made when missing");
  app->add_option("--requestheader-client-ca-file", o->requestheader_client_ca_file,
                  "Authority of front-proxies that may state identities");
  app->add_option("--requestheader-allowed-names", o->requestheader_allowed_names,
                  "Common names of such front-proxies; empty allows all")
      ->delimiter(',');
  app->add_option("--token-auth-file", o->token_auth_file, "CSV file of token,user,uid,\"groups\"");
  app->add_option("--service-account-key-file,--service-account-private-key-file,--service-account-signing-key-file",
                  o->service_account_key_file, "Key that signs service account tokens; made when missing");
  app->add_option("--service-account-issuer", o->service_account_issuer, "Issuer of service account tokens")
      ->capture_default_str();
  app->add_option("--service-account-jwks-uri", o->service_account_jwks_uri,
                  "URL of the keys that the issuer's discovery document names; on this server by default");
  app->add_option("--service-account-lookup", o->service_account_lookup,
                  "Whether tokens are refused once their account or Secret is gone")
      ->capture_default_str();
  app->add_option("--service-account-max-token-expiration", v->token_lifetime_max,
                  "Longest life of a requested token, as 24h; unlimited by default");
  app->add_option("--api-audiences", o->api_audiences, "Audiences of tokens for this API; the issuer by default")
      ->delimiter(',');
  app->add_option("--event-ttl", v->event_ttl, "How long Events are kept after their last change")
      ->default_str("1h0m0s");
  app->add_option("--anonymous-auth", o->anonymous_auth,
                  "Whether requests without credentials are anonymous instead of refused")
      ->capture_default_str();
  app->add_option("--enable-home-workspaces", o->home_workspaces,
                  "Every user of these groups gets a workspace of their own, made when it is first asked for");
  app->add_option("--home-workspaces-home-creator-groups", o->home_creator_groups,
                  "Groups that may create home workspaces")
      ->delimiter(',');
  app->add_option("--kubeconfig-path", o->kubeconfig_path,
                  "Where to write the admin kubeconfig; <root-directory>/admin.kubeconfig by default");
  app->add_option("--batteries-included", v->batteries,
                  "admin, workspace-types; a list, or +name/-name to change the default")
      ->delimiter(',');
  app->add_option("--feature-gates", v->feature_gates,
                  Cat("Name=true|false, several with commas. WorkspaceAuthentication is on unless switched off; "
                      "without effect are the others of: ",
                      Joined(KnownGates())))
      ->delimiter(',');
  app->add_option("--rpc-port", o->rpc_port, "Port for gRPC between processes; 0 picks a free one")
      ->capture_default_str();
  app->add_option("--rpc-cert-file", o->rpc_cert_file,
                  "Certificate for gRPC between processes, for both ends; turns gRPC on");
  app->add_option("--rpc-key-file", o->rpc_key_file, "Key of --rpc-cert-file");
  app->add_option("--rpc-ca-file", o->rpc_ca_file, "Authority of the other processes' gRPC certificates");
  app->add_option("--cache-address", o->cache_address, "host:port of the cache-server's gRPC");
  app->add_option("--root-shard-rpc-address", o->root_shard_rpc_address,
                  "host:port of the root shard's gRPC; for the other shards");
  BindLimitFlags(app, &o->limits);
  BindAuditFlags(app, &o->audit);
  BindAuthenticationFlags(app, o);
  app->add_option("--io-threads", o->loops, "I/O threads")->capture_default_str();
  app->add_option(
         "--store-log-bytes", o->store_log_bytes,
         "Bytes of changes kept for watches that come back; what lies further back, or over an hour, is 410 Gone")
      ->check(CLI::Range(size_t{1} << 20, size_t{1} << 40))
      ->capture_default_str();
  app->add_option("-v,--v", v->verbosity, "Log verbosity: 4 and above is debug")->capture_default_str();
}

void BindIgnoredFlags(CLI::App* app, std::vector<std::string>* warnings) {
  for (const char* name :
       {"--embedded-etcd-client-port", "--embedded-etcd-peer-port", "--embedded-etcd-wal-size-bytes",
        "--embedded-etcd-directory", "--embedded-etcd-quota-backend-bytes", "--embedded-etcd-listen-metrics-urls",
        "--embedded-etcd-force-new-cluster", "--etcd-servers", "--etcd-prefix", "--etcd-cafile", "--etcd-certfile",
        "--etcd-keyfile", "--storage-backend", "--watch-cache"}) {
    app->add_option_function<std::string>(
           name,
           [name, warnings](const std::string&) {
             warnings->push_back(StrCat(name, " has no effect here and is ignored"));
           },
           "Accepted for compatibility; no effect")
        ->group("Compatibility");
  }
}

absl::Status Finish(const FlagValues& v, Options* o, std::vector<std::string>* warnings) {
  RETURN_IF_ERROR(ReadDuration("--service-account-max-token-expiration", v.token_lifetime_max,
                               &o->service_account_token_lifetime_max));
  RETURN_IF_ERROR(ReadDuration("--event-ttl", v.event_ttl, &o->event_ttl));
  std::set<std::string> batteries = {"admin", "workspace-types"};
  const auto changes = std::count_if(v.batteries.begin(), v.batteries.end(),
                                     [](const std::string& b) { return b.starts_with('+') || b.starts_with('-'); });
  if (changes != 0 && changes != static_cast<std::ptrdiff_t>(v.batteries.size())) {
    return absl::InvalidArgumentError("--batteries-included must all be prefixed with + or - or none");
  }
  if (!v.batteries.empty() && changes == 0) batteries.clear();
  for (const std::string& b : v.batteries) {
    const std::string name = changes != 0 ? b.substr(1) : b;
    if (name != "admin" && name != "workspace-types" && name != "user" && name != "metrics-viewer")
      return absl::InvalidArgumentError(StrCat("unknown battery: ", name));
    if (name == "user" || name == "metrics-viewer")
      warnings->push_back(StrCat("battery ", name, " is not there yet and is ignored"));
    if (b.starts_with('-')) {
      batteries.erase(name);
    } else {
      batteries.insert(name);
    }
  }
  o->write_kubeconfig = batteries.contains("admin");
  o->workspace_types = batteries.contains("workspace-types");
  for (const std::string& gate : v.feature_gates) {
    const size_t eq = gate.find('=');
    const std::string name = gate.substr(0, eq), value = eq == std::string::npos ? "" : gate.substr(eq + 1);
    if (!KnownGates().contains(name))
      return absl::InvalidArgumentError(StrCat("--feature-gates: unrecognized feature gate: ", name));
    if (value != "true" && value != "false")
      return absl::InvalidArgumentError(
          StrCat("--feature-gates: ", gate, ": must be ", name, "=true or ", name, "=false"));
    o->feature_gates[name] = value == "true";
  }
  o->rpc_listen = !o->rpc_cert_file.empty();
  return o->Validate();
}

}  // namespace atoll::shard
