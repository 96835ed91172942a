#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "common/base/clock.h"
#include "common/base/encoding.h"
#include "common/base/file.h"
#include "common/base/random.h"
#include "common/base/status.h"

namespace atoll {
namespace {

TEST_CASE("ManualClock moves only when told", "[base]") {
  ManualClock clock(absl::FromUnixSeconds(100));
  CHECK(clock.Now() == absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  CHECK(clock.Now() == absl::FromUnixSeconds(105));
  CHECK(clock.Monotonic() == absl::Seconds(5));
  CHECK(SystemClock().Monotonic() <= SystemClock().Monotonic());
}

TEST_CASE("Random", "[base]") {
  SeededRandom a(7), b(7), c(8);
  CHECK(a.Uint64() == b.Uint64());
  CHECK(a.Uint64() != c.Uint64());
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(a.Below(5));
  CHECK(seen == std::set<uint64_t>{0, 1, 2, 3, 4});
  std::string uuid = SystemRandom().Uuid();
  REQUIRE(uuid.size() == 36);
  CHECK(uuid[14] == '4');
  CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
  CHECK(SystemRandom().Uuid() != uuid);
  CHECK(a.Characters(50, "xy").find_first_not_of("xy") == std::string::npos);
}

absl::StatusOr<int> Half(int v) {
  if (v % 2 != 0) return absl::InvalidArgumentError("odd");
  return v / 2;
}
absl::StatusOr<int> Quarter(int v) {
  ASSIGN_OR_RETURN(int half, Half(v));
  ASSIGN_OR_RETURN(half, Half(half));
  RETURN_IF_ERROR(absl::OkStatus());
  return half;
}
TEST_CASE("Status macros", "[base]") {
  CHECK(*Quarter(8) == 2);
  CHECK(Quarter(6).status().message() == "odd");
}

TEST_CASE("Hex", "[base]") {
  CHECK(HexEncode(std::string("\0\xff\x1a", 3)) == "00ff1a");
  CHECK(HexDecode("00FF1a") == std::string("\0\xff\x1a", 3));
  CHECK(HexDecode("") == "");
  for (const char* bad : {"0", "0g", "zz", " 00"}) CHECK_FALSE(HexDecode(bad));
}

TEST_CASE("Base64", "[base]") {
  struct Case {
    std::string bytes, standard, url_raw;
  };
  const Case cases[] = {{"", "", ""},
                        {"f", "Zg==", "Zg"},
                        {"fo", "Zm8=", "Zm8"},
                        {"foo", "Zm9v", "Zm9v"},
                        {"foob", "Zm9vYg==", "Zm9vYg"},
                        {"\xfb\xff", "+/8=", "-_8"}};
  for (const Case& c : cases) {
    CHECK(Base64Encode(c.bytes) == c.standard);
    CHECK(Base64Encode(c.bytes, Base64::kUrlRaw) == c.url_raw);
    CHECK(Base64Decode(c.standard) == c.bytes);
    CHECK(Base64Decode(c.url_raw, Base64::kUrlRaw) == c.bytes);
  }
  for (const char* bad : {"Zg", "Zg=", "Z===", "Zh==", "Zg==Zg==", "-_8=", "Z g=", "===="}) {
    INFO(bad);
    CHECK_FALSE(Base64Decode(bad));
  }
  CHECK_FALSE(Base64Decode("Zg==", Base64::kUrlRaw));
}

TEST_CASE("Files", "[base]") {
  std::string root = (std::filesystem::temp_directory_path() / "atoll-base-XXXXXX").string();
  REQUIRE(::mkdtemp(root.data()) != nullptr);
  REQUIRE(MakeDirectories(root + "/a/b/").ok());
  REQUIRE(MakeDirectories(root + "/a/b").ok());
  std::string path = root + "/a/b/key";
  CHECK(ReadFile(path).status().code() == absl::StatusCode::kNotFound);
  CHECK(WriteFileAtomic(path, "one", 0600).ok());
  CHECK(WriteFileAtomic(path, "two!", 0600).ok());
  CHECK(*ReadFile(path) == "two!");
  CHECK(ReadFile(path, 3).status().code() == absl::StatusCode::kOutOfRange);
  CHECK(ReadFile(root).status().code() == absl::StatusCode::kFailedPrecondition);
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(MakeDirectories(path + "/x").code() == absl::StatusCode::kFailedPrecondition);
  CHECK(MakeDirectories(path).code() == absl::StatusCode::kFailedPrecondition);
  CHECK_FALSE(WriteFileAtomic(root + "/missing/key", "x").ok());
  CHECK(std::distance(std::filesystem::directory_iterator(root + "/a/b"), {}) == 1);  // no temporary file stays
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace atoll
