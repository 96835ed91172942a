#include "common/config/root_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::config {
namespace {

// Bumped when a directory written by this version cannot be read by an older one.
constexpr int kFormat = 1;

}  // namespace

absl::StatusOr<std::unique_ptr<RootDirectory>> RootDirectory::Open(const std::string& path) {
  std::error_code ec;
  const std::filesystem::path absolute = std::filesystem::absolute(path, ec);
  std::filesystem::create_directories(absolute, ec);
  if (ec) {
    return absl::PermissionDeniedError(
        StrCat("cannot create root directory ", path, ": ", ec.message(), "; choose another with --root-directory"));
  }
  const std::string dir = absolute.string();
  ::chmod(dir.c_str(), 0700);
  const std::string lock = dir + "/.lock";
  const int fd = ::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::PermissionDeniedError(StrCat("cannot write to root directory ", path, ": ", std::strerror(errno),
                                              "; choose another with --root-directory"));
  }
  std::unique_ptr<RootDirectory> out(new RootDirectory(dir, fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(StrCat(
        "root directory ", path, " is in use by another process; stop it or choose another with --root-directory"));
  }
  const std::string version_file = dir + "/VERSION";
  if (auto text = ReadFile(version_file); text.ok()) {
    int version = 0;
    const std::string_view stripped = ToStd(absl::StripAsciiWhitespace(*text));
    std::from_chars(stripped.data(), stripped.data() + stripped.size(), version);
    if (version > kFormat) {
      return absl::FailedPreconditionError(StrCat("root directory ", path, " was written by a newer version (format ",
                                                  version, ", this one reads up to ", kFormat,
                                                  "); upgrade this binary"));
    }
  } else {
    RETURN_IF_ERROR(WriteFileAtomic(version_file, StrCat(kFormat, "\n"), 0600));
  }
  return out;
}

RootDirectory::~RootDirectory() { ::close(lock_fd_); }

}  // namespace atoll::config
