#include "shard/server/options.h"

#include "common/base/strings.h"

namespace atoll::shard {

absl::Status Options::Validate() const {
  auto invalid = [](std::string_view flag, std::string_view why) {
    return absl::InvalidArgumentError(StrCat(flag, ": ", why));
  };
  if (root_directory.empty()) return invalid("--root-directory", "must not be empty");
  if (secure_port < 0 || secure_port > 65535) return invalid("--secure-port", "must be a port, 0 to 65535");
  if (rpc_port < 0 || rpc_port > 65535) return invalid("--rpc-port", "must be a port, 0 to 65535");
  if (tls_cert_file.empty() != tls_private_key_file.empty())
    return invalid("--tls-cert-file", "goes with --tls-private-key-file");
  if (shard_name.empty()) return invalid("--shard-name", "must not be empty");
  if (shard_name != "root" && cache_address.empty())
    return invalid("--cache-address", "is required for non-root shards");
  if (shard_name != "root" && root_shard_rpc_address.empty())
    return invalid("--root-shard-rpc-address", "is required for non-root shards");
  if (loops < 1 || loops > 64) return invalid("--io-threads", "must be 1 to 64");
  if (rpc_listen && (rpc_cert_file.empty() || rpc_key_file.empty() || rpc_ca_file.empty())) {
    return invalid("--rpc-cert-file", "goes with --rpc-key-file and --rpc-ca-file");
  }
  absl::Status valid = audit.Validate();
  return valid.ok() ? limits.Validate() : valid;
}

}  // namespace atoll::shard
