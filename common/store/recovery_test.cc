#include "common/store/recovery.h"

#include <catch2/catch.hpp>

#include "common/store/format.h"
#include "common/store/kv/engine.h"

namespace atoll::store {
namespace {

TEST_CASE("a store is raised to the present format, and a newer one refused", "[store]") {
  struct Case {
    const char* version;
    absl::StatusCode want;
  };
  for (const Case& c : std::vector<Case>{{"1", absl::StatusCode::kOk},
                                         {"2", absl::StatusCode::kOk},
                                         {"3", absl::StatusCode::kFailedPrecondition},
                                         {"0", absl::StatusCode::kDataLoss},
                                         {"x", absl::StatusCode::kDataLoss}}) {
    CAPTURE(c.version);
    auto engine = kv::OpenEngine("memory", {});
    REQUIRE(engine.ok());
    const auto put = [](std::string_view key, std::string value) {
      return kv::Write{kv::Write::Kind::kPut, kv::Space::kMeta, std::string(key), std::move(value)};
    };
    REQUIRE((*engine)->Apply({put(format::kMetaVersion, c.version), put(format::kMetaId, "id")}, true).ok());
    const auto recovered = Recover(**engine, {}, SystemClock());
    CHECK(recovered.status().code() == c.want);
    if (!recovered.ok()) continue;
    CHECK(recovered->id == "id");
    CHECK((*engine)->Get(kv::Space::kMeta, format::kMetaVersion)->value() == std::to_string(format::kVersion));
  }
}

}  // namespace
}  // namespace atoll::store
