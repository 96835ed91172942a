#include "common/http/codec/h1_writer.h"

#include "common/base/strings.h"
#include "common/http/codec/fields.h"

namespace atoll::http::h1 {
namespace {

void AppendFields(const Headers& headers, const Framing& framing, std::string* out) {
  for (const auto& [name, value] : headers.fields()) {
    if (IsConnectionField(name) || name == "content-length" || name == "host") continue;
    out->append(name).append(": ").append(value).append("\r\n");
  }
  if (framing.content_length) StrAppend(out, "content-length: ", *framing.content_length, "\r\n");
  if (framing.chunked) out->append("transfer-encoding: chunked\r\n");
  if (framing.close) out->append("connection: close\r\n");
  out->append("\r\n");
}

}  // namespace

void AppendResponseHead(int status, const Headers& headers, const Framing& framing, std::string* out) {
  StrAppend(out, "HTTP/1.1 ", status, " ", ReasonPhrase(status), "\r\n");
  AppendFields(headers, framing, out);
}

void AppendRequestHead(std::string_view method, std::string_view target, std::string_view authority,
                       const Headers& headers, const Framing& framing, std::string* out) {
  StrAppend(out, method, " ", target, " HTTP/1.1\r\nhost: ", authority, "\r\n");
  AppendFields(headers, framing, out);
}

void AppendChunk(std::string_view bytes, std::string* out) {
  if (bytes.empty()) return;
  StrAppend(out, absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
}

void AppendLastChunk(std::string* out) { out->append("0\r\n\r\n"); }

}  // namespace atoll::http::h1
