// How flags and Shard objects say where a shard is.
#include "absl/strings/numbers.h"
#include "common/base/strings.h"
#include "front-proxy/server/server.h"

namespace atoll::front_proxy {

bool ParseShardUrl(std::string_view url, http::Origin* origin) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return false;
  std::string_view authority = url.substr(kScheme.size());
  authority = authority.substr(0, authority.find_first_of("/?#"));
  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else if (const size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  int number = 443;
  if (!port.empty() && (!port.starts_with(':') || !absl::SimpleAtoi(ToAbsl(port.substr(1)), &number))) return false;
  if (host.empty() || host.find('@') != std::string_view::npos || number < 1 || number > 65535) return false;
  origin->host = std::string(host);
  origin->port = number;
  return true;
}

absl::Status ParseShardFlag(std::string_view flag, std::map<std::string, ShardAddress>* shards) {
  const size_t equals = flag.find('='), comma = flag.rfind(',');
  http::Origin ignored;
  if (equals == 0 || equals == std::string_view::npos || comma == std::string_view::npos || comma < equals ||
      comma + 1 == flag.size() || !ParseShardUrl(flag.substr(equals + 1, comma - equals - 1), &ignored)) {
    return absl::InvalidArgumentError(StrCat("--shard ", flag, ": expected name=https://host:port,rpc-host:port"));
  }
  (*shards)[std::string(flag.substr(0, equals))] = {
      .base_url = std::string(flag.substr(equals + 1, comma - equals - 1)),
      .rpc_address = std::string(flag.substr(comma + 1))};
  return absl::OkStatus();
}

}  // namespace atoll::front_proxy
