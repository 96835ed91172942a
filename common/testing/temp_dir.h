// A fresh directory that is removed, with everything in it, at the end of the scope.
#pragma once

#include <string>
#include <string_view>

namespace atoll::testing {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace atoll::testing
