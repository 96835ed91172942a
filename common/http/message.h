// HTTP messages as handlers and clients see them, for HTTP/1.1 and HTTP/2 alike.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/loop/task.h"

namespace atoll::http {

// Header fields in order. Names are kept lower case, as HTTP/2 sends them; look-ups ignore case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  void Add(std::string_view name, std::string_view value);
  void Set(std::string_view name, std::string_view value);  // replaces all
  void Remove(std::string_view name);
  void RemovePrefix(std::string_view name_prefix);
  // The first value, or "".
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  std::vector<std::string_view> GetAll(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

// A body that arrives in pieces. Loop-owned. Reading is what opens the flow-control window again: nobody reads, nobody
// sends.
class Body {
 public:
  virtual ~Body() = default;
  // The next piece; empty at the end. Errors: Cancelled (peer reset), Unavailable (connection lost), DeadlineExceeded.
  virtual Task<absl::StatusOr<std::string>> Next() = 0;
  // Gives up: a waiting Next returns Cancelled, and so does every later one; the sender's stream is reset. Loop thread.
  // For whoever must end a wait from outside (a proxy whose client left).
  virtual void Cancel() {}
  // Everything, up to `bytes_max`. Errors: those of Next; OutOfRange when it is longer.
  Task<absl::StatusOr<std::string>> ReadAll(size_t bytes_max);
};

// The peer's certificate chain as presented in the TLS handshake, leaf first, DER. NOT verified against any CA:
// authenticators do that, each against its own. `leaf_sha256` (hex) is a cache key for their result.
struct PeerCertificates {
  std::vector<std::string> chain_der;
  std::string leaf_sha256;
};

struct Request {
  std::string method;
  std::string target;  // origin form as sent: path and query, still escaped
  std::string authority;
  Headers headers;
  std::unique_ptr<Body> body;  // never null
  std::string upgrade;         // lower case; the protocol the peer wants to speak instead: see ResponseWriter::Upgrade
  std::string peer_address;
  std::shared_ptr<const PeerCertificates> peer_certificates;  // null without a client certificate
  int http_major = 2;

  std::string_view path() const;   // up to '?', escaped
  std::string_view query() const;  // after '?', escaped
};

// Percent-decodes; '+' becomes a space only in queries. False on a malformed escape.
bool PercentDecode(std::string_view in, bool plus_is_space, std::string* out);
std::string PercentEncode(std::string_view in, std::string_view keep = "-._~");
// Query parameters in order, decoded; malformed escapes are kept as they are (as Go does for what it can).
std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view query);

std::string_view ReasonPhrase(int status);

}  // namespace atoll::http
