// What every engine must do. One suite, each engine an instance.
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <thread>

#include "common/base/random.h"
#include "common/store/kv/engine.h"
#include "common/store/store_testing.h"

namespace atoll::store::kv {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Write PutWrite(Space space, std::string key, std::string value) {
  return {Write::Kind::kPut, space, std::move(key), std::move(value)};
}
Write DeleteWrite(Space space, std::string key) { return {Write::Kind::kDelete, space, std::move(key), {}}; }
Write DeleteRangeWrite(Space space, std::string begin, std::string end) {
  return {Write::Kind::kDeleteRange, space, std::move(begin), std::move(end)};
}

std::unique_ptr<Engine> Open(const std::string& name, const std::string& directory) {
  auto engine = OpenEngine(name, {.directory = directory});
  REQUIRE(engine.ok());
  return *std::move(engine);
}

Pairs ScanAll(const View& view, Space space, std::string_view begin = {}, std::string_view end = {}) {
  Pairs pairs;
  REQUIRE(view.Scan(space, begin, end,
                    [&](std::string_view key, std::string_view value) {
                      pairs.emplace_back(key, value);
                      return true;
                    })
              .ok());
  return pairs;
}

std::optional<std::string> Get(const Engine& engine, Space space, std::string_view key) {
  auto value = engine.Get(space, key);
  REQUIRE(value.ok());
  return *value;
}

#define FOR_EACH_ENGINE()                                                    \
  const std::string name = GENERATE(as<std::string>(), "rocksdb", "memory"); \
  CAPTURE(name);                                                             \
  const testing::TempDir directory;                                          \
  std::unique_ptr<Engine> engine = Open(name, directory.path())

TEST_CASE("Engine: spaces are separate, a batch spans them", "[store][kv]") {
  FOR_EACH_ENGINE();
  REQUIRE(engine
              ->Apply({PutWrite(Space::kObjects, "k", "o"), PutWrite(Space::kLog, "k", "l"),
                       PutWrite(Space::kIndex, "k", "")},
                      true)
              .ok());
  CHECK(Get(*engine, Space::kObjects, "k") == "o");
  CHECK(Get(*engine, Space::kLog, "k") == "l");
  CHECK(Get(*engine, Space::kIndex, "k") == "");
  CHECK(Get(*engine, Space::kMeta, "k") == std::nullopt);
  CHECK(*engine->GetCached(Space::kObjects, "k") == "o");
}

TEST_CASE("Engine: later writes of a batch win", "[store][kv]") {
  FOR_EACH_ENGINE();
  REQUIRE(engine
              ->Apply({PutWrite(Space::kIndex, "a", "1"), DeleteWrite(Space::kIndex, "a"),
                       PutWrite(Space::kIndex, "b", "1"), PutWrite(Space::kIndex, "b", "2"),
                       DeleteWrite(Space::kIndex, "missing")},
                      false)
              .ok());
  CHECK(ScanAll(*engine->NewView(), Space::kIndex) == Pairs{{"b", "2"}});
}

TEST_CASE("Engine: scans are ordered by unsigned bytes and bounded", "[store][kv]") {
  FOR_EACH_ENGINE();
  std::vector<Write> writes;
  for (const std::string& key :
       {std::string("b"), std::string("a\0x", 3), std::string("a"), std::string("\xff"), std::string("a\x01")}) {
    writes.push_back(PutWrite(Space::kObjects, key, "v"));
  }
  REQUIRE(engine->Apply(writes, true).ok());
  const auto view = engine->NewView();
  const auto keys = [&](std::string_view begin, std::string_view end) {
    std::vector<std::string> result;
    for (auto& [key, value] : ScanAll(*view, Space::kObjects, begin, end)) result.push_back(key);
    return result;
  };
  CHECK(keys({}, {}) == std::vector<std::string>{"a", std::string("a\0x", 3), "a\x01", "b", "\xff"});
  CHECK(keys("a", "a\x01") == std::vector<std::string>{"a", std::string("a\0x", 3)});
  CHECK(keys("b", {}) == std::vector<std::string>{"b", "\xff"});
  CHECK(keys("c", "d").empty());
  int visited = 0;
  REQUIRE(view->Scan(Space::kObjects, {}, {}, [&](auto, auto) { return ++visited < 2; }).ok());
  CHECK(visited == 2);
}

TEST_CASE("Engine: delete ranges", "[store][kv]") {
  FOR_EACH_ENGINE();
  std::vector<Write> writes;
  for (char c = 'a'; c <= 'f'; ++c) writes.push_back(PutWrite(Space::kLog, std::string(1, c), "v"));
  REQUIRE(engine->Apply(writes, true).ok());
  const auto before = engine->NewView();
  REQUIRE(engine->Apply({DeleteRangeWrite(Space::kLog, "b", "e"), PutWrite(Space::kLog, "c", "again")}, true).ok());
  CHECK(ScanAll(*engine->NewView(), Space::kLog) == Pairs{{"a", "v"}, {"c", "again"}, {"e", "v"}, {"f", "v"}});
  CHECK(ScanAll(*before, Space::kLog).size() == 6);
}

TEST_CASE("Engine: a view does not move", "[store][kv]") {
  FOR_EACH_ENGINE();
  REQUIRE(engine->Apply({PutWrite(Space::kObjects, "a", "1"), PutWrite(Space::kObjects, "b", "1")}, true).ok());
  const auto first = engine->NewView();
  REQUIRE(engine->Apply({PutWrite(Space::kObjects, "a", "2"), DeleteWrite(Space::kObjects, "b")}, true).ok());
  const auto second = engine->NewView();
  REQUIRE(engine->Apply({DeleteWrite(Space::kObjects, "a"), PutWrite(Space::kObjects, "c", "3")}, true).ok());
  engine->Compact(Space::kObjects, {}, {});
  CHECK(ScanAll(*first, Space::kObjects) == Pairs{{"a", "1"}, {"b", "1"}});
  CHECK(ScanAll(*second, Space::kObjects) == Pairs{{"a", "2"}});
  CHECK(**second->Get(Space::kObjects, "a") == "2");
  CHECK(ScanAll(*engine->NewView(), Space::kObjects) == Pairs{{"c", "3"}});
}

TEST_CASE("Engine: a view outlives its engine", "[store][kv]") {
  FOR_EACH_ENGINE();
  REQUIRE(engine->Apply({PutWrite(Space::kObjects, "a", "1")}, true).ok());
  const auto view = engine->NewView();
  engine.reset();
  CHECK(ScanAll(*view, Space::kObjects) == Pairs{{"a", "1"}});
}

TEST_CASE("Engine: a visitor may read and write", "[store][kv]") {
  FOR_EACH_ENGINE();
  std::vector<Write> writes;
  for (int i = 100; i < 300; ++i) writes.push_back(PutWrite(Space::kObjects, std::to_string(i), "v"));
  REQUIRE(engine->Apply(writes, false).ok());
  const auto view = engine->NewView();
  size_t visited = 0;
  REQUIRE(view->Scan(Space::kObjects, {}, {},
                     [&](std::string_view key, std::string_view) {
                       ++visited;
                       return engine->Apply({DeleteWrite(Space::kObjects, std::string(key))}, false).ok();
                     })
              .ok());
  CHECK(visited == 200);
  CHECK(ScanAll(*engine->NewView(), Space::kObjects).empty());
}

TEST_CASE("Engine: readers beside the writer see whole batches", "[store][kv]") {
  FOR_EACH_ENGINE();
  REQUIRE(engine->Apply({PutWrite(Space::kObjects, "a", "0"), PutWrite(Space::kLog, "a", "0")}, false).ok());
  std::atomic<bool> torn{false}, done{false};
  std::thread reader([&] {
    while (!done) {
      const auto view = engine->NewView();
      torn = torn || **view->Get(Space::kObjects, "a") != **view->Get(Space::kLog, "a");
    }
  });
  for (int i = 1; i <= 500; ++i) {
    const std::string value = std::to_string(i);
    CHECK(engine->Apply({PutWrite(Space::kObjects, "a", value), PutWrite(Space::kLog, "a", value)}, false).ok());
  }
  done = true;
  reader.join();
  CHECK_FALSE(torn);
}

TEST_CASE("Engine: random writes against a map", "[store][kv]") {
  FOR_EACH_ENGINE();
  SeededRandom random(7);
  std::map<std::string, std::string> model;
  std::vector<std::pair<std::shared_ptr<const View>, Pairs>> views;
  for (int round = 0; round < 200; ++round) {
    std::vector<Write> batch;
    for (uint64_t n = random.Below(5) + 1; n > 0; --n) {
      const std::string key = std::to_string(random.Below(50));
      switch (random.Below(4)) {
        case 0:
          batch.push_back(DeleteWrite(Space::kObjects, key));
          model.erase(key);
          break;
        case 1: {
          const std::string end = key + "5";
          batch.push_back(DeleteRangeWrite(Space::kObjects, key, end));
          model.erase(model.lower_bound(key), model.lower_bound(end));
          break;
        }
        default:
          model[key] = std::to_string(round);
          batch.push_back(PutWrite(Space::kObjects, key, model[key]));
      }
    }
    REQUIRE(engine->Apply(batch, false).ok());
    if (round % 20 == 0) views.emplace_back(engine->NewView(), Pairs(model.begin(), model.end()));
    if (round % 70 == 0) views.erase(views.begin());
  }
  for (const auto& [view, pairs] : views) CHECK(ScanAll(*view, Space::kObjects) == pairs);
  CHECK(ScanAll(*engine->NewView(), Space::kObjects) == Pairs(model.begin(), model.end()));
}

TEST_CASE("OpenEngine refuses an unknown name", "[store][kv]") {
  CHECK(absl::IsInvalidArgument(OpenEngine("paper", {}).status()));
}

}  // namespace
}  // namespace atoll::store::kv
