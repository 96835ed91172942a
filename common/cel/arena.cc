#include "common/cel/arena.h"

#include <algorithm>
#include <cstring>

#include "common/cel/value.h"

namespace atoll::cel {
namespace {

constexpr size_t kFirstBlock = 4 << 10;
constexpr size_t kBlockMax = 1 << 20;

}  // namespace

Arena::~Arena() = default;

void* Arena::AllocateSlowly(size_t bytes) {
  const size_t wanted = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kBlockMax);
  const size_t size = std::max(wanted, bytes);
  if (bytes > bytes_max_ || used_ > bytes_max_ - bytes) {
    exhausted_ = true;
    return nullptr;
  }
  used_ += size;
  blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
  at_ = blocks_.back().bytes.get() + bytes;
  end_ = blocks_.back().bytes.get() + size;
  return blocks_.back().bytes.get();
}

std::string_view Arena::Copy(std::string_view s) {
  if (s.empty()) return {};
  char* p = static_cast<char*>(Allocate(s.size()));
  if (p == nullptr) return {};
  std::memcpy(p, s.data(), s.size());
  return {p, s.size()};
}

const Opaque* Arena::Own(std::unique_ptr<const Opaque> object) {
  owned_.push_back(std::move(object));
  return owned_.back().get();
}

void Arena::Reset() {
  owned_.clear();
  if (!indexes_.empty()) indexes_.clear();
  exhausted_ = false;
  if (blocks_.empty()) return;
  if (blocks_.size() > 1) blocks_.resize(1);
  used_ = blocks_.front().size;
  at_ = blocks_.front().bytes.get();
  end_ = at_ + blocks_.front().size;
}

}  // namespace atoll::cel
