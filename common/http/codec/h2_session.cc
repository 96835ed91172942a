// Hot path: no logging here, and no allocation per DATA frame.
#include "common/http/codec/h2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "common/base/check.h"
#include "common/base/strings.h"
#include "common/http/codec/fields.h"

namespace atoll::http::h2 {
namespace {

constexpr size_t kFrameHeaderBytes = 9;
constexpr size_t kFrameBytesMax = 16384;

nghttp2_nv Nv(std::string_view name, std::string_view value, uint8_t flags = NGHTTP2_NV_FLAG_NONE) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(), flags};
}

void AppendFields(const Headers& headers, std::vector<nghttp2_nv>* fields) {
  for (const auto& [name, value] : headers.fields()) {
    if (IsConnectionField(name) || name == "host") continue;
    fields->push_back(Nv(name, value, IsSensitiveField(name) ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE));
  }
}

}  // namespace

struct Session::Callbacks {
  static Stream* Find(nghttp2_session* session, int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static int OnBeginFrame(nghttp2_session*, const nghttp2_frame_hd* hd, void* user) {
    auto& self = *static_cast<Session*>(user);
    if (self.options_.role != Role::kServer) return 0;
    bool in_budget = true;
    switch (hd->type) {
      case NGHTTP2_DATA:
        if (hd->length == 0 && !(hd->flags & NGHTTP2_FLAG_END_STREAM)) in_budget = self.guard_.control.Take(self.now_);
        break;
      case NGHTTP2_RST_STREAM:
        in_budget = self.guard_.resets.Take(self.now_);
        break;
      case NGHTTP2_HEADERS:
      case NGHTTP2_WINDOW_UPDATE:
      case NGHTTP2_GOAWAY:
      case NGHTTP2_CONTINUATION:  // nghttp2 counts these: nghttp2_option_set_max_continuations
        break;
      default:
        in_budget = self.guard_.control.Take(self.now_);
    }
    if (in_budget) return 0;
    self.flooded_ = true;
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int OnBeginHeaders(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Session*>(user);
    self.in_head_ = true;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    int32_t id = frame->hd.stream_id;
    Stream* stream = self.sink_.OnOpen(id);
    if (stream == nullptr) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
      return 0;
    }
    stream->id = id;
    nghttp2_session_set_stream_user_data(session, id, stream);
    return 0;
  }

  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
                      const uint8_t* value, size_t value_size, uint8_t, void* user) {
    Stream* stream = Find(session, frame->hd.stream_id);
    if (stream == nullptr || stream->head_received) return 0;
    static_cast<Session*>(user)->sink_.OnField(*stream, {reinterpret_cast<const char*>(name), name_size},
                                               {reinterpret_cast<const char*>(value), value_size});
    return 0;
  }

  // A request with a malformed field is refused, not cleaned up.
  static int OnInvalidHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t*, size_t, const uint8_t*, size_t,
                             uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Session*>(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS: {
        self.in_head_ = false;
        Stream* stream = Find(session, frame->hd.stream_id);
        if (stream == nullptr) return 0;
        if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) stream->end_received = true;
        if (!stream->head_received) {
          self.sink_.OnHead(*stream);
        }
        // The sink may have reset or even closed it; look again.
        stream = Find(session, frame->hd.stream_id);
        if (stream != nullptr && stream->end_received) self.sink_.OnEnd(*stream);
        return 0;
      }
      case NGHTTP2_DATA: {
        if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
        Stream* stream = Find(session, frame->hd.stream_id);
        if (stream == nullptr) return 0;
        stream->end_received = true;
        self.sink_.OnEnd(*stream);
        return 0;
      }
      case NGHTTP2_PING:
        if (frame->hd.flags & NGHTTP2_FLAG_ACK) self.sink_.OnPingAck();
        return 0;
      case NGHTTP2_SETTINGS:
        if (frame->hd.flags & NGHTTP2_FLAG_ACK) return 0;
        self.peer_settings_known_ = true;
        self.sink_.OnSettings();
        return 0;
      case NGHTTP2_GOAWAY:
        self.going_away_ = true;
        self.sink_.OnGoaway(frame->goaway.error_code);
        return 0;
      default:
        return 0;
    }
  }

  static int OnData(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
    Stream* stream = Find(session, id);
    if (stream == nullptr) {
      nghttp2_session_consume(session, id, size);
      return 0;
    }
    static_cast<Session*>(user)->sink_.OnData(*stream, {reinterpret_cast<const char*>(data), size});
    return 0;
  }

  static int OnFrameSent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    Stream* stream = Find(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->head_sent = true;
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) {
      stream->end_sent = true;
      static_cast<Session*>(user)->sink_.OnEndSent(*stream);
    }
    return 0;
  }

  static int OnStreamClose(nghttp2_session* session, int32_t id, uint32_t error_code, void* user) {
    Stream* stream = Find(session, id);
    if (stream == nullptr) return 0;
    nghttp2_session_set_stream_user_data(session, id, nullptr);
    stream->closed = true;
    static_cast<Session*>(user)->sink_.OnClosed(*stream, error_code);
    return 0;
  }

  // Says how much of the queue the next DATA frame takes; OnSendData moves it.
  static ssize_t OnReadData(nghttp2_session*, int32_t, uint8_t*, size_t length, uint32_t* flags,
                            nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    size_t size = std::min(length, stream.queue.size());
    if (size == 0 && !stream.queue_ended) {
      stream.deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags = NGHTTP2_DATA_FLAG_NO_COPY;
    if (size == stream.queue.size() && stream.queue_ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static int OnSendData(nghttp2_session*, nghttp2_frame*, const uint8_t* frame_header, size_t length,
                        nghttp2_data_source* source, void* user) {
    auto& self = *static_cast<Session*>(user);
    auto& stream = *static_cast<Stream*>(source->ptr);
    if (self.out_->size() >= self.out_max_) return NGHTTP2_ERR_WOULDBLOCK;
    // One growth to the final size, not a doubling chain.
    if (self.out_->capacity() < self.out_->size() + kFrameHeaderBytes + length && length > kFrameBytesMax / 2) {
      self.out_->reserve(self.out_max_ + kFrameHeaderBytes + kFrameBytesMax);
    }
    self.out_->append(reinterpret_cast<const char*>(frame_header), kFrameHeaderBytes);
    self.out_->append(stream.queue.Front(length));
    stream.queue.Pop(length);
    self.sink_.OnTaken(stream);
    return 0;
  }

  static nghttp2_session_callbacks* Table() {
    static nghttp2_session_callbacks* table = [] {
      nghttp2_session_callbacks* t = nullptr;
      CHECK(nghttp2_session_callbacks_new(&t) == 0);
      nghttp2_session_callbacks_set_on_begin_frame_callback(t, OnBeginFrame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(t, OnBeginHeaders);
      nghttp2_session_callbacks_set_on_header_callback(t, OnHeader);
      nghttp2_session_callbacks_set_on_invalid_header_callback(t, OnInvalidHeader);
      nghttp2_session_callbacks_set_on_frame_recv_callback(t, OnFrame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(t, OnData);
      nghttp2_session_callbacks_set_on_frame_send_callback(t, OnFrameSent);
      nghttp2_session_callbacks_set_on_stream_close_callback(t, OnStreamClose);
      nghttp2_session_callbacks_set_send_data_callback(t, OnSendData);
      return t;
    }();
    return table;
  }
};

Session::Session(const Options& options, Sink& sink) : options_(options), sink_(sink) {
  nghttp2_option* option = nullptr;
  CHECK(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1);
  nghttp2_option_set_max_continuations(option, options.header_bytes_max / kFrameBytesMax + 8);
  nghttp2_option_set_max_send_header_block_length(option, options.header_bytes_max + 64 * 1024);
  nghttp2_option_set_peer_max_concurrent_streams(option, 100);
  bool server = options.role == Role::kServer;
  int rc = server ? nghttp2_session_server_new2(&session_, Callbacks::Table(), this, option)
                  : nghttp2_session_client_new2(&session_, Callbacks::Table(), this, option);
  nghttp2_option_del(option);
  CHECK(rc == 0);

  auto header_list_max = static_cast<uint32_t>(std::min<size_t>(options.header_bytes_max, UINT32_MAX));
  std::array<nghttp2_settings_entry, 4> settings{{
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, header_list_max},
      server ? nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.streams_max}
             : nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},  // WebSockets (RFC 8441); means nothing from a client
  }};
  CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(),
                                server ? settings.size() : settings.size() - 1) == 0);
  CHECK(nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                              static_cast<int32_t>(options.connection_window_bytes)) == 0);
}

Session::~Session() { nghttp2_session_del(session_); }

absl::Status Session::Receive(std::string_view bytes, absl::Duration now) {
  if (dead_) return absl::InvalidArgumentError("the HTTP/2 session has ended");
  now_ = now;
  ssize_t n = nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (n >= 0) return absl::OkStatus();
  if (flooded_ || n == NGHTTP2_ERR_FLOODED || n == NGHTTP2_ERR_TOO_MANY_SETTINGS) {
    Terminate(kEnhanceYourCalm);
    return absl::ResourceExhaustedError("the peer sends too many control frames");
  }
  if (n == NGHTTP2_ERR_BAD_CLIENT_MAGIC) {
    dead_ = true;
  } else {
    Terminate(kProtocolError);
  }
  return absl::InvalidArgumentError(StrCat("HTTP/2: ", nghttp2_strerror(static_cast<int>(n))));
}

void Session::Fill(std::string* out, size_t bytes_max) {
  if (dead_) return;
  out_ = out;
  out_max_ = bytes_max;
  while (out->size() < bytes_max) {
    const uint8_t* data = nullptr;
    ssize_t n = nghttp2_session_mem_send(session_, &data);
    if (n < 0) dead_ = true;
    if (n <= 0) break;
    out->append(reinterpret_cast<const char*>(data), static_cast<size_t>(n));
  }
  out_ = nullptr;
}

bool Session::WantsWrite() const { return !dead_ && nghttp2_session_want_write(session_) != 0; }
bool Session::Finished() const {
  return dead_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

void Session::SubmitResponse(Stream& stream, int status, const Headers& headers, bool with_body) {
  std::array<char, 12> digits;
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), status).ptr;
  std::vector<nghttp2_nv> fields;
  fields.reserve(headers.fields().size() + 1);
  fields.push_back(Nv(":status", {digits.data(), static_cast<size_t>(end - digits.data())}));
  AppendFields(headers, &fields);
  nghttp2_data_provider body{{.ptr = &stream}, Callbacks::OnReadData};
  int rc = nghttp2_submit_response(session_, stream.id, fields.data(), fields.size(), with_body ? &body : nullptr);
  if (rc != 0) Reset(stream, kInternalError);
}

void Session::SubmitContinue(Stream& stream) {
  nghttp2_nv field = Nv(":status", "100");
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id, nullptr, &field, 1, nullptr);
}

absl::Status Session::SubmitRequest(Stream& stream, std::string_view method, std::string_view target,
                                    std::string_view authority, const Headers& headers, bool with_body,
                                    std::string_view protocol) {
  std::vector<nghttp2_nv> fields;
  fields.reserve(headers.fields().size() + 5);
  fields.push_back(Nv(":method", protocol.empty() ? method : "CONNECT"));
  if (!protocol.empty()) fields.push_back(Nv(":protocol", protocol));
  fields.push_back(Nv(":scheme", "https"));
  fields.push_back(Nv(":authority", authority));
  fields.push_back(Nv(":path", target));
  AppendFields(headers, &fields);
  nghttp2_data_provider body{{.ptr = &stream}, Callbacks::OnReadData};
  int32_t id =
      nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(), with_body ? &body : nullptr, &stream);
  if (id < 0) return absl::UnavailableError(nghttp2_strerror(id));
  stream.id = id;
  stream.queue_ended |= !with_body;
  return absl::OkStatus();
}

uint32_t Session::peer_streams_max() const {
  if (!peer_settings_known_) return 1;
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool Session::AcceptsRequests() const {
  return !dead_ && !going_away_ && nghttp2_session_check_request_allowed(session_) != 0;
}

void Session::Resume(Stream& stream) {
  if (stream.closed || !stream.deferred) return;
  stream.deferred = false;
  nghttp2_session_resume_data(session_, stream.id);
}

void Session::Reset(Stream& stream, uint32_t error_code) {
  if (!stream.closed) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, error_code);
}

void Session::Consume(int32_t stream_id, size_t bytes) { nghttp2_session_consume(session_, stream_id, bytes); }
void Session::ConsumeStream(int32_t stream_id, size_t bytes) {
  nghttp2_session_consume_stream(session_, stream_id, bytes);
}
void Session::ConsumeConnection(size_t bytes) { nghttp2_session_consume_connection(session_, bytes); }

void Session::Ping() { nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr); }
void Session::ShutdownNotice() { nghttp2_submit_shutdown_notice(session_); }
void Session::Goaway() {
  going_away_ = true;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_), kNoError,
                        nullptr, 0);
}
void Session::Terminate(uint32_t error_code) {
  going_away_ = true;
  nghttp2_session_terminate_session(session_, error_code);
}

}  // namespace atoll::http::h2
