#include "shard/endpoints/version.h"

#include "common/base/strings.h"
#include "common/json/value.h"
#include "common/json/write.h"

namespace atoll::endpoints {

std::string VersionJson(const BuildInfo& build) {
  json::Object o;
  o.Append("major", json::Value("1"));
  o.Append("minor", json::Value("36"));
  o.Append("emulationMajor", json::Value("1"));
  o.Append("emulationMinor", json::Value("36"));
  o.Append("minCompatibilityMajor", json::Value("1"));
  o.Append("minCompatibilityMinor", json::Value("35"));
  o.Append("gitVersion", json::Value(Cat("v1.36.0+kcp-v0.32.0-atoll-", build.version)));
  o.Append("gitCommit", json::Value(build.git_commit));
  o.Append("gitTreeState", json::Value("clean"));
  o.Append("buildDate", json::Value(build.build_date.empty() ? "1970-01-01T00:00:00Z" : build.build_date));
  o.Append("goVersion", json::Value("none"));
  o.Append("compiler", json::Value("clang"));
#if defined(__aarch64__)
  o.Append("platform", json::Value("linux/arm64"));
#else
  o.Append("platform", json::Value("linux/amd64"));
#endif
  return json::Write(json::Value(std::move(o)));
}

}  // namespace atoll::endpoints
