#include "common/base/random.h"

#include <sys/random.h>

#include <cstring>

#include "common/base/check.h"

namespace atoll {
namespace {

class KernelRandom final : public Random {
 public:
  void Fill(void* into, size_t size_bytes) override {
    thread_local struct {
      unsigned char bytes[256];
      size_t used = sizeof(bytes);
    } buffer;
    auto* out = static_cast<unsigned char*>(into);
    while (size_bytes > 0) {
      if (buffer.used == sizeof(buffer.bytes)) {
        CHECK(getrandom(buffer.bytes, sizeof(buffer.bytes), 0) == static_cast<ssize_t>(sizeof(buffer.bytes)));
        buffer.used = 0;
      }
      size_t n = std::min(size_bytes, sizeof(buffer.bytes) - buffer.used);
      std::memcpy(out, buffer.bytes + buffer.used, n);
      std::memset(buffer.bytes + buffer.used, 0, n);
      buffer.used += n;
      out += n;
      size_bytes -= n;
    }
  }
};

}  // namespace

Random& SystemRandom() {
  static KernelRandom random;
  return random;
}

uint64_t Random::Uint64() {
  uint64_t v;
  Fill(&v, sizeof(v));
  return v;
}

uint64_t Random::Below(uint64_t bound) {
  CHECK(bound > 0);
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t v;
  do {
    v = Uint64();
  } while (v >= limit);
  return v % bound;
}

std::string Random::Uuid() {
  unsigned char b[16];
  Fill(b, sizeof(b));
  b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x40);
  b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHex[b[i] >> 4]);
    out.push_back(kHex[b[i] & 15]);
  }
  return out;
}

std::string Random::Characters(size_t length, std::string_view alphabet) {
  std::string out(length, ' ');
  for (char& c : out) c = alphabet[Below(alphabet.size())];
  return out;
}

void SeededRandom::Fill(void* into, size_t size_bytes) {
  absl::MutexLock lock(&mutex_);
  auto* out = static_cast<unsigned char*>(into);
  while (size_bytes > 0) {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    size_t n = std::min(size_bytes, sizeof(z));
    std::memcpy(out, &z, n);
    out += n;
    size_bytes -= n;
  }
}

}  // namespace atoll
