#include "common/json/value.h"

#include <catch2/catch.hpp>

namespace atoll::json {
namespace {

TEST_CASE("Members are found, made and removed by path", "[json]") {
  Value v = Value::MakeObject();
  v.Ensure({"metadata", "labels", "a"}) = "b";
  v.Ensure({"metadata", "generation"}) = 3;
  v.Ensure({"spec", "paused"}) = true;
  CHECK(v.StringAt({"metadata", "labels", "a"}) == "b");
  CHECK(v.StringAt({"metadata", "labels", "a", "deeper"}).empty());
  CHECK(v.StringAt({"metadata", "generation"}).empty());
  CHECK(v.IntAt({"metadata", "generation"}) == 3);
  CHECK(v.IntAt({"metadata", "none"}, 7) == 7);
  CHECK(v.BoolAt({"spec", "paused"}));
  CHECK(v.At({"spec", "none"}) == nullptr);
  CHECK(v.Remove({"metadata", "labels", "a"}));
  CHECK_FALSE(v.Remove({"metadata", "labels", "a"}));
  CHECK_FALSE(v.Remove({"none", "a"}));
  CHECK_FALSE(v.Remove({}));
  v.Ensure({"spec", "paused", "deeper"}) = 1;
  CHECK(v.IntAt({"spec", "paused", "deeper"}) == 1);
}

TEST_CASE("Copies are deep, moves leave null", "[json]") {
  Value a = Object{{"x", Array{1, "two", nullptr}}};
  Value b = a;
  b.Find("x")->array()[0] = 9;
  CHECK(a.Find("x")->array()[0] == Value(1));
  const Value c = std::move(a);
  CHECK(c.is_object());
  b = *b.Find("x");  // from inside itself
  CHECK(b.array().size() == 3);
}

TEST_CASE("Equality ignores member order and the kind of number", "[json]") {
  CHECK(Value(1) == Value(1.0));
  CHECK_FALSE(Value(1) == Value(true));
  CHECK(Value(Object{{"a", 1}, {"b", 2}}) == Value(Object{{"b", 2.0}, {"a", 1}}));
  CHECK_FALSE(Value(Object{{"a", 1}, {"b", 2}}) == Value(Object{{"a", 1}, {"c", 2}}));
  CHECK_FALSE(Value(Object{{"a", nullptr}}) == Value(Object{}));
  CHECK_FALSE(Value(Array{1, 2}) == Value(Array{2, 1}));
  Object forward, backward;
  for (int i = 0; i < 1000; ++i) forward.Append(std::to_string(i), i);
  for (int i = 999; i >= 0; --i) backward.Append(std::to_string(i), i);
  CHECK(Value(forward) == Value(backward));
  backward.Set("5", "five");
  CHECK_FALSE(Value(forward) == Value(backward));
}

TEST_CASE("Objects keep order and hold a key once", "[json]") {
  Object o{{"b", 1}, {"a", 2}, {"b", 3}};
  CHECK(o.size() == 2);
  CHECK(*o.Find("b") == Value(3));
  o.SetFirst("z", 1);
  CHECK(o.begin()->first == "z");
  o.SetFirst("a", 5);
  CHECK(o.begin()->first == "z");
  o["new"] = "x";
  o.SortByKey();
  CHECK(o.begin()->first == "a");
  CHECK(o.Erase("new"));
  CHECK_FALSE(o.Erase("new"));
}

}  // namespace
}  // namespace atoll::json
