#include "common/audit/rotating_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::audit {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr char kStampFormat[] = "%Y-%m-%dT%H-%M-%E3S";

absl::Status SystemError(std::string_view what, std::string_view path) {
  return absl::UnavailableError(StrCat(what, " ", path, ": ", std::strerror(errno)));
}

}  // namespace

RotatingFile::~RotatingFile() { Close(); }

void RotatingFile::Close() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
  fd_ = -1;
}

absl::Status RotatingFile::Open() {
  if (fd_ >= 0) return absl::OkStatus();
  if (options_.path == "-") {
    fd_ = STDOUT_FILENO;
    return absl::OkStatus();
  }
  const std::string folder = std::filesystem::path(options_.path).parent_path().string();
  if (!folder.empty()) RETURN_IF_ERROR(MakeDirectories(folder, 0700));
  fd_ = ::open(options_.path.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
  if (fd_ < 0) return SystemError("cannot open", options_.path);
  struct stat found{};
  size_ = ::fstat(fd_, &found) == 0 ? static_cast<size_t>(found.st_size) : 0;
  return absl::OkStatus();
}

absl::Status RotatingFile::Flush(std::string* chunk) {
  std::string_view rest = *chunk;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      absl::Status error = SystemError("cannot write", options_.path);
      // A part of a line would spoil the next one. If this fails as well, there is nothing more to do.
      if (options_.path != "-" && ::ftruncate(fd_, static_cast<off_t>(size_)) != 0) errno = 0;
      Close();
      return error;
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  size_ += chunk->size();
  chunk->clear();
  return absl::OkStatus();
}

size_t RotatingFile::Write(const std::vector<std::string_view>& lines, absl::Status* error) {
  *error = Open();
  if (!error->ok()) return 0;
  const bool rotates = options_.path != "-" && options_.bytes_max > 0;
  std::string chunk;
  size_t done = 0, in_chunk = 0;
  for (std::string_view line : lines) {
    const bool full =
        rotates && size_ + chunk.size() + line.size() + 1 > options_.bytes_max && size_ + chunk.size() > 0;
    if (full || chunk.size() >= kChunkBytes) {
      if (*error = Flush(&chunk); !error->ok()) return done;
      done += std::exchange(in_chunk, 0);
    }
    if (full) {
      if (*error = Rotate(); !error->ok()) return done;
    }
    StrAppend(&chunk, line, "\n");
    ++in_chunk;
  }
  if (*error = Flush(&chunk); !error->ok()) return done;
  return done + in_chunk;
}

absl::Status RotatingFile::Rotate() {
  Close();
  const std::filesystem::path path(options_.path);
  const std::string aside =
      StrCat((path.parent_path() / path.stem()).string(), "-",
             absl::FormatTime(kStampFormat, options_.clock->Now(), absl::UTCTimeZone()), path.extension().string());
  // Two within a millisecond: the file goes on growing until the clock does.
  if (!std::filesystem::exists(aside) && ::rename(options_.path.c_str(), aside.c_str()) != 0)
    return SystemError("cannot rename", options_.path);
  Prune();
  return Open();
}

void RotatingFile::Prune() const {
  const std::filesystem::path path(options_.path);
  const std::string prefix = path.stem().string() + "-", suffix = path.extension().string();
  std::vector<std::pair<absl::Time, std::filesystem::path>> old;
  std::error_code ignored;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    const std::string stamp = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    absl::Time at;
    if (absl::ParseTime(kStampFormat, stamp, absl::UTCTimeZone(), &at, nullptr)) old.emplace_back(at, entry.path());
  }
  std::sort(old.begin(), old.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  const absl::Time oldest = options_.age_max_days == 0
                                ? absl::InfinitePast()
                                : options_.clock->Now() - absl::Hours(24) * options_.age_max_days;
  for (size_t i = 0; i < old.size(); ++i) {
    const bool many = options_.backups_max > 0 && i >= static_cast<size_t>(options_.backups_max);
    if (many || old[i].first < oldest) std::filesystem::remove(old[i].second, ignored);
  }
}

}  // namespace atoll::audit
