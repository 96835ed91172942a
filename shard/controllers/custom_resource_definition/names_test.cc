#include "shard/controllers/custom_resource_definition/names.h"

#include <catch2/catch.hpp>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/parse.h"

namespace atoll::controllers {
namespace {

json::Value Json(std::string_view text) {
  auto parsed = json::Parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

const absl::Time kThen = absl::FromUnixSeconds(100), kLater = absl::FromUnixSeconds(200);

json::Value Definition(std::string_view names) {
  return Json(
      StrCat(R"({"metadata":{"name":"gears.example.dev"},"spec":{"group":"example.dev","names":)", names, "}}"));
}

// `status reason message`.
std::string Condition(const json::Value& crd, std::string_view type) {
  const json::Value* c = api::FindCondition(crd, type);
  if (c == nullptr) return "";
  return StrCat(c->StringAt({"status"}), " ", c->StringAt({"reason"}), " ", c->StringAt({"message"}));
}

TEST_CASE("names that are free are accepted and establish the definition", "[controllers]") {
  json::Value crd = Definition(R"({"plural":"gears","singular":"gear","kind":"Gear","listKind":"GearList"})");
  CHECK_FALSE(HasItsNames(crd));
  REQUIRE(AcceptNames({}, kThen, &crd));
  CHECK(HasItsNames(crd));
  CHECK(Condition(crd, "NamesAccepted") == "True NoConflicts no conflicts found");
  CHECK(Condition(crd, "Established") == "True InitialNamesAccepted the initial names have been accepted");
  CHECK_FALSE(AcceptNames({}, kLater, &crd));
}

TEST_CASE("names that others have are refused, the rest is accepted", "[controllers]") {
  struct Row {
    const char *names, *condition;
  };
  const Row rows[] = {
      {R"({"plural":"wheels","singular":"gear","kind":"Gear","listKind":"GearList"})",
       R"(False PluralConflict "wheels" is already in use)"},
      {R"({"plural":"gears","singular":"wheel","kind":"Gear","listKind":"GearList"})",
       R"(False SingularConflict "wheel" is already in use)"},
      {R"({"plural":"gears","singular":"gear","shortNames":["g","w"],"kind":"Gear","listKind":"GearList"})",
       R"(False ShortNamesConflict "w" is already in use)"},
      {R"({"plural":"gears","singular":"gear","kind":"Wheel","listKind":"GearList"})",
       R"(False KindConflict "Wheel" is already in use)"},
      {R"({"plural":"gears","singular":"gear","kind":"Gear","listKind":"WheelList"})",
       R"(False ListKindConflict "WheelList" is already in use)"},
  };
  TakenNames taken;
  taken.Add(Json(R"({"plural":"wheels","singular":"wheel","shortNames":["w"],"kind":"Wheel","listKind":"WheelList"})"));
  for (const Row& row : rows) {
    INFO(row.names);
    json::Value crd = Definition(row.names);
    REQUIRE(AcceptNames(taken, kThen, &crd));
    CHECK(Condition(crd, "NamesAccepted") == row.condition);
    CHECK(Condition(crd, "Established") == "False NotAccepted not all names are accepted");
    CHECK_FALSE(HasItsNames(crd));
    // The other one goes.
    REQUIRE(AcceptNames({}, kLater, &crd));
    CHECK(HasItsNames(crd));
    CHECK(Condition(crd, "Established") == "True InitialNamesAccepted the initial names have been accepted");
  }
}

TEST_CASE("what was established stays so, whatever it is called now", "[controllers]") {
  json::Value crd = Definition(R"({"plural":"gears","singular":"gear","kind":"Gear","listKind":"GearList"})");
  REQUIRE(AcceptNames({}, kThen, &crd));
  crd.Ensure({"spec", "names", "singular"}) = "wheel";
  TakenNames taken;
  taken.Add(Json(R"({"plural":"wheels","singular":"wheel","kind":"Wheel","listKind":"WheelList"})"));
  REQUIRE(AcceptNames(taken, kLater, &crd));
  CHECK(Condition(crd, "NamesAccepted") == R"(False SingularConflict "wheel" is already in use)");
  CHECK(Condition(crd, "Established") == "True InitialNamesAccepted the initial names have been accepted");
  CHECK(crd.StringAt({"status", "acceptedNames", "singular"}) == "gear");
}

TEST_CASE("a protected group says whether it is approved", "[controllers]") {
  json::Value crd = Definition(R"({"plural":"gears","singular":"gear","kind":"Gear","listKind":"GearList"})");
  crd.Ensure({"spec", "group"}) = "test.k8s.io";
  api::SetAnnotation(&crd, "api-approved.kubernetes.io", "unapproved, an experiment");
  REQUIRE(AcceptNames({}, kThen, &crd));
  CHECK(Condition(crd, "KubernetesAPIApprovalPolicyConformant") ==
        R"(False UnapprovedAnnotation not approved: "unapproved, an experiment")");
}

}  // namespace
}  // namespace atoll::controllers
