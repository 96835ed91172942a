#include "shard/endpoints/options.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/json/parse.h"

namespace atoll::endpoints {
namespace {

std::string Message(const absl::Status& status) { return std::string(api::StatusObject(status).StringAt({"message"})); }

TEST_CASE("DefaultFieldManager", "[endpoints]") {
  CHECK(DefaultFieldManager("kubectl/v1.33 (linux/amd64)") == "kubectl");
  CHECK(DefaultFieldManager("") == "unknown");
  CHECK(DefaultFieldManager("/x") == "unknown");
  CHECK(DefaultFieldManager("a\nb") == "ab");
  CHECK(DefaultFieldManager(std::string(300, 'x')).size() == 128);
}

TEST_CASE("ParseWriteOptions", "[endpoints]") {
  using FieldValidation = registry::WriteOptions::FieldValidation;
  auto plain = ParseWriteOptions(WriteKind::kCreate, Query(), "helm/3");
  REQUIRE(plain.ok());
  CHECK(plain->field_manager == "helm");
  CHECK(plain->field_validation == FieldValidation::kWarn);
  CHECK_FALSE(plain->dry_run);
  auto all =
      ParseWriteOptions(WriteKind::kApply, Query("dryRun=All&fieldManager=m&fieldValidation=Strict&force=true"), "");
  REQUIRE(all.ok());
  CHECK(all->dry_run);
  CHECK(all->force);
  CHECK(all->field_validation == FieldValidation::kStrict);

  struct Case {
    WriteKind kind;
    std::string query;
    const char* message;
  };
  const Case cases[] = {
      {WriteKind::kUpdate, "fieldValidation=x",
       "UpdateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"x\": supported values: \"\", "
       "\"Ignore\", \"Strict\", \"Warn\""},
      {WriteKind::kCreate, "fieldManager=" + std::string(129, 'x'),
       "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes"},
      {WriteKind::kCreate, "fieldManager=abc%0A",
       "CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"abc\\n\": invalid character U+000A "
       "(at position 3)"},
  };
  for (const Case& c : cases) {
    auto options = ParseWriteOptions(c.kind, Query(c.query), "");
    REQUIRE_FALSE(options.ok());
    CHECK(Message(options.status()) == c.message);
  }
}

TEST_CASE("ParseListOptions", "[endpoints]") {
  auto options = ParseListOptions(
      Query("limit=5&continue=c&timeoutSeconds=7&sendInitialEvents=&allowWatchBookmarks=1&labelSelector=a%3Db"));
  REQUIRE(options.ok());
  CHECK(options->limit == 5);
  CHECK(options->timeout == absl::Seconds(7));
  CHECK(options->send_initial_events == true);
  CHECK(options->allow_bookmarks);
  CHECK(options->label_selector == "a=b");
  CHECK(Message(ParseListOptions(Query("limit=x")).status()) == "strconv.ParseInt: parsing \"x\": invalid syntax");
}

TEST_CASE("ParseDeleteOptions", "[endpoints]") {
  auto body = json::Parse(
      R"({"kind":"DeleteOptions","preconditions":{"uid":"u"},"propagationPolicy":"Orphan","dryRun":["All"]})");
  auto parsed = ParseDeleteOptions(Query("propagationPolicy=Background"), *body);
  REQUIRE(parsed.ok());
  CHECK(parsed->uid == "u");
  CHECK(parsed->propagation_policy == "Orphan");
  CHECK(parsed->dry_run);
  auto legacy = ParseDeleteOptions(Query("orphanDependents=false"), {});
  REQUIRE(legacy.ok());
  CHECK(legacy->orphan_dependents == false);
  CHECK(legacy->propagation_policy.empty());
}

TEST_CASE("ParseDeleteOptions refuses in Kubernetes' words and order", "[endpoints]") {
  const std::string invalid = "DeleteOptions.meta.k8s.io \"\" is invalid: ";
  const std::string both =
      "propagationPolicy: Invalid value: \"Background\": orphanDependents and deletionPropagation cannot be both set";
  const auto unknown = [](std::string policy) {
    return "propagationPolicy: Unsupported value: \"" + policy +
           "\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"";
  };
  struct Case {
    std::string query, body, message;  // an empty body: none
  };
  for (const Case& c : std::vector<Case>{
           {"orphanDependents=1&propagationPolicy=Background", "", invalid + both},
           {"propagationPolicy=x", "", invalid + unknown("x")},
           {"propagationPolicy=", "", invalid + unknown("")},
           {"", R"({"propagationPolicy":""})", invalid + unknown("")},
           {"propagationPolicy=x&dryRun=y", "",
            invalid + "[" + unknown("x") + ", dryRun: Unsupported value: [\"y\"]: supported values: \"All\"]"},
           {"gracePeriodSeconds=x", "", "strconv.ParseInt: parsing \"x\": invalid syntax"},
           {"gracePeriodSeconds=-3", "", ""},
           {"", R"({"gracePeriodSeconds":"3"})",
            "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"},
           {"", R"({"gracePeriodSeconds":0,"ignoreStoreReadErrorWithClusterBreakingPotential":true,"dryRun":["All"]})",
            ""},
       }) {
    CAPTURE(c.query, c.body);
    json::Value body;
    if (!c.body.empty()) body = *json::Parse(c.body);
    const auto parsed = ParseDeleteOptions(Query(c.query), body);
    CHECK(parsed.ok() == c.message.empty());
    if (!parsed.ok()) CHECK(Message(parsed.status()) == c.message);
  }
}

}  // namespace
}  // namespace atoll::endpoints
