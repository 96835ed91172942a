#include "shard/endpoints/negotiate.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"

namespace atoll::endpoints {
namespace {

TEST_CASE("Negotiate", "[endpoints]") {
  struct Case {
    const char* name;
    const char* accept;
    Offer offer;
    int code;  // 200, or that of the error
    Media media;
    As as;
  };
  const Case cases[] = {
      {"nothing", "", {}, 200, Media::kJson, As::kObject},
      {"anything", "*/*", {}, 200, Media::kJson, As::kObject},
      {"yaml", "application/yaml", {}, 200, Media::kYaml, As::kObject},
      {"q", "application/json;q=0.1, application/yaml", {}, 200, Media::kYaml, As::kObject},
      {"kubectl",
       "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/"
       "json",
       {},
       200,
       Media::kJson,
       As::kTable},
      {"unknown conversion degrades",
       "application/json;as=Chart;v=v1;g=meta.k8s.io,application/json",
       {},
       200,
       Media::kJson,
       As::kObject},
      {"protobuf first", "application/vnd.kubernetes.protobuf,application/json", {}, 200, Media::kJson, As::kObject},
      {"protobuf only", "application/vnd.kubernetes.protobuf", {}, 406, Media::kJson, As::kObject},
      {"protobuf first, of a kind that has it",
       "application/vnd.kubernetes.protobuf,application/json",
       {.protobuf = true},
       200,
       Media::kProtobuf,
       As::kObject},
      {"JSON first",
       "application/json,application/vnd.kubernetes.protobuf",
       {.protobuf = true},
       200,
       Media::kJson,
       As::kObject},
      {"a watch for those who take nothing else",
       "application/vnd.kubernetes.protobuf;stream=watch",
       {.stream = true, .protobuf = true},
       200,
       Media::kProtobuf,
       As::kObject},
      {"no table in protobuf",
       "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1,application/json",
       {.protobuf = true},
       200,
       Media::kJson,
       As::kObject},
      {"metadata of anything",
       "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
       {},
       200,
       Media::kProtobuf,
       As::kPartialMetadata},
      {"partial",
       "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
       {},
       200,
       Media::kJson,
       As::kPartialMetadata},
      {"other group", "application/json;as=Table;g=x;v=v1", {}, 406, Media::kJson, As::kObject},
      {"watch", "application/json;stream=watch", {.stream = true}, 200, Media::kJson, As::kObject},
      {"watch as YAML", "application/yaml", {.stream = true}, 406, Media::kJson, As::kObject},
      {"stream without watch", "application/json;stream=watch", {}, 200, Media::kJson, As::kObject},
      {"another stream", "application/json;stream=other", {}, 406, Media::kJson, As::kObject},
      {"text", "text/html", {.typed = true}, 406, Media::kJson, As::kObject},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      http::Headers headers;
      headers.Add("accept", c.accept);
      auto r = Negotiate(headers, Query(), c.offer);
      REQUIRE((r.ok() ? 200 : api::HttpCode(r.status())) == c.code);
      if (!r.ok()) continue;
      CHECK(r->media == c.media);
      CHECK(r->as == c.as);
    }
  }
}

TEST_CASE("Negotiate: who gets indentation", "[endpoints]") {
  http::Headers curl;
  curl.Add("user-agent", "curl/8.1");
  CHECK(Negotiate(curl, Query(), {})->pretty);
  CHECK_FALSE(Negotiate(curl, Query("pretty=false"), {})->pretty);
  http::Headers plain;
  CHECK_FALSE(Negotiate(plain, Query(), {})->pretty);
  CHECK(Negotiate(plain, Query("pretty"), {})->pretty);
  plain.Add("accept", "application/json;pretty=1");
  CHECK(Negotiate(plain, Query(), {})->pretty);
}

TEST_CASE("gzip only for those who take it", "[endpoints]") {
  struct Case {
    const char* accept_encoding;
    bool gzip;
  };
  for (const Case& c : {Case{"", false}, Case{"gzip", true}, Case{"deflate, gzip;q=0.5, br", true}, Case{"GZIP", true},
                        Case{"gzip;q=0", false}, Case{"gzip; q=0.000, identity", false}, Case{"identity", false},
                        Case{"*", false}, Case{"x-gzip-like", false}}) {
    CAPTURE(c.accept_encoding);
    http::Headers headers;
    headers.Add("accept-encoding", c.accept_encoding);
    CHECK(AcceptsGzip(headers) == c.gzip);
  }
}

}  // namespace
}  // namespace atoll::endpoints
