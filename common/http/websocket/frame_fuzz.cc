// A client's frames in pieces whose sizes come from the input's first byte. Whatever the split, the outcome is the
// same, and what is kept stays small.
#include <algorithm>
#include <cstdint>

#include "common/base/check.h"
#include "common/http/websocket/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using atoll::http::websocket::Receiver;
  if (size < 2) return 0;
  std::string_view in(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t piece = data[0] % 16 + 1;
  Receiver whole(1000), split(1000);
  whole.Feed(in);
  for (size_t at = 0; at < in.size(); at += piece) split.Feed(in.substr(at, piece));
  CHECK(whole.closed() == split.closed());
  CHECK(whole.close_code() == split.close_code());
  CHECK(whole.messages() == split.messages());
  auto ping = whole.TakePing();
  CHECK(ping == split.TakePing());
  CHECK(ping.value_or("").size() <= 125);
  return 0;
}
