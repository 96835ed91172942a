#include "shard/endpoints/respond.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "common/api/errors.h"
#include "common/api/protobuf/codec.h"
#include "common/base/check.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/json/yaml.h"
#include "shard/endpoints/audit/request_audit.h"
#include "shard/endpoints/indent.h"

namespace atoll::endpoints {
namespace {

constexpr size_t kWarningsBudget = 4096;
constexpr size_t kWarningCut = 256;

std::string WarningHeader(std::string_view text) {
  std::string out = "299 - \"";
  for (char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);  // a header holds no control characters
  }
  out.push_back('"');
  return out;
}

// The longest prefix of at most `bytes_max` that ends between characters.
std::string_view CutUtf8(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

struct Rendered {
  std::string_view content_type;
  std::string body;
};

// Compact JSON in the media type of the answer. What has no message leaves as JSON; negotiation keeps that from those
// who do not take it.
Rendered Render(const Representation& representation, std::string compact) {
  if (representation.media == Media::kProtobuf) {
    if (auto encoded = api::protobuf::EncodeObject(compact)) {
      return {ContentType(Media::kProtobuf), *std::move(encoded)};
    }
  } else if (representation.media == Media::kYaml) {
    if (auto value = json::Parse(compact); value.ok()) return {ContentType(Media::kYaml), json::WriteYaml(*value)};
  }
  if (representation.pretty) compact = IndentJson(compact);
  compact.push_back('\n');
  return {ContentType(Media::kJson), std::move(compact)};
}

}  // namespace

// Level 1: a list is written once and read once.
struct GzipStream {
  GzipStream() {
    // 15 + 16: the largest window, with a gzip header.
    CHECK(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~GzipStream() { deflateEnd(&z); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  std::string Deflate(std::string_view in, bool last) {
    std::string out;
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    z.avail_in = static_cast<uInt>(in.size());
    do {
      size_t used = out.size();
      out.resize(used + 64 * 1024);
      z.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      z.avail_out = 64 * 1024;
      deflate(&z, last ? Z_FINISH : Z_NO_FLUSH);
      out.resize(out.size() - z.avail_out);
    } while (z.avail_out == 0);
    return out;
  }

  z_stream z{};
};

struct JsonStream::Indent {
  JsonIndenter indenter;
};

std::vector<std::string> WarningHeaders(const std::vector<std::string>& warnings) {
  std::vector<std::string> headers;
  if (warnings.empty()) return headers;
  absl::flat_hash_set<std::string_view> seen;
  std::vector<std::string_view> unique;
  size_t total = 0;
  for (const std::string& w : warnings) {
    if (!seen.insert(w).second) continue;
    unique.push_back(w);
    total += w.size();
  }
  const bool cut = total > kWarningsBudget;
  size_t budget = kWarningsBudget;
  for (std::string_view w : unique) {
    if (cut) w = CutUtf8(w, kWarningCut);
    if (w.size() > budget) break;
    budget -= w.size();
    headers.push_back(WarningHeader(w));
  }
  return headers;
}

http::Headers CommonHeaders(const Call& call, std::string_view content_type) {
  http::Headers headers;
  headers.Add("audit-id", call.audit_id);
  headers.Add("cache-control", "no-cache, private");
  if (!content_type.empty()) headers.Add("content-type", content_type);
  if (!call.strict_transport.empty()) headers.Add("strict-transport-security", call.strict_transport);
  if (call.admitted) {
    // Present and empty: there are no FlowSchemas to name (spec/api-machinery.md 11.9).
    headers.Add("x-kubernetes-pf-flowschema-uid", "");
    headers.Add("x-kubernetes-pf-prioritylevel-uid", "");
  }
  for (const std::string& warning : WarningHeaders(call.warnings)) headers.Add("warning", warning);
  return headers;
}

Task<void> SendBytes(Call& call, int code, http::Headers headers, std::string body) {
  if (body.size() > kCompressFromBytes && AcceptsGzip(call.request.headers)) {
    headers.Set("content-encoding", "gzip");
    headers.Add("vary", "Accept-Encoding");
    call.response_bytes = body.size();
    JsonStream::Compress(&body);
  } else {
    call.response_bytes = body.size();
  }
  call.code = code;
  if (call.head()) body.clear();
  (void)co_await call.out.Send(code, std::move(headers), std::move(body));
}

Task<void> SendPieces(Call& call, http::Headers headers, std::vector<std::string> pieces) {
  size_t bytes = 0;
  for (const std::string& piece : pieces) bytes += piece.size();
  if (bytes < kStreamFromBytes || call.head()) {
    std::string body;
    body.reserve(bytes);
    for (std::string& piece : pieces) body += std::exchange(piece, {});
    co_return co_await SendBytes(call, 200, std::move(headers), std::move(body));
  }
  std::unique_ptr<GzipStream> gzip;
  if (AcceptsGzip(call.request.headers)) {
    gzip = std::make_unique<GzipStream>();
    headers.Set("content-encoding", "gzip");
    headers.Add("vary", "Accept-Encoding");
  }
  call.code = 200;
  call.response_bytes = bytes;
  if (absl::Status s = co_await call.out.Start(200, std::move(headers)); !s.ok()) co_return;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    std::string piece = std::exchange(pieces[i], {});
    if (gzip) piece = gzip->Deflate(piece, last);
    if (piece.empty()) continue;
    if (absl::Status s = co_await call.out.Write(piece, last); !s.ok()) co_return;
  }
  (void)co_await call.out.End();
}

void JsonStream::Compress(std::string* body) { *body = GzipStream().Deflate(*body, /*last=*/true); }

Task<void> SendText(Call& call, int code, std::string text, http::Headers extra) {
  http::Headers headers = CommonHeaders(call, "text/plain; charset=utf-8");
  headers.Set("x-content-type-options", "nosniff");
  for (const auto& [name, value] : extra.fields()) headers.Set(name, value);
  co_await SendBytes(call, code, std::move(headers), std::move(text));
}

Task<void> SendPageNotFound(Call& call) { co_await SendText(call, 404, "404 page not found\n"); }

Task<void> SendJson(Call& call, int code, std::string compact) {
  if (call.audit != nullptr) call.audit->ResponsePiece(compact);
  Rendered rendered = Render(call.representation, std::move(compact));
  co_await SendBytes(call, code, CommonHeaders(call, rendered.content_type), std::move(rendered.body));
}

Task<void> SendValue(Call& call, int code, const json::Value& value) {
  std::string compact = json::Write(value);
  co_await SendJson(call, code, std::move(compact));
}

Task<void> SendError(Call& call, absl::Status status) {
  DCHECK(!status.ok());
  const int code = api::HttpCode(status);
  call.representation = NegotiateStatus(call.request.headers, call.info.query);
  const json::Value object = api::StatusObject(status);
  if (call.audit != nullptr) call.audit->ResponseStatus(object);
  Rendered rendered = Render(call.representation, json::Write(object));
  http::Headers headers = CommonHeaders(call, rendered.content_type);
  if (int seconds = api::RetryAfterSeconds(status); seconds > 0) headers.Add("retry-after", Cat(seconds));
  if (code == 403) headers.Add("x-content-type-options", "nosniff");
  co_await SendBytes(call, code, std::move(headers), std::move(rendered.body));
}

JsonStream::JsonStream(Call& call) : call_(call) {}
JsonStream::~JsonStream() = default;

Task<absl::Status> JsonStream::Append(std::string compact) {
  if (buffer_.empty()) {
    buffer_ = std::move(compact);
  } else {
    buffer_ += compact;
  }
  // YAML and protobuf need the whole document.
  if (buffer_.size() < kStreamFromBytes || call_.representation.media != Media::kJson) co_return absl::OkStatus();
  absl::Status written = co_await Flush(/*last=*/false);
  co_return written;
}

Task<absl::Status> JsonStream::End() {
  if (started_) {
    buffer_.push_back('\n');
    CO_RETURN_IF_ERROR(co_await Flush(/*last=*/true));
    absl::Status ended = co_await call_.out.End();
    co_return ended;
  }
  co_await SendJson(call_, 200, std::move(buffer_));
  co_return absl::OkStatus();
}

Task<absl::Status> JsonStream::Flush(bool last) {
  if (!started_) {
    started_ = true;
    http::Headers headers = CommonHeaders(call_, ContentType(call_.representation.media));
    if (AcceptsGzip(call_.request.headers)) {
      gzip_ = std::make_unique<GzipStream>();
      headers.Set("content-encoding", "gzip");
      headers.Add("vary", "Accept-Encoding");
    }
    if (call_.representation.pretty) indent_ = std::make_unique<Indent>();
    call_.code = 200;
    CO_RETURN_IF_ERROR(co_await call_.out.Start(200, std::move(headers)));
  }
  std::string piece = std::move(buffer_);
  buffer_.clear();
  if (call_.audit != nullptr) call_.audit->ResponsePiece(piece);
  call_.response_bytes += piece.size();
  if (call_.head()) co_return absl::OkStatus();
  if (indent_) {
    std::string indented;
    indent_->indenter.Append(piece, &indented);
    if (last) indented.push_back('\n');
    piece = std::move(indented);
  }
  if (gzip_) piece = gzip_->Deflate(piece, last);
  if (piece.empty()) co_return absl::OkStatus();
  absl::Status written = co_await call_.out.Write(piece, last);
  co_return written;
}

}  // namespace atoll::endpoints
