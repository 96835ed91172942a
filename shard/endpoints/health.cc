#include "shard/endpoints/health.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/text.h"

namespace atoll::endpoints {
namespace {

bool IsEndpoint(std::string_view word) { return word == "healthz" || word == "livez" || word == "readyz"; }

}  // namespace

void HealthChecks::Add(std::string name, Check check, In in) {
  rows_.push_back({std::move(name), std::move(check), in});
}

bool HealthChecks::Belongs(const Row& row, std::string_view endpoint) {
  switch (row.in) {
    case In::kAll:
      return true;
    case In::kReadyOnly:
      return endpoint == "readyz";
    case In::kNotLive:
      return endpoint != "livez";
  }
  return false;
}

HealthChecks::Answer HealthChecks::Run(std::string_view endpoint, const Query& query) const {
  std::vector<std::string> excluded = query.GetAll("exclude");
  std::string lines = "[+]ping ok\n";
  bool healthy = true;
  for (const Row& row : rows_) {
    if (!Belongs(row, endpoint)) continue;
    if (auto it = std::find(excluded.begin(), excluded.end(), row.name); it != excluded.end()) {
      excluded.erase(it);
      StrAppend(&lines, "[+]", row.name, " excluded: ok\n");
      continue;
    }
    if (row.check().ok()) {
      StrAppend(&lines, "[+]", row.name, " ok\n");
    } else {
      healthy = false;
      StrAppend(&lines, "[-]", row.name, " failed: reason withheld\n");  // probes are not authenticated
    }
  }
  if (!excluded.empty()) {
    std::string names;
    for (const std::string& name : excluded) StrAppend(&names, names.empty() ? "" : ", ", "\"", name, "\"");
    StrAppend(&lines, "warn: some health checks cannot be excluded: no matches for ", names, "\n");
  }
  if (!healthy) return {500, Cat(lines, endpoint, " check failed\n")};
  if (query.Has("verbose")) return {200, Cat(lines, endpoint, " check passed\n")};
  return {200, "ok"};
}

HealthChecks::Answer HealthChecks::RunOne(std::string_view endpoint, std::string_view check) const {
  if (check == "ping") return {200, "ok"};
  for (const Row& row : rows_) {
    if (row.name != check || !Belongs(row, endpoint)) continue;
    absl::Status status = row.check();
    if (status.ok()) return {200, "ok"};
    return {500, Cat("internal server error: ", ToStd(status.message()), "\n")};
  }
  return {404, "404 page not found\n"};
}

Task<bool> HealthChecks::Serve(Call& call) const {
  auto [endpoint, check] = SplitOnce(std::string_view(call.info.path).substr(1), '/');
  if (!IsEndpoint(endpoint)) co_return false;
  Answer answer = check.empty() ? Run(endpoint, call.info.query) : RunOne(endpoint, check);
  co_await SendText(call, answer.code, std::move(answer.body));
  co_return true;
}

}  // namespace atoll::endpoints
