// Bytes of a peer after the preface, either role. Each head is answered, each body byte consumed, all output drained.
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/base/check.h"
#include "common/http/codec/h2_session.h"

namespace atoll::http::h2 {
namespace {

struct FuzzStream final : Stream {};

struct FuzzSink final : Sink {
  explicit FuzzSink(Role role) : session({.role = role, .streams_max = 10, .header_bytes_max = 4096}, *this) {}
  std::map<int32_t, std::unique_ptr<FuzzStream>> streams;
  FuzzStream call;
  Session session;

  Stream* OnOpen(int32_t id) override { return (streams[id] = std::make_unique<FuzzStream>()).get(); }
  void OnField(Stream&, std::string_view name, std::string_view) override { CHECK(!name.empty()); }
  void OnHead(Stream& s) override {
    s.head_received = true;
    if (&s == &call) return;
    s.queue.Append(std::string_view("answer"));
    s.queue_ended = true;
    session.SubmitResponse(s, 200, {}, true);
  }
  void OnData(Stream& s, std::string_view bytes) override { session.Consume(s.id, bytes.size()); }
  void OnEnd(Stream& s) override { CHECK(!s.closed); }
  void OnTaken(Stream&) override {}
  void OnEndSent(Stream&) override {}
  void OnClosed(Stream& s, uint32_t) override { CHECK(s.closed); }
  void OnPingAck() override {}
  void OnGoaway(uint32_t) override {}
};

}  // namespace
}  // namespace atoll::http::h2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::http::h2;
  if (size < 1) return 0;
  FuzzSink sink(data[0] & 1 ? Role::kClient : Role::kServer);
  std::string in = data[0] & 1 ? "" : "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  in.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] & 1) (void)sink.session.SubmitRequest(sink.call, "GET", "/", "a", {}, false);
  size_t piece = data[0] / 2 + 1;
  for (size_t at = 0; at < in.size(); at += piece) {
    std::string out;
    bool ok = sink.session.Receive(std::string_view(in).substr(at, piece), absl::ZeroDuration()).ok();
    sink.session.Fill(&out, 1 << 20);
    if (!ok) break;
  }
  return 0;
}
