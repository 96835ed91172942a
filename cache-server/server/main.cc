#include <CLI/CLI.hpp>

#include "cache-server/server/server.h"
#include "common/base/file.h"
#include "common/config/root_directory.h"
#include "common/log/log.h"

int main(int argc, char** argv) {
  using namespace atoll;
  cache_server::Options options;
  std::string tls_cert, tls_key, rpc_cert, rpc_key, rpc_ca;
  bool json = false;
  CLI::App app("Keeps what all shards of a fleet must know, and hands it on.", "atoll-cache-server");
  app.add_option("--root-directory", options.root_directory, "Where the database lives; made when it is missing")
      ->capture_default_str();
  app.add_option("--bind-address", options.bind_address, "Address that both servers listen on")->capture_default_str();
  app.add_option("--secure-port", options.secure_port, "HTTPS port for health and metrics; 0 picks a free one")
      ->capture_default_str();
  app.add_option("--tls-cert-file", tls_cert, "PEM certificate of the HTTPS server, leaf first")->required();
  app.add_option("--tls-private-key-file", tls_key, "PEM key of --tls-cert-file")->required();
  app.add_option("--rpc-port", options.rpc_port, "gRPC port for shards and front-proxies; 0 picks a free one")
      ->capture_default_str();
  app.add_option("--rpc-cert-file", rpc_cert, "PEM certificate of the gRPC server")->required();
  app.add_option("--rpc-key-file", rpc_key, "PEM key of --rpc-cert-file")->required();
  app.add_option("--rpc-ca-file", rpc_ca, "PEM authority that callers' certificates must come from")->required();
  app.add_flag("--log-json", json, "Log one JSON object a line");
  CLI11_PARSE(app, argc, argv);
  log::Init({.json = json, .process = "cache-server"});

  auto fail = [](const absl::Status& status) {
    LOG_ERROR("cache-server", "cannot start",
              {{"error", std::string(status.message().data(), status.message().size())}});
    log::Flush();
    return 1;
  };
  for (auto [file, into] :
       {std::pair{&tls_cert, &options.serving.certificate_pem}, {&tls_key, &options.serving.key_pem}}) {
    auto content = ReadFile(*file);
    if (!content.ok()) return fail(content.status());
    *into = *std::move(content);
  }
  options.rpc_files = rpc::CertificateFiles{.certificate = rpc_cert, .key = rpc_key, .ca = rpc_ca};
  auto root = config::RootDirectory::Open(options.root_directory);
  if (!root.ok()) return fail(root.status());
  return cache_server::RunCacheServer(std::move(options));
}
