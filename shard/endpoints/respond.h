// The one way out: everything that leaves the endpoints goes through here, so every answer carries Audit-ID,
// Cache-Control and the Warning headers, and every error is a Kubernetes Status (spec/api-machinery.md
// 0, 1.2, 1.3, 3.2).
//
// Writing errors (the peer is gone) end an answer quietly: nobody is left to be told.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/json/value.h"
#include "common/loop/task.h"
#include "shard/endpoints/call.h"

namespace atoll::endpoints {

// A Status object for `status`, in what the client accepts; Retry-After when it says so.
Task<void> SendError(Call& call, absl::Status status);
// A plain text answer, as Kubernetes' outer layers give them.
Task<void> SendText(Call& call, int code, std::string text, http::Headers extra = {});
// `404 page not found`: no such path.
Task<void> SendPageNotFound(Call& call);
// An object as compact JSON text, in call.representation's media type (indented, with a newline at its end; YAML;
// protobuf).
Task<void> SendJson(Call& call, int code, std::string compact);
Task<void> SendValue(Call& call, int code, const json::Value& value);
// Bytes as they are; `headers` has the content type. Compressed when large and the client accepts it.
Task<void> SendBytes(Call& call, int code, http::Headers headers, std::string body);

// What every answer carries.
http::Headers CommonHeaders(const Call& call, std::string_view content_type);

// `299 - "<text>"` lines: duplicates removed; beyond 4096 characters in total each is cut to 256 and the rest dropped.
std::vector<std::string> WarningHeaders(const std::vector<std::string>& warnings);

inline constexpr size_t kCompressFromBytes = 128 * 1024;
inline constexpr size_t kStreamFromBytes = 256 * 1024;

// A body that is there in pieces: joined when it is short, else one after the other, each freed when it has left.
Task<void> SendPieces(Call& call, http::Headers headers, std::vector<std::string> pieces);

struct GzipStream;

// A body whose length is not known ahead: a list. What stays below kStreamFromBytes is sent at once like any other
// answer; more goes out as it comes, with flow control, so a list of any size costs a fixed amount of memory. `Append`
// takes compact JSON in pieces; indentation and compression happen on the way.
class JsonStream {
 public:
  explicit JsonStream(Call& call);
  ~JsonStream();
  // Errors: the peer is gone.
  Task<absl::Status> Append(std::string compact);
  Task<absl::Status> End();
  // True once a status line is on its way, so that an error can no longer be told.
  bool started() const { return started_; }
  // A whole body at once.
  static void Compress(std::string* body);

 private:
  Task<absl::Status> Flush(bool last);

  Call& call_;
  std::string buffer_;
  bool started_ = false;
  std::unique_ptr<GzipStream> gzip_;
  struct Indent;
  std::unique_ptr<Indent> indent_;
};

}  // namespace atoll::endpoints
