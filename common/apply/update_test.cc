#include "common/apply/update.h"

#include <vector>

#include "common/apply/testing_apply.h"

namespace atoll::apply::testing {
namespace {

// An object and who owns what of it; each step is a write by someone.
class Story {
 public:
  Story& Apply(std::string_view manager, std::string_view config, bool force = false) {
    const Write write = By(manager);
    REQUIRE(Validate(write.type, Json(config), Duplicates::kRefused).ok());
    last_ = ApplyConfig(write, Json(config), force, &object_, &managers_);
    return *this;
  }
  Story& Update(std::string_view manager, std::string_view after) {
    json::Value now = Json(after);
    RecordUpdate(By(manager), object_, now, &managers_);
    object_ = std::move(now);
    return *this;
  }
  std::string Object() const { return json::Write(object_); }
  std::string Owned(std::string_view manager) const {
    for (const Manager& m : managers_) {
      if (m.name == manager) return Text(m.fields);
    }
    return "";
  }
  std::string Time(std::string_view manager) const {
    for (const Manager& m : managers_) {
      if (m.name == manager) return m.time;
    }
    return "";
  }
  std::string Conflicts() const {
    std::string out;
    for (const Manager& m : last_.conflicts) out += m.Printed() + Text(m.fields);
    return out;
  }
  bool changed() const { return last_.changed; }
  void Tick(std::string now) { now_ = std::move(now); }

  std::string version = "v1";

 private:
  Write By(std::string_view manager) const {
    Write w;
    w.type = TestType();
    w.manager = manager;
    w.api_version = version;
    w.now = now_;
    return w;
  }
  json::Value object_ = json::Value::MakeObject();
  Managers managers_;
  Applied last_;
  std::string now_ = "2026-01-01T00:00:00Z";
};

TEST_CASE("appliers conflict, share and force") {
  Story s;
  s.Apply("one", R"({"data":{"a":"1","b":"2"}})");
  CHECK(s.Object() == R"({"data":{"a":"1","b":"2"}})");
  s.Apply("two", R"({"data":{"a":"x","c":"3"}})");
  CHECK(s.Conflicts() == R"("one"{"f:data":{"f:a":{}}})");
  CHECK(s.Owned("two").empty());
  s.Tick("2026-01-01T00:00:01Z");
  s.Apply("two", R"({"data":{"a":"x","c":"3"}})", true);
  CHECK(s.Object() == R"({"data":{"a":"x","b":"2","c":"3"}})");
  CHECK(s.Owned("one") == R"({"f:data":{"f:b":{}}})");
  CHECK(s.Owned("two") == R"({"f:data":{"f:a":{},"f:c":{}}})");
  // The same value again: shared, and no time, because nothing changed.
  s.Apply("three", R"({"data":{"c":"3"}})");
  CHECK_FALSE(s.changed());
  CHECK(s.Owned("three") == R"({"f:data":{"f:c":{}}})");
  CHECK(s.Time("three").empty());
  CHECK(s.Time("two") == "2026-01-01T00:00:01Z");
  // Who gives up a shared field leaves it to the other; who gives up his own takes it along.
  s.Apply("two", R"({"data":{}})");
  CHECK(s.Object() == R"({"data":{"b":"2","c":"3"}})");
  CHECK(s.Owned("two") == R"({"f:data":{}})");
  s.Apply("three", R"({})");
  CHECK(s.Object() == R"({"data":{"b":"2"}})");
  CHECK(s.Owned("three").empty());
}

TEST_CASE("items of lists are owned one by one") {
  Story s;
  s.Apply("one", R"({"ports":[{"port":1,"name":"a"}],"tags":["x"]})");
  s.Apply("two", R"({"ports":[{"port":2}],"tags":["y"]})");
  CHECK(s.Object() == R"({"ports":[{"port":1,"name":"a"},{"port":2}],"tags":["x","y"]})");
  s.Apply("two", R"({"ports":[{"port":1,"hosts":[{"name":"h"}]}]})");
  CHECK(s.Object() == R"({"ports":[{"port":1,"name":"a","hosts":[{"name":"h"}]}],"tags":["x"]})");
  // The item stays for what somebody else has in it.
  s.Apply("one", R"({"tags":["x"]})");
  CHECK(s.Object() == R"({"ports":[{"port":1,"hosts":[{"name":"h"}]}],"tags":["x"]})");
  s.Apply("two", "{}");
  CHECK(s.Object() == R"({"tags":["x"]})");
}

TEST_CASE("an item goes with what others only updated in it, an entry of a map does not") {
  Story s;
  s.Apply("one", R"({"data":{"a":"1"},"ports":[{"port":1}]})");
  s.Update("edit", R"({"data":{"a":"1","b":"2"},"ports":[{"port":1,"name":"n"}]})");
  s.Apply("one", R"({})");
  CHECK(s.Object() == R"({"data":{"b":"2"}})");
}

TEST_CASE("updates take fields over, and removals leave everybody") {
  Story s;
  s.Apply("one", R"({"data":{"a":"1","b":"2"}})");
  s.Update("edit", R"({"data":{"a":"9"}})");
  CHECK(s.Owned("one").empty());
  CHECK(s.Owned("edit") == R"({"f:data":{"f:a":{}}})");
  s.Tick("2026-01-01T00:00:05Z");
  s.Update("edit", R"({"data":{"a":"9"}})");
  CHECK(s.Time("edit") == "2026-01-01T00:00:00Z");
  s.Apply("one", R"({"data":{"a":"1"}})");
  CHECK(s.Conflicts() == R"("edit" using v1{"f:data":{"f:a":{}}})");
  s.Update("other", R"({})");
  CHECK(s.Owned("edit").empty());
  CHECK(s.Owned("other").empty());
}

TEST_CASE("an applier is the same in every version, an updater is not") {
  Story s;
  s.Apply("one", R"({"data":{"a":"1"}})").Update("edit", R"({"data":{"a":"1","b":"1"}})");
  s.version = "v2";
  s.Apply("one", R"({})");
  CHECK(s.Object() == R"({"data":{"b":"1"}})");
  s.Update("edit", R"({"data":{"b":"1","c":"1"}})");
  CHECK(s.Owned("edit") == R"({"f:data":{"f:b":{}}})");
}

TEST_CASE("a door owns only what it reaches") {
  const FieldSet reset = FieldSet::OfMembers({{"data"}});
  Write w;
  w.type = TestType();
  w.manager = "m";
  w.api_version = "v1";
  w.reset = &reset;
  Managers managers;
  RecordUpdate(w, Json("{}"), Json(R"({"data":{"a":"1"},"tags":["x"]})"), &managers);
  REQUIRE(managers.size() == 1);
  CHECK(Text(managers[0].fields) == R"({"f:tags":{".":{},"v:\"x\"":{}}})");
  Managers others = {{"o", Operation::kApply, "v1", "", "", Fields(R"({"f:data":{"f:a":{}}})")}};
  RecordUpdate(w, Json(R"({"data":{"a":"1"}})"), Json("{}"), &others);
  CHECK(Text(others.at(0).fields) == R"({"f:data":{"f:a":{}}})");
  json::Value object = Json(R"({"data":{"a":"1"}})");
  CHECK(ApplyConfig(w, Json(R"({"data":{"a":"2"}})"), false, &object, &others).conflicts.empty());
}

TEST_CASE("lists of managers") {
  const std::string_view text =
      R"([{"manager":"a","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}}},)"
      R"({"manager":"z","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1",)"
      R"("fieldsV1":{"f:y":{}},"subresource":"status"}])";
  const json::Value list = Json(text);
  auto managers = ParseManagers(&list);
  REQUIRE(managers.ok());
  std::swap((*managers)[0], (*managers)[1]);
  CHECK(json::Write(PrintManagers(*managers)) == text);
  CHECK((*managers)[0].Printed() == R"("z" with subresource "status" using v1)");
  CHECK(ParseManagers(nullptr)->empty());
  for (std::string_view bad :
       {R"([{"manager":"a","operation":"apply","apiVersion":"v1","fieldsType":"FieldsV1"}])",
        R"([{"operation":"Apply","fieldsType":"FieldsV1"}])", R"([{"operation":"Apply","apiVersion":"v1"}])",
        R"([{"operation":"Apply","apiVersion":"v1","fieldsType":"V2"}])", R"([1])", R"([{}])",
        R"([{"operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"x":{}}}])"}) {
    const json::Value v = Json(bad);
    CHECK_FALSE(ParseManagers(&v).ok());
  }
}

TEST_CASE("the oldest updaters are merged") {
  Managers managers;
  for (int i = 0; i < 13; ++i) {
    const std::string n = std::to_string(10 + i);
    managers.push_back({"m" + n, Operation::kUpdate, "v1", "", "2026-01-01T00:00:" + n + "Z",
                        Fields("{\"f:d\":{\"f:" + n + "\":{}}}")});
  }
  managers.push_back({"a", Operation::kApply, "v1", "", "2025-01-01T00:00:00Z", Fields(R"({"f:e":{}})")});
  CapUpdateManagers(&managers);
  REQUIRE(managers.size() == 11);
  CHECK(managers[1].name == "ancient-changes");
  CHECK(managers[1].time == "2026-01-01T00:00:13Z");
  CHECK(Text(managers[1].fields) == R"({"f:d":{"f:10":{},"f:11":{},"f:12":{},"f:13":{}}})");
}

}  // namespace
}  // namespace atoll::apply::testing
