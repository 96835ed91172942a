// HealthChecks: the named checks behind /healthz, /livez and /readyz (spec/api-machinery.md 1.6). Checks are added
// while the server is put together and run on each probe, on the loop that serves it: they must be cheap and never
// block. Thread-safe once serving.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/loop/task.h"
#include "shard/endpoints/call.h"

namespace atoll::endpoints {

class HealthChecks {
 public:
  using Check = std::function<absl::Status()>;
  enum class In : uint8_t { kAll, kReadyOnly, kNotLive };

  // `ping` is always the first check of all three endpoints.
  void Add(std::string name, Check check, In in = In::kAll);

  // The answer of `endpoint` ("healthz", "livez", "readyz"). Pure but for the checks.
  struct Answer {
    int code = 200;
    std::string body;
  };
  Answer Run(std::string_view endpoint, const Query& query) const;
  // One check alone; code 404 when there is no such check.
  Answer RunOne(std::string_view endpoint, std::string_view check) const;

  // Answers call when its path is one of the endpoints or a check below it; false when it is not.
  Task<bool> Serve(Call& call) const;

 private:
  struct Row {
    std::string name;
    Check check;
    In in;
  };
  static bool Belongs(const Row& row, std::string_view endpoint);
  std::vector<Row> rows_;
};

}  // namespace atoll::endpoints
