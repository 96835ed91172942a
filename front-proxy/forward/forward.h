// Forwarding: one request to a shard and its answer back, copied both ways one window at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/http/client.h"
#include "common/http/message.h"
#include "common/http/server.h"

namespace atoll::front_proxy {

struct ForwardTarget {
  http::Origin origin;
  std::string target;  // path and query for the shard
};

struct ForwardResult {
  int status = 0;              // answered to the client; 502 when the shard could not be reached
  uint64_t request_bytes = 0;  // of the request body
  uint64_t response_bytes = 0;
};

// Sends `request` (identity headers are stamped already) and answers `out`. A client that goes away resets the shard's
// stream; a shard that fails before it answered gives 502 with an empty body (spec/tenancy.md 4.3), later it ends the
// client's stream. A request for another protocol (a WebSocket) goes to the shard as an extended CONNECT (RFC 8441) of
// the pooled connection, and the client's connection is upgraded when the shard agrees. Repeats once, only when nothing
// of the request was sent.
Task<ForwardResult> Forward(http::Client& client, ForwardTarget target, http::Request request,
                            http::ResponseWriter& out);

// Headers that belong to one hop (RFC 9110 7.6.1), those that Connection names included.
void RemoveHopByHop(http::Headers* headers);

}  // namespace atoll::front_proxy
