// Body bytes on their way out of one stream: appended by its writer, taken by the codec. The bound is the writer's to
// keep.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace atoll::http {

class SendQueue {
 public:
  size_t size() const { return bytes_.size() - taken_; }
  bool empty() const { return size() == 0; }
  std::string_view Front(size_t bytes_max) const { return std::string_view(bytes_).substr(taken_, bytes_max); }

  void Append(std::string_view bytes) {
    if (taken_ >= kCompactBytes && taken_ * 2 >= bytes_.size()) {
      bytes_.erase(0, taken_);
      taken_ = 0;
    }
    bytes_.append(bytes);
  }
  // The same without a copy when nothing is queued.
  void Append(std::string&& bytes) {
    if (empty()) {
      bytes_ = std::move(bytes);
      taken_ = 0;
    } else {
      Append(std::string_view(bytes));
    }
  }
  void Pop(size_t size_bytes) {
    taken_ += size_bytes;
    if (taken_ < bytes_.size()) return;
    // A stream that waits (a watch) keeps no buffer.
    if (bytes_.capacity() > kKeepBytes) std::string().swap(bytes_);
    bytes_.clear();
    taken_ = 0;
  }
  void Clear() { Pop(size()); }

 private:
  static constexpr size_t kCompactBytes = 16 * 1024;
  static constexpr size_t kKeepBytes = 1024;
  std::string bytes_;
  size_t taken_ = 0;
};

}  // namespace atoll::http
