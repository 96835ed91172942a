// Beast 1.81 asserts more about a last chunk than holds when it arrives byte by byte (n >= 5 in parse_chunk_header);
// what follows the assertion is right without it. Input of a peer must not end the process in any build.
#define BOOST_DISABLE_ASSERTS

#include "common/http/codec/h1_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/strings.h"
#include "common/http/codec/fields.h"

namespace atoll::http::h1 {
namespace {

namespace beast = boost::beast;
using Error = beast::error_code;

std::string_view View(beast::string_view s) { return {s.data(), s.size()}; }

bool Same(std::string_view a, std::string_view b) { return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b)); }

// What both directions do with Beast's callbacks.
template <bool kIsRequest>
class BeastParser final : public beast::http::basic_parser<kIsRequest> {
 public:
  BeastParser(size_t header_bytes_max, bool no_body) {
    this->header_limit(
        static_cast<uint32_t>(std::min<size_t>(header_bytes_max, std::numeric_limits<uint32_t>::max() / 2)));
    this->body_limit(boost::none);
    this->eager(true);
    if (no_body) this->skip(true);
  }

  Head head;
  std::string* body = nullptr;
  bool unsupported_coding = false;
  int hosts = 0;

 private:
  using beast_string = beast::string_view;

  void on_request_impl(beast::http::verb, beast_string method, beast_string target, int version, Error&) override {
    head.method.assign(method.data(), method.size());
    head.target.assign(target.data(), target.size());
    head.http_1_0 = version < 11;
  }
  void on_response_impl(int status, beast_string, int version, Error&) override {
    head.status = status;
    head.http_1_0 = version < 11;
  }
  void on_field_impl(beast::http::field field, beast_string name, beast_string value, Error& ec) override {
    if (head_seen_) return;  // a trailer
    if (field == beast::http::field::transfer_encoding && (head.http_1_0 || !Same(View(value), "chunked"))) {
      unsupported_coding = true;
      ec = beast::http::error::bad_transfer_encoding;
      return;
    }
    if (!IsFieldValue(View(value))) {
      ec = beast::http::error::bad_value;
      return;
    }
    if (field == beast::http::field::host) {
      ++hosts;
      head.authority.assign(value.data(), value.size());
    }
    if (field == beast::http::field::expect && Same(View(value), "100-continue")) head.expect_continue = true;
    head.headers.Add(View(name), View(value));
  }
  void on_header_impl(Error&) override {
    head_seen_ = true;
    head.keep_alive = this->keep_alive();
    head.has_body = !this->is_done() && (this->chunked() || this->content_length_remaining().value_or(1) > 0);
  }
  void on_body_init_impl(boost::optional<uint64_t> const&, Error&) override {}
  size_t on_body_impl(beast_string bytes, Error&) override {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(uint64_t, beast_string, Error&) override {}
  size_t on_chunk_body_impl(uint64_t, beast_string bytes, Error&) override {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(Error&) override {}

  bool head_seen_ = false;
};

// Turns absolute form (RFC 9112 section 3.2.2) into origin form. False for what is neither these two nor "*".
bool ToOriginForm(Head& head) {
  std::string_view target = head.target;
  for (std::string_view scheme : {"https://", "http://"}) {
    if (!absl::StartsWithIgnoreCase(ToAbsl(target), ToAbsl(scheme))) continue;
    target.remove_prefix(scheme.size());
    size_t path = std::min(target.find_first_of("/?"), target.size());
    head.authority = std::string(target.substr(0, path));
    std::string_view rest = target.substr(path);
    std::string origin_form = StrCat(rest.starts_with('/') ? "" : "/", rest);
    head.target = std::move(origin_form);
    return !head.authority.empty();
  }
  return target.starts_with('/') || target == "*";
}

}  // namespace

struct Parser::Impl {
  std::optional<BeastParser<true>> request;
  std::optional<BeastParser<false>> response;
  bool started = false;
  bool head_checked = false;
};

Parser::Parser(Kind kind, size_t header_bytes_max)
    : kind_(kind), header_bytes_max_(header_bytes_max), impl_(std::make_unique<Impl>()) {
  Reset();
}
Parser::~Parser() = default;

void Parser::Reset(bool no_body) {
  if (failed()) return;
  impl_->started = impl_->head_checked = false;
  if (kind_ == Kind::kRequest) {
    impl_->request.emplace(header_bytes_max_, no_body);
  } else {
    impl_->response.emplace(header_bytes_max_, no_body);
  }
}

bool Parser::started() const { return impl_->started; }
bool Parser::head_done() const {
  return kind_ == Kind::kRequest ? impl_->request->is_header_done() : impl_->response->is_header_done();
}
bool Parser::done() const { return kind_ == Kind::kRequest ? impl_->request->is_done() : impl_->response->is_done(); }
Head& Parser::head() { return kind_ == Kind::kRequest ? impl_->request->head : impl_->response->head; }

void Parser::Fail(int status, std::string_view text) {
  error_status_ = status;
  error_text_ = std::string(text);
}

size_t Parser::FeedOnce(std::string_view in, std::string* body) {
  Error ec;
  boost::asio::const_buffer buffer(in.data(), in.size());
  size_t used;
  bool unsupported_coding;
  if (kind_ == Kind::kRequest) {
    impl_->request->body = body;
    used = impl_->request->put(buffer, ec);
    unsupported_coding = impl_->request->unsupported_coding;
  } else {
    impl_->response->body = body;
    used = impl_->response->put(buffer, ec);
    unsupported_coding = impl_->response->unsupported_coding;
  }
  if (!ec) return used;
  if (ec == beast::http::error::need_more) {
    if (in.size() - used > header_bytes_max_) Fail(head_done() ? 400 : 431, "a header section is too long");
    return used;
  }
  if (unsupported_coding) {
    Fail(501, "unsupported transfer coding");
  } else if (ec == beast::http::error::header_limit) {
    Fail(431, "the header is too long");
  } else {
    Fail(400, ec.message());
  }
  return used;
}

size_t Parser::Feed(std::string_view in, std::string* body) {
  size_t used = 0;
  if (kind_ == Kind::kRequest && !impl_->started) {
    // RFC 9112 section 2.2: empty lines before a request are forgiven.
    while (in.substr(used).starts_with("\r\n")) used += 2;
    if (in.substr(used) == "\r") return used;
  }
  while (used < in.size() && !failed() && !done()) {
    impl_->started = true;
    size_t step = FeedOnce(in.substr(used), body);
    used += step;
    if (!failed() && head_done() && !impl_->head_checked) {
      impl_->head_checked = true;
      if (kind_ == Kind::kRequest) {
        if (impl_->request->hosts > 1 || (impl_->request->hosts == 0 && !head().http_1_0)) {
          Fail(400, "exactly one Host field is required");
        } else if (!ToOriginForm(head())) {
          Fail(400, "unsupported request target");
        }
      }
    }
    if (step == 0) break;
  }
  return used;
}

void Parser::FeedEnd() {
  if (failed() || done()) return;
  if (!impl_->started) return Fail(400, "the connection ended before the message");
  Error ec;
  if (kind_ == Kind::kRequest) {
    impl_->request->put_eof(ec);
  } else {
    impl_->response->put_eof(ec);
  }
  if (ec) Fail(400, "the message is incomplete");
}

}  // namespace atoll::http::h1
