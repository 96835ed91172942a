#include "common/store/kv/rocksdb/directory.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <rocksdb/env.h>
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/store/kv/rocksdb/rocksdb_engine.h"

namespace atoll::store::kv {
namespace {

constexpr absl::string_view kMagic = "atoll-store ";

absl::Status CreateDirectories(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return absl::OkStatus();
  const std::string text = StrCat("cannot create the directory ", directory, ": ", error.message());
  if (error == std::errc::permission_denied) return absl::PermissionDeniedError(text);
  if (error == std::errc::no_space_on_device) return absl::ResourceExhaustedError(text);
  return absl::InternalError(text);
}

absl::Status CheckFormat(const std::string& directory, std::string_view content) {
  absl::string_view number = absl::StripAsciiWhitespace(ToAbsl(content));
  int version = 0;
  if (!absl::ConsumePrefix(&number, kMagic) || !absl::SimpleAtoi(number, &version) || version < 1) {
    return absl::FailedPreconditionError(StrCat(directory, "/FORMAT is not a store's format file"));
  }
  if (version > kFormatVersion) {
    return absl::FailedPreconditionError(StrCat("the store in ", directory, " has format version ", version,
                                                ", written by a newer program; this one reads up to version ",
                                                kFormatVersion));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareDirectory(rocksdb::Env* env, const std::string& directory) {
  if (directory.empty()) return absl::InvalidArgumentError("the rocksdb engine needs a directory");
  RETURN_IF_ERROR(CreateDirectories(directory));
  const std::string path = directory + "/FORMAT";
  if (env->FileExists(path).ok()) {
    std::string content;
    RETURN_IF_ERROR(FromRocksdb(rocksdb::ReadFileToString(env, path, &content), StrCat("read ", path)));
    return CheckFormat(directory, content);
  }
  if (env->FileExists(directory + "/CURRENT").ok()) {
    return absl::FailedPreconditionError(StrCat(directory, " holds a database without a FORMAT file: not a store"));
  }
  const std::string temporary = path + ".new";
  RETURN_IF_ERROR(FromRocksdb(rocksdb::WriteStringToFile(env, StrCat(kMagic, kFormatVersion, "\n"), temporary, true),
                              StrCat("write ", temporary)));
  return FromRocksdb(env->RenameFile(temporary, path), StrCat("create ", path));
}

}  // namespace atoll::store::kv
