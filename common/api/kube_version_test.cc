#include "common/api/kube_version.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace atoll::api {
namespace {

TEST_CASE("stable versions go before beta before alpha before names, newer ones first") {
  const std::vector<std::string> want = {"v10",
                                         "v2",
                                         "v1",
                                         "v11beta2",
                                         "v10beta3",
                                         "v3beta1",
                                         "v12alpha1",
                                         "v11alpha2",
                                         "v1alpha2",
                                         "v1alpha1",
                                         "foo1",
                                         "foo10",
                                         "v",
                                         "v01",
                                         "v1alpha",
                                         "v1gamma1",
                                         "v99999999999999999999"};
  std::vector<std::string> sorted = want;
  std::sort(sorted.begin(), sorted.end());
  std::stable_sort(sorted.begin(), sorted.end(), VersionGoesFirst);
  CHECK(sorted == want);
  for (const std::string& v : want) CHECK_FALSE(VersionGoesFirst(v, v));
}

}  // namespace
}  // namespace atoll::api
