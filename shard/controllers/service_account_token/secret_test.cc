#include "shard/controllers/service_account_token/secret.h"

#include <catch2/catch.hpp>

#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::controllers {
namespace {

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  CHECK_OK(parsed);
  return *std::move(parsed);
}

const json::Value& Account() {
  static const json::Value account = Json(R"({"metadata":{"name":"a","namespace":"n","uid":"u"}})");
  return account;
}

json::Value Secret(std::string_view annotations, std::string_view data = "null") {
  return Json(std::string(R"({"metadata":{"namespace":"n","annotations":{)") + std::string(annotations) +
              R"(}},"type":"kubernetes.io/service-account-token","data":)" + std::string(data) + "}");
}

constexpr char kOfA[] = R"("kubernetes.io/service-account.name":"a")";
constexpr char kWithUid[] = R"("kubernetes.io/service-account.name":"a","kubernetes.io/service-account.uid":"u")";
constexpr char kFull[] = R"({"ca.crt":"Y2E=","namespace":"bg==","token":"dA=="})";

TEST_CASE("token secrets: for whom", "[controllers]") {
  CHECK(IsTokenSecret(Secret(kOfA)));
  CHECK_FALSE(IsTokenSecret(Json(R"({"type":"Opaque"})")));
  CHECK(IsFor(Secret(kOfA), Account()));
  CHECK(IsFor(Secret(kWithUid), Account()));
  CHECK_FALSE(IsFor(Secret(R"("kubernetes.io/service-account.name":"a","kubernetes.io/service-account.uid":"old")"),
                    Account()));
  CHECK_FALSE(IsFor(Secret(R"("kubernetes.io/service-account.name":"b")"), Account()));
}

TEST_CASE("token secrets: what is filled in", "[controllers]") {
  struct Row {
    const char *annotations, *data;
    bool changed, signs;
    const char* after;
  };
  const Row rows[] = {
      {kOfA, "null", true, true, kFull},
      {kWithUid, kFull, false, false, kFull},
      {kOfA, kFull, true, false, kFull},  // the uid
      {kWithUid, R"({"ca.crt":"eA==","namespace":"bg==","token":"dA=="})", true, false, kFull},
      {kWithUid, R"({"ca.crt":"Y2E=","namespace":"eA==","token":"dA=="})", false, false,
       R"({"ca.crt":"Y2E=","namespace":"eA==","token":"dA=="})"},  // what somebody wrote there stays
      {kWithUid, R"({"ca.crt":"Y2E=","namespace":"bg==","z":"eg=="})", true, true,
       R"({"ca.crt":"Y2E=","namespace":"bg==","token":"dA==","z":"eg=="})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotations, row.data);
    json::Value secret = Secret(row.annotations, row.data);
    int signatures = 0;
    auto changed = FillTokenSecret(
        Account(), "ca",
        [&]() -> absl::StatusOr<std::string> {
          ++signatures;
          return "t";
        },
        &secret);
    CHECK_OK(changed);
    CHECK(*changed == row.changed);
    CHECK((signatures == 1) == row.signs);
    CHECK(json::Write(*secret.Find("data")) == row.after);
    CHECK(secret.StringAt({"metadata", "annotations", kAccountUidAnnotation}) == "u");
  }
  json::Value secret = Secret(kOfA);
  CHECK_FALSE(FillTokenSecret(Account(), "ca", [] { return absl::InternalError("no"); }, &secret).ok());
}

}  // namespace
}  // namespace atoll::controllers
