// Requests and responses, fed in pieces whose sizes come from the input's first byte. Whatever the split, the outcome
// must be the same.
#include <algorithm>
#include <cstdint>
#include <string>

#include "common/base/check.h"
#include "common/http/codec/h1_parser.h"

namespace atoll::http::h1 {
namespace {

struct Outcome {
  std::string body;
  bool done = false, failed = false;
  size_t used = 0;
};

Outcome Run(Kind kind, std::string_view in, size_t piece) {
  Parser parser(kind, 1024);
  Outcome o;
  std::string pending;
  while (!in.empty() && !parser.done() && !parser.failed()) {
    size_t n = std::min(piece, in.size());
    pending.append(in.substr(0, n));
    in.remove_prefix(n);
    size_t used = parser.Feed(pending, &o.body);
    CHECK(used <= pending.size());
    o.used += used;
    pending.erase(0, used);
  }
  parser.FeedEnd();
  o.done = parser.done();
  o.failed = parser.failed();
  CHECK(o.done || o.failed || kind == Kind::kRequest);
  return o;
}

}  // namespace
}  // namespace atoll::http::h1

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll::http::h1;
  if (size < 2) return 0;
  std::string_view in(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (Kind kind : {Kind::kRequest, Kind::kResponse}) {
    Outcome whole = Run(kind, in, in.size());
    Outcome split = Run(kind, in, data[0] % 16 + 1);
    // A limit may strike earlier when everything is there at once; else the two agree.
    if (!whole.failed && !split.failed)
      CHECK(whole.body == split.body && whole.done == split.done && whole.used == split.used);
  }
  return 0;
}
