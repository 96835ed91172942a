// For this folder's tests.
#pragma once

#include <catch2/catch.hpp>

#include "common/apply/typed.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/schema/load.h"

namespace atoll::apply::testing {

inline json::Value Json(std::string_view text) {
  auto v = json::Parse(text);
  INFO(text);
  REQUIRE(v.ok());
  return *std::move(v);
}

inline FieldSet Fields(std::string_view text) {
  auto set = FieldSet::FromFieldsV1(Json(text));
  INFO(text);
  REQUIRE(set.ok());
  return *std::move(set);
}

inline std::string Text(const FieldSet& set) { return json::Write(set.ToFieldsV1()); }

// One of everything: a map, a type with an atomic list and an atomic object, a set, a map by two keys of which one has
// a default, a list of lists by key, and a place for anything.
inline TypeView TestType() {
  static const schema::SchemaPtr& s = *new schema::SchemaPtr(*schema::LoadSchema(Json(R"({"type":"object","properties":{
    "data":{"type":"object","additionalProperties":{"type":"string"}},
    "spec":{"type":"object","properties":{"replicas":{"type":"integer"},"on":{"type":"boolean"},
      "atomic":{"type":"array","items":{"type":"string"}},
      "ref":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"name":{"type":"string"}}}}},
    "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
    "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
      "items":{"type":"object","properties":{"port":{"type":"integer"},"name":{"type":"string"},
        "protocol":{"type":"string","default":"TCP"},
        "hosts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
          "items":{"type":"object","properties":{"name":{"type":"string"},"weight":{"type":"integer"}}}}}}},
    "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}})")));
  return TypeView(s.get());
}

}  // namespace atoll::apply::testing
