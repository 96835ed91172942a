// What a shard is told: one struct, filled from flags (flags.h) or by `atoll start`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/audit/options.h"
#include "common/auth/authn/admin_tokens/admin_tokens.h"
#include "common/auth/authn/jwt_issuer/config.h"
#include "common/tls/context.h"
#include "shard/endpoints/limits.h"

namespace atoll::shard {

struct Options {
  std::string root_directory = ".atoll";
  std::string shard_name = "root";
  std::string bind_address = "127.0.0.1";
  int secure_port = 6443;
  std::string external_hostname;  // host in URLs; the bind address, or localhost for 0.0.0.0, when empty
  std::string shard_base_url, shard_external_url, shard_virtual_workspace_url;  // https://host:port when empty
  std::string region;

  std::string tls_cert_file, tls_private_key_file;  // made below the root directory when empty
  std::string root_ca_file;    // what kube-root-ca.crt says; the authority of the serving certificate
  std::string client_ca_file;  // <root>/client-ca.crt when empty, made with its key
  std::string requestheader_client_ca_file;
  std::vector<std::string> requestheader_allowed_names;
  std::string token_auth_file;
  std::string service_account_key_file;  // <root>/sa.key when empty
  std::string service_account_issuer = "https://kcp.default.svc";
  std::string service_account_jwks_uri;  // <external URL>/openid/v1/jwks when empty
  bool service_account_lookup = true;    // tokens of deleted accounts and Secrets are refused
  absl::Duration service_account_token_lifetime_max = absl::ZeroDuration();  // zero: no limit
  std::string authentication_config_file;  // OpenID providers, anonymous access; followed
  auth::OidcFlags oidc;                    // one provider, instead of the file's
  std::vector<std::string> api_audiences;  // the issuer when empty
  absl::Duration event_ttl = absl::Hours(1);
  bool anonymous_auth = true;
  bool home_workspaces = true;
  std::vector<std::string> home_creator_groups = {"system:authenticated"};
  std::string kubeconfig_path;   // <root>/admin.kubeconfig when empty
  bool write_kubeconfig = true;  // battery admin
  bool workspace_types = true;   // battery workspace-types
  std::map<std::string, bool> feature_gates;

  // Fleet. Without rpc_listen the shard stands alone.
  bool rpc_listen = false;
  int rpc_port = 0;
  std::string rpc_cert_file, rpc_key_file, rpc_ca_file;
  std::string cache_address;           // host:port of the cache-server's gRPC
  std::string root_shard_rpc_address;  // of the root shard; for the others

  endpoints::Limits limits;
  audit::Options audit;

  int loops = 2;  // I/O threads
  std::string storage_engine = "rocksdb";
  size_t store_log_bytes = 512u << 20;  // changes kept for watches that come back
  bool controllers = true;

  // Errors name the flag.
  absl::Status Validate() const;
};

}  // namespace atoll::shard
