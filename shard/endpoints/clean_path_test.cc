#include "shard/endpoints/clean_path.h"

#include <catch2/catch.hpp>

namespace atoll::endpoints {
namespace {

TEST_CASE("Paths are cleaned of what names nothing", "[endpoints]") {
  struct Case {
    const char* path;
    const char* clean;  // null: it is
  };
  for (const Case& c : {Case{"/", nullptr},
                        {"/api/v1", nullptr},
                        {"/api/v1/", nullptr},
                        {"/.well-known/openid-configuration", nullptr},
                        {"/a/...", nullptr},
                        {"/a/.b", nullptr},
                        {"//", "/"},
                        {"/a//b", "/a/b"},
                        {"/a//", "/a/"},
                        {"/a/./b", "/a/b"},
                        {"/a/.", "/a"},
                        {"/a/../b", "/b"},
                        {"/a/b/..", "/a"},
                        {"/..", "/"},
                        {"/../../a", "/a"},
                        {"/a/b/../../../c/", "/c/"}}) {
    auto clean = CleanPath(c.path);
    CHECK(clean.has_value() == (c.clean != nullptr));
    if (c.clean != nullptr) CHECK(clean == c.clean);
  }
}

}  // namespace
}  // namespace atoll::endpoints
