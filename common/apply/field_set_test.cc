#include "common/apply/field_set.h"

#include "common/apply/path_element.h"
#include "common/apply/testing_apply.h"

namespace atoll::apply::testing {
namespace {

TEST_CASE("sets survive their text form") {
  for (std::string_view text : {R"({"f:data":{".":{},"f:k":{}}})",
                                R"({"f:a":{"k:{\"name\":\"x\"}":{".":{},"f:b":{}},"v:1":{},"i:0":{}}})", "{}"}) {
    CHECK(Text(Fields(text)) == text);
  }
  for (std::string_view text :
       {R"({"x":{}})", R"({"k:{":{}})", R"({"f:a":1})", R"({"q:a":{}})", "[]", R"({"i:x":{}})", R"({"k:1":{}})"}) {
    INFO(text);
    CHECK_FALSE(FieldSet::FromFieldsV1(Json(text)).ok());
  }
}

TEST_CASE("what a client wrote is put in order") {
  struct Row {
    std::string_view written, kept;
  };
  for (const Row& row : {
           Row{R"({"f:b":{},"f:a":{}})", R"({"f:a":{},"f:b":{}})"},
           Row{R"({"v:\"x\"":{},"f:a":{},"i:10":{},"i:2":{},"k:{\"n\":1}":{}})",
               R"({"f:a":{},"k:{\"n\":1}":{},"v:\"x\"":{},"i:2":{},"i:10":{}})"},
           Row{R"({"k:{\"b\": 1, \"a\":2}":{}})", R"({"k:{\"a\":2,\"b\":1}":{}})"},
           Row{R"({"k:{\"port\":443}":{},"k:{\"port\":80}":{}})", R"({"k:{\"port\":80}":{},"k:{\"port\":443}":{}})"},
           Row{R"({"f:a":{"f:b":{"f:c":{}},".":{}}})", R"({"f:a":{".":{},"f:b":{"f:c":{}}}})"},
           Row{R"({".":{},"f:a":{}})", R"({"f:a":{}})"},
       }) {
    CHECK(Text(Fields(row.written)) == row.kept);
  }
}

TEST_CASE("path elements have Kubernetes' order") {
  const std::string_view sorted[] = {"f:",
                                     "f:a",
                                     "f:b",
                                     "k:{\"a\":1}",
                                     "k:{\"a\":2,\"b\":1}",
                                     "k:{\"a\":10}",
                                     "k:{\"a\":\"\"}",
                                     "k:{\"a\":\"x\"}",
                                     "k:{\"a\":\"x\",\"b\":0}",
                                     "k:{\"a\":\"xy\"}",
                                     "k:{\"b\":1}",
                                     "v:-1",
                                     "v:1.5",
                                     "v:10",
                                     "v:\"a\"",
                                     "v:\"b\\\"\"",
                                     "v:false",
                                     "v:true",
                                     "i:0",
                                     "i:2",
                                     "i:10"};
  for (size_t i = 0; i < std::size(sorted); ++i) {
    for (size_t j = 0; j < std::size(sorted); ++j) {
      INFO(sorted[i] << " and " << sorted[j]);
      const int order = CompareElements(sorted[i], sorted[j]);
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
    }
  }
}

TEST_CASE("union, difference, intersection") {
  const FieldSet a = Fields(R"({"f:data":{".":{},"f:x":{},"f:y":{}}})"),
                 b = Fields(R"({"f:data":{"f:y":{},"f:z":{}},"f:spec":{}})");
  CHECK(Text(a.Union(b)) == R"({"f:data":{".":{},"f:x":{},"f:y":{},"f:z":{}},"f:spec":{}})");
  CHECK(Text(a.Difference(b)) == R"({"f:data":{".":{},"f:x":{}}})");
  CHECK(Text(a.Intersection(b)) == R"({"f:data":{"f:y":{}}})");
  CHECK(a.Difference(a).empty());
  CHECK(a.Union(FieldSet()) == a);
  CHECK(a.Intersects(b));
  CHECK_FALSE(a.Intersects(Fields(R"({"f:spec":{}})")));
}

TEST_CASE("a difference takes paths, without takes what is below them, too") {
  const FieldSet a = Fields(R"({"f:metadata":{"f:name":{},"f:labels":{".":{},"f:x":{}}},"f:spec":{"f:y":{}}})");
  const FieldSet metadata = FieldSet::OfMembers({{"metadata"}, {"metadata", "name"}, {"status"}});
  CHECK(Text(a.Difference(metadata)) == R"({"f:metadata":{"f:labels":{".":{},"f:x":{}}},"f:spec":{"f:y":{}}})");
  CHECK(Text(a.Without(metadata)) == R"({"f:spec":{"f:y":{}}})");
  CHECK(a.Without(FieldSet::OfMembers({{"spec"}, {"metadata"}})).empty());
}

TEST_CASE("paths are printed as errors name them") {
  std::string out;
  Fields(R"({"f:metadata":{"f:labels":{"f:app.kubernetes.io/name":{}}},"f:z":{".":{},"f:a":{}},
      "f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}},"f:tags":{"v:\"x\"":{}},"f:l":{"i:3":{}}})")
      .ForEachPath([&](const std::string& path) { out += path + "\n"; });
  CHECK(out == R"(.z
.l[3]
.metadata.labels.app.kubernetes.io/name
.ports[port=80,protocol="TCP"]
.ports[port=80,protocol="TCP"].name
.tags[="x"]
.z.a
)");
}

}  // namespace
}  // namespace atoll::apply::testing
