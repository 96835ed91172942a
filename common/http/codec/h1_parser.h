// HTTP/1.x messages from bytes (RFC 9112), on Boost.Beast's parser. Pure: no sockets, no clock.
//
//   Reset ── Feed ──► head_done ── Feed ──► done ── Reset (next message on the connection)
//              └────────────────────┴─────► failed (stays so; the connection cannot be used further)
//
// Refused, because two readers could disagree about where a message ends: conflicting or repeated lengths, a length
// together with chunks, any transfer coding but `chunked`, chunks in HTTP/1.0, no or several Host fields. Trailers are
// dropped. Bound: a head, a chunk header and a trailer section each of `header_bytes_max`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/message.h"

namespace atoll::http::h1 {

enum class Kind { kRequest, kResponse };

struct Head {
  std::string method;     // requests
  std::string target;     // requests: origin form or "*"
  std::string authority;  // requests: of an absolute-form target, else the Host field
  int status = 0;         // responses
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expect_continue = false;
  bool has_body = false;
  Headers headers;
};

class Parser {
 public:
  Parser(Kind kind, size_t header_bytes_max);
  ~Parser();

  // Begins the next message. `no_body`: the answer to a HEAD request, which ends with its head.
  void Reset(bool no_body = false);

  // Parses from the front of `in`, appends body bytes to `body`, returns how many bytes it used up. What it did not use
  // must stand in front of what is fed next. Uses nothing once done() or failed().
  size_t Feed(std::string_view in, std::string* body);
  // The connection ended: completes a response that is delimited by that, fails any other unfinished message.
  void FeedEnd();

  bool started() const;  // a byte of this message has been seen
  bool head_done() const;
  bool done() const;
  bool failed() const { return error_status_ != 0; }
  int error_status() const { return error_status_; }  // what to answer to a bad request: 400, 431, 501, 505
  const std::string& error_text() const { return error_text_; }
  Head& head();

 private:
  struct Impl;
  size_t FeedOnce(std::string_view in, std::string* body);
  void Fail(int status, std::string_view text);

  const Kind kind_;
  const size_t header_bytes_max_;
  std::unique_ptr<Impl> impl_;
  int error_status_ = 0;
  std::string error_text_;
};

}  // namespace atoll::http::h1
