#include "shard/endpoints/flow/flow_control.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "common/base/strings.h"

namespace atoll::endpoints {
namespace {

using Sample = metrics::Registry::Sample;

constexpr int kWithoutBound = 60'000;

constexpr const char* kLevelNames[kLevels] = {"exempt", "system", "workload"};

}  // namespace

FlowControl::FlowControl(metrics::Registry* registry, const Limits& limits, int loops)
    : gates_([limits, loops](Loop& loop) {
        auto share = [loops](int all) { return all == 0 ? kWithoutBound : std::max(1, all / std::max(1, loops)); };
        return std::make_shared<Gate>(loop, Gate::Options{.read_only = share(limits.max_requests_inflight),
                                                          .mutating = share(limits.max_mutating_requests_inflight),
                                                          .wait_max = limits.request_timeout / 4});
      }) {
  // Sums over the loops and, for one level or all, over both kinds of requests.
  auto sum = [this](Level level, auto read) {
    double total = 0;
    gates_.ForEach([&](const Gate& gate) {
      for (bool mutating : {false, true}) total += static_cast<double>(read(gate.counts(level, mutating)));
    });
    return total;
  };
  registry->NewCallback("apiserver_current_inflight_requests", "Requests being served, watches apart.", "gauge",
                        {"request_kind"}, [this] {
                          double sums[2] = {};
                          gates_.ForEach([&](const Gate& gate) {
                            for (bool mutating : {false, true}) {
                              for (int l = 0; l < kLevels; ++l)
                                sums[mutating] += gate.counts(static_cast<Level>(l), mutating).executing;
                            }
                          });
                          return std::vector<Sample>{{{"readOnly"}, sums[0]}, {{"mutating"}, sums[1]}};
                        });
  auto by_level = [registry](const char* name, const char* help, const char* type, auto value) {
    registry->NewCallback(name, help, type, {"priority_level", "flow_schema"}, [value] {
      std::vector<Sample> out;
      for (int l = 0; l < kLevels; ++l) out.push_back({{kLevelNames[l], kLevelNames[l]}, value(static_cast<Level>(l))});
      return out;
    });
  };
  by_level("apiserver_flowcontrol_current_executing_requests", "Requests being served, by level.", "gauge",
           [sum](Level l) { return sum(l, [](const Gate::Counts& c) { return c.executing.load(); }); });
  by_level("apiserver_flowcontrol_current_inqueue_requests", "Requests waiting for their turn or a seat.", "gauge",
           [sum](Level l) { return sum(l, [](const Gate::Counts& c) { return c.waiting.load(); }); });
  by_level("apiserver_flowcontrol_dispatched_requests_total", "Requests let in.", "counter",
           [sum](Level l) { return sum(l, [](const Gate::Counts& c) { return c.dispatched.load(); }); });
  registry->NewCallback(
      "apiserver_flowcontrol_rejected_requests_total", "Requests turned away.", "counter",
      {"priority_level", "flow_schema", "reason"}, [sum] {
        std::vector<Sample> out;
        for (int l = 0; l < kLevels; ++l) {
          const Level level = static_cast<Level>(l);
          const char* name = kLevelNames[l];
          out.push_back({{name, name, "queue-full"}, sum(level, [](const Gate::Counts& c) { return c.full.load(); })});
          out.push_back(
              {{name, name, "time-out"}, sum(level, [](const Gate::Counts& c) { return c.timed_out.load(); })});
          out.push_back({{name, name, "cancelled"}, sum(level, [](const Gate::Counts& c) { return c.gone.load(); })});
        }
        return out;
      });
  registry->NewCallback("apiserver_flowcontrol_nominal_limit_seats", "Seats of a level; the exempt one has no bound.",
                        "gauge", {"priority_level"}, [this] {
                          std::vector<Sample> out;
                          for (int l = 0; l < kLevels; ++l) {
                            double seats = 0;
                            gates_.ForEach([&](const Gate& gate) {
                              for (bool mutating : {false, true}) seats += gate.seats(static_cast<Level>(l), mutating);
                            });
                            out.push_back({{kLevelNames[l]}, seats});
                          }
                          return out;
                        });
}

Level FlowControl::LevelOf(const auth::User& user) {
  if (user.IsMasters()) return Level::kExempt;
  if (user.InGroup(auth::kKcpAdmin)) return Level::kSystem;
  return Level::kWorkload;
}

uint64_t FlowControl::FlowOf(const registry::ClusterScope& cluster, const auth::User& user) {
  return absl::HashOf(cluster.wildcard, ToAbsl(cluster.id.name()), ToAbsl(user.name));
}

}  // namespace atoll::endpoints
