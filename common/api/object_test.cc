#include "common/api/object.h"

#include <catch2/catch.hpp>

#include "common/json/write.h"

namespace atoll::api {
namespace {

TEST_CASE("Labels, annotations and finalizers", "[api]") {
  json::Value o = json::Value::MakeObject();
  SetLabel(&o, "a", "1");
  SetAnnotation(&o, "b", "");
  CHECK(Label(o, "a") == "1");
  CHECK(Label(o, "none").empty());
  CHECK(HasAnnotation(o, "b"));
  CHECK(Annotation(o, "b").empty());
  CHECK(RemoveLabel(&o, "a"));
  CHECK_FALSE(RemoveLabel(&o, "a"));
  CHECK(RemoveAnnotation(&o, "b"));
  CHECK(json::Write(o) == R"({"metadata":{}})");

  CHECK(AddFinalizer(&o, "x"));
  CHECK_FALSE(AddFinalizer(&o, "x"));
  CHECK(AddFinalizer(&o, "y"));
  CHECK(Finalizers(o) == std::vector<std::string>{"x", "y"});
  CHECK(RemoveFinalizer(&o, "x"));
  CHECK_FALSE(RemoveFinalizer(&o, "x"));
  CHECK(RemoveFinalizer(&o, "y"));
  CHECK(json::Write(o) == R"({"metadata":{}})");
}

TEST_CASE("Accessors tolerate wrong shapes", "[api]") {
  json::Value o = json::Object{{"metadata", json::Object{{"labels", nullptr}, {"finalizers", "x"}, {"name", 3}}}};
  CHECK(Name(o).empty());
  CHECK(Finalizers(o).empty());
  CHECK_FALSE(HasFinalizer(o, "x"));
  SetLabel(&o, "a", "b");
  CHECK(Label(o, "a") == "b");
  CHECK_FALSE(RemoveFinalizer(&o, "x"));
  CHECK(FindCondition(o, "Ready") == nullptr);
  json::Value odd = json::Object{{"metadata", "a string"}, {"status", 3}};
  SetAnnotation(&odd, "a", "b");
  CHECK(Annotation(odd, "a") == "b");
  CHECK(SetCondition(&odd, "Ready", true, absl::UnixEpoch()));
}

TEST_CASE("Times", "[api]") {
  const absl::Time t = absl::FromUnixMicros(1'700'000'000'123'456);
  CHECK(api::FormatTime(t) == "2023-11-14T22:13:20Z");
  CHECK(FormatMicroTime(t) == "2023-11-14T22:13:20.123456Z");
  CHECK(api::ParseTime("2023-11-14T22:13:20Z") == absl::FromUnixSeconds(1'700'000'000));
  CHECK(api::ParseTime("1969-12-31T23:59:59Z") == absl::FromUnixSeconds(-1));
  CHECK(api::ParseTime("2024-02-29T00:00:00Z") == absl::FromUnixSeconds(1'709'164'800));
  CHECK(api::ParseTime("2016-12-31T23:59:60Z") == api::ParseTime("2017-01-01T00:00:00Z"));
  CHECK(api::ParseTime("2023-11-14T23:13:20+01:00") == absl::FromUnixSeconds(1'700'000'000));
  CHECK(api::ParseTime("2023-11-14T22:13:20.123456Z") == t);
  for (const char* bad :
       {"", "infinite-future", "2023-11-14", "2023-11-14 22:13:20Z", "2023-13-14T22:13:20Z", "2023-02-30T22:13:20Z",
        "2023-11-14T24:13:20Z", "2023-11-14t22:13:20Z", "2023-11-14T22:13:2xZ", "2023-11-14T22:13:20"}) {
    CHECK_FALSE(api::ParseTime(bad).has_value());
  }
}

TEST_CASE("Conditions", "[api]") {
  json::Value o = json::Value::MakeObject();
  const absl::Time t0 = absl::FromUnixSeconds(0), t1 = absl::FromUnixSeconds(60);
  CHECK(SetCondition(&o, "Bound", true, t0));
  CHECK(SetCondition(&o, "Accepted", false, t0, "Why", "Error", "because"));
  CHECK(SetCondition(&o, "Ready", false, t0));
  CHECK(o.At({"status", "conditions"})->array()[0].StringAt({"type"}) == "Ready");
  CHECK(o.At({"status", "conditions"})->array()[1].StringAt({"type"}) == "Accepted");
  CHECK_FALSE(SetCondition(&o, "Bound", true, t1));
  CHECK(SetCondition(&o, "Accepted", false, t1, "Why", "Error", "other words"));
  CHECK(FindCondition(o, "Accepted")->StringAt({"lastTransitionTime"}) == "1970-01-01T00:00:00Z");
  CHECK(SetCondition(&o, "Accepted", true, t1));
  CHECK(json::Write(*FindCondition(o, "Accepted")) ==
        R"({"type":"Accepted","status":"True","lastTransitionTime":"1970-01-01T00:01:00Z"})");
}

}  // namespace
}  // namespace atoll::api
