// A watch ends when the right to it does (kcp #4140; the promise is one second, of which this is all but the log's
// way).
#include <catch2/catch.hpp>

#include "shard/endpoints/harness.h"

namespace atoll::endpoints {
namespace {

using testing::ApiHarness;

constexpr char kMaps[] = "/clusters/root/api/v1/namespaces/default/configmaps";
constexpr char kMap[] = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}})";

TEST_CASE("kcp #4140: a revoked right ends an open watch", "[endpoints]") {
  ApiHarness api;
  REQUIRE(api.Post(kMaps, kMap).code == 201);
  const LogicalClusterId root = RootCluster();
  api.AfterFirstWrite([&] {
    api.Revoke("admin");
    api.api().RecheckWatches(&root);
  });
  // It would last for half an hour.
  auto answer = api.Get(std::string(kMaps) + "?watch=true");
  CHECK(answer.code == 200);
  CHECK(answer.ended);
  CHECK(answer.Lines().size() == 1);
  CHECK(api.api().open_watches() == 0);
  CHECK(api.Get(std::string(kMaps) + "?watch=true").code == 403);
}

TEST_CASE("A change of rights elsewhere, or one that takes nothing away, lets watches go on", "[endpoints]") {
  ApiHarness api;
  REQUIRE(api.Post(kMaps, kMap).code == 201);
  const LogicalClusterId root = RootCluster(), other("c1other");
  api.AfterFirstWrite([&] {
    api.api().RecheckWatches(&root);
    api.Revoke("somebody");
    api.api().RecheckWatches(nullptr);
    api.api().RecheckWatches(&other);
  });
  auto answer = api.Get(std::string(kMaps) + "?watch=true&timeoutSeconds=1");
  CHECK(answer.code == 200);
  CHECK(answer.ended);
  CHECK(api.api().open_watches() == 0);
}

}  // namespace
}  // namespace atoll::endpoints
