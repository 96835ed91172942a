// HTTP/1.1 messages to bytes (RFC 9112). The caller has checked the fields (CheckFields) and decides the framing;
// framing fields among `headers` are not repeated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/message.h"

namespace atoll::http::h1 {

struct Framing {
  std::optional<uint64_t> content_length;
  bool chunked = false;  // neither: no body, or one that ends with the connection
  bool close = false;    // says `connection: close`
};

void AppendResponseHead(int status, const Headers& headers, const Framing& framing, std::string* out);
void AppendRequestHead(std::string_view method, std::string_view target, std::string_view authority,
                       const Headers& headers, const Framing& framing, std::string* out);
// One chunk; nothing for no bytes, which would end the body.
void AppendChunk(std::string_view bytes, std::string* out);
void AppendLastChunk(std::string* out);
// The room a chunk of `size_bytes` needs besides its bytes, at most.
inline constexpr size_t kChunkOverheadBytes = 20;

}  // namespace atoll::http::h1
