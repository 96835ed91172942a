#include <CLI/CLI.hpp>

#include "common/base/file.h"
#include "common/base/strings.h"
#include "common/config/root_directory.h"
#include "common/log/log.h"
#include "front-proxy/server/server.h"

int main(int argc, char** argv) {
  using namespace atoll;
  front_proxy::Options options;
  std::string tls_cert, tls_key, client_ca, proxy_cert, proxy_key, shard_ca, rpc_cert, rpc_key, rpc_ca;
  std::vector<std::string> shards;
  bool json = false;
  CLI::App app("The one address of a fleet: finds the shard that a workspace lives on, and forwards.",
               "atoll-front-proxy");
  app.add_option("--root-directory", options.root_directory, "Where the index is kept; made when it is missing")
      ->capture_default_str();
  app.add_option("--bind-address", options.bind_address, "Address to listen on")->capture_default_str();
  app.add_option("--secure-port", options.secure_port, "HTTPS port; 0 picks a free one")->capture_default_str();
  app.add_option("--loops", options.loops, "Threads that serve")->capture_default_str();
  app.add_option("--tls-cert-file", tls_cert, "PEM certificate of the server, leaf first")->required();
  app.add_option("--tls-private-key-file", tls_key, "PEM key of --tls-cert-file")->required();
  app.add_option("--client-ca-file", client_ca, "PEM authority of users' certificates")->required();
  app.add_option("--proxy-client-cert-file", proxy_cert, "PEM certificate with which shards let the proxy say who asks")
      ->required();
  app.add_option("--proxy-client-key-file", proxy_key, "PEM key of --proxy-client-cert-file")->required();
  app.add_option("--shard-ca-file", shard_ca, "PEM authority of the shards' server certificates")->required();
  app.add_option("--rpc-cert-file", rpc_cert, "PEM certificate towards the fleet's gRPC servers")->required();
  app.add_option("--rpc-key-file", rpc_key, "PEM key of --rpc-cert-file")->required();
  app.add_option("--rpc-ca-file", rpc_ca, "PEM authority of the fleet's gRPC servers")->required();
  app.add_option("--shard", shards, "A shard, as name=baseURL,rpcAddress; may be repeated");
  app.add_option("--cache-address", options.cache_address, "host:port of the cache-server's gRPC, to learn of shards");
  app.add_option("--authentication-pass-on-groups", options.group_filter.pass_on,
                 "Groups that reach the shards; prefix* is allowed. Default: all")
      ->delimiter(',');
  app.add_option("--authentication-drop-groups", options.group_filter.drop,
                 "Groups that never reach the shards; prefix* is allowed")
      ->delimiter(',')
      ->capture_default_str();
  app.add_flag("--log-json", json, "Log one JSON object a line");
  CLI11_PARSE(app, argc, argv);
  log::Init({.json = json, .process = "front-proxy"});

  auto fail = [](const absl::Status& status) {
    LOG_ERROR("front-proxy", "cannot start", {{"error", ToStd(status.message())}});
    log::Flush();
    return 1;
  };
  for (const std::string& shard : shards) {
    if (absl::Status parsed = front_proxy::ParseShardFlag(shard, &options.shards); !parsed.ok()) return fail(parsed);
  }
  for (auto [file, into] : {std::pair{&tls_cert, &options.serving.certificate_pem},
                            {&tls_key, &options.serving.key_pem},
                            {&client_ca, &options.client_ca_pem},
                            {&proxy_cert, &options.proxy_client.certificate_pem},
                            {&proxy_key, &options.proxy_client.key_pem},
                            {&shard_ca, &options.shard_ca_pem}}) {
    auto content = ReadFile(*file);
    if (!content.ok()) return fail(content.status());
    *into = *std::move(content);
  }
  options.serving_cert_file = tls_cert;
  options.serving_key_file = tls_key;
  options.rpc_files = rpc::CertificateFiles{.certificate = rpc_cert, .key = rpc_key, .ca = rpc_ca};
  if (absl::Status readable = rpc::Check(*options.rpc_files); !readable.ok()) return fail(readable);
  auto root = config::RootDirectory::Open(options.root_directory);
  if (!root.ok()) return fail(root.status());
  return front_proxy::RunFrontProxy(std::move(options));
}
