#include "common/http/websocket/handshake.h"

#include <openssl/sha.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/base/encoding.h"
#include "common/base/strings.h"
#include "common/http/codec/fields.h"

namespace atoll::http::websocket {
namespace {

constexpr size_t kKeyBytes = 16;

// Section 4.2.2: proves that the request was read as a WebSocket's.
std::string AcceptOf(std::string_view key) {
  const std::string text = StrCat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return Base64Encode({reinterpret_cast<const char*>(digest), sizeof digest});
}

// `scheme://host`. Which origins are let in is not judged: credentials are never sent by a browser on its own.
bool IsOrigin(std::string_view origin) {
  const size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos || scheme == 0 || !IsToken(origin.substr(0, scheme))) return false;
  const std::string_view host = origin.substr(scheme + 3);
  return !host.empty() && host.find_first_of(" \"<>\\^`{|}") == std::string_view::npos;
}

Answer Refuse(int status, std::string text) {
  Answer answer{.status = status, .text = std::move(text)};
  answer.headers.Add("content-type", "text/plain; charset=utf-8");
  return answer;
}

}  // namespace

std::vector<std::string_view> OfferedProtocols(const Headers& headers) {
  std::vector<std::string_view> offered;
  for (std::string_view list : headers.GetAll("sec-websocket-protocol")) {
    for (absl::string_view name : absl::StrSplit(ToAbsl(list), ',')) {
      if (name = absl::StripAsciiWhitespace(name); !name.empty()) offered.push_back(ToStd(name));
    }
  }
  return offered;
}

Answer Accept(const Request& request) {
  const std::string_view version = request.headers.Get("sec-websocket-version");
  const std::string_view key = request.headers.Get("sec-websocket-key");
  Answer answer;
  // On HTTP/2 the stream itself says what the key proves (RFC 8441 section 5); a proxy passes it on.
  if (request.http_major == 1 || request.headers.Has("sec-websocket-key")) {
    auto bytes = Base64Decode(key);
    if (!bytes || bytes->size() != kKeyBytes) return Refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64\n");
    answer.headers.Add("sec-websocket-accept", AcceptOf(key));
  }
  if (version != "13") {
    Answer refusal = Refuse(400, "Sec-WebSocket-Version must be 13\n");
    refusal.headers.Add("sec-websocket-version", "13");
    return refusal;
  }
  if (!IsOrigin(request.headers.Get("origin"))) return Refuse(403, "");
  std::string_view protocol;
  for (std::string_view name : OfferedProtocols(request.headers)) {
    if (name.starts_with(kTokenProtocolPrefix)) continue;
    if (!protocol.empty() || !IsToken(name)) return Refuse(400, "offer one sub-protocol\n");
    protocol = name;
  }
  if (!protocol.empty()) answer.headers.Add("sec-websocket-protocol", protocol);
  return answer;
}

}  // namespace atoll::http::websocket
