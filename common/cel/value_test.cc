#include "common/cel/value.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"

namespace atoll::cel {
namespace {

TEST_CASE("Large objects are indexed", "[cel]") {
  json::Value object = json::Value::MakeObject();
  for (int i = 0; i < 1000; ++i) object.object().Append("k" + std::to_string(i), json::Value(i));
  Arena arena;
  const Value map = Value::Json(object, nullptr, arena);
  for (int i = 0; i < 1000; i += 7) CHECK(map.FindMember("k" + std::to_string(i), arena).int_value() == i);
  CHECK(map.FindMember("k1000", arena).is_unset());
  arena.Reset();
  CHECK(map.FindMember("k3", arena).int_value() == 3);
}

TEST_CASE("Maps that are made find numbers across types", "[cel]") {
  Arena arena;
  MapBuilder builder(arena);
  for (int64_t i = 0; i < 100; ++i) CHECK(builder.Insert(Value::Int(i), Value::Int(i * i)));
  CHECK(!builder.Insert(Value::Double(7), Value::Null()));
  builder.Set(Value::Uint(7), Value::Int(-1));
  const Value map = builder.Build();
  CHECK(map.Size() == 100);
  CHECK(map.Find(Value::Double(7), arena).int_value() == -1);
  CHECK(map.Find(Value::Int(99), arena).int_value() == 9801);
  CHECK(map.Find(Value::Int(100), arena).is_unset());
}

TEST_CASE("An arena that is full says so", "[cel]") {
  Arena arena(16 << 10);
  ListBuilder list(arena);
  for (int i = 0; i < 10'000; ++i) list.Add(Value::Int(i));
  CHECK(list.Build().is_error());
  CHECK(arena.exhausted());
  arena.Reset();
  CHECK(!arena.exhausted());
  CHECK(arena.Copy("again") == "again");
}

TEST_CASE("What does not fit its type is an error value", "[cel]") {
  Arena arena;
  TypePool pool;
  const json::Value number(1), text("x"), null;
  CHECK(Value::Json(text, Type::Int(), arena).text() == "invalid data, expected int, got string");
  CHECK(Value::Json(null, Type::Int(), arena).is_error());
  CHECK(Value::Json(null, pool.AcceptingNull(Type::Int()), arena).is_null());
  CHECK(Value::Json(number, Type::Double(), arena).double_value() == 1);
  CHECK(Value::Json(text, Type::Bytes(), arena).is_error());
  CHECK(Value::Json(text, pool.List(Type::Int()), arena).is_error());
}

}  // namespace
}  // namespace atoll::cel
