#include "shard/storage/expiry.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/store/types.h"

namespace atoll::storage {
namespace {

TEST_CASE("expiry keys sort by time and say their object", "[storage]") {
  using namespace std::string_literals;
  const std::string object = "events\0\0root\0default\0a\0"s;
  const std::string early = ExpiryKey(absl::FromUnixSeconds(99), object);
  const std::string late = ExpiryKey(absl::FromUnixSeconds(1000), "a");
  CHECK(early < late);
  CHECK(ExpiryScope() < early);
  CHECK(late < store::ScopeEnd(ExpiryScope()));
  auto decoded = DecodeExpiryKey(early);
  REQUIRE(decoded.ok());
  CHECK(decoded->written == absl::FromUnixSeconds(99));
  CHECK(decoded->object_key == object);
  CHECK(ExpiryKey(absl::FromUnixSeconds(-5), "a") == ExpiryKey(absl::UnixEpoch(), "a"));
  CHECK(DecodeExpiryKey(ExpiryKey(absl::InfiniteFuture(), "a")).ok());
  for (const std::string& bad :
       {""s, "expiry\0"s, "expiry\0x"s, "expiry\00000000000zz\0a"s, "other\0000000000001\0a"s}) {
    CHECK_FALSE(DecodeExpiryKey(bad).ok());
  }
}

}  // namespace
}  // namespace atoll::storage
