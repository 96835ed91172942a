// The opening handshake of a WebSocket (RFC 6455 section 4), as Kubernetes answers it (spec/api-machinery.md 4.1).
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.h"

namespace atoll::http::websocket {

// A bearer token as a sub-protocol's name, for browsers, which cannot set headers: `<prefix><token in base64url>`.
inline constexpr std::string_view kTokenProtocolPrefix = "base64url.bearer.authorization.k8s.io.";

// The peer asks for a WebSocket, well or badly.
inline bool Wanted(const Request& request) { return request.upgrade == "websocket"; }

// The sub-protocols that the peer offers, in order.
std::vector<std::string_view> OfferedProtocols(const Headers& headers);

struct Answer {
  int status = 101;  // else the refusal: `headers` and `text` are its answer
  Headers headers;   // 101: for ResponseWriter::Upgrade
  std::string text;
};

// Refused: 400 for a malformed request or more than one sub-protocol (tokens apart: nobody here could choose), 403 for
// a missing or malformed Origin. A token is never repeated to the peer.
Answer Accept(const Request& request);

}  // namespace atoll::http::websocket
