#include "shard/server/metrics.h"

namespace atoll::shard {

void AddShardMetrics(MetricSources s) {
  using Sample = metrics::Registry::Sample;
  s.registry->NewCallback("kcp_logicalcluster_count", "Logical clusters on this shard.", "gauge", {"shard", "phase"},
                          [s] {
                            std::vector<Sample> out;
                            for (const auto& [phase, count] : s.clusters->CountByPhase())
                              out.push_back({{s.shard, registry::PhaseName(phase)}, static_cast<double>(count)});
                            return out;
                          });
  s.registry->NewCallback("kcp_indexed_logicalclusters", "Logical clusters that paths lead to.", "gauge", {"shard"},
                          [s] {
                            std::vector<Sample> out;
                            for (const auto& [shard, count] : s.index->CountByShard())
                              out.push_back({{shard}, static_cast<double>(count)});
                            return out;
                          });
  s.registry->NewCallback("kcp_workspace_count", "Workspaces whose parent lives on this shard.", "gauge",
                          {"shard", "phase"}, [s] {
                            std::vector<Sample> out;
                            for (const auto& [phase, count] : s.index->CountByPhase())
                              out.push_back({{s.shard, phase}, static_cast<double>(count)});
                            return out;
                          });
  auto from_store = [&s](const char* name, const char* help, const char* type,
                         double (*value)(const store::StoreStats&)) {
    s.registry->NewCallback(name, help, type, {},
                            [store = s.store, value] { return std::vector<Sample>{{{}, value(store->stats())}}; });
  };
  from_store("atoll_store_commits_total", "Transactions committed.", "counter",
             [](const store::StoreStats& x) { return static_cast<double>(x.commits_total); });
  from_store("atoll_store_groups_total", "Groups written, each with one sync.", "counter",
             [](const store::StoreStats& x) { return static_cast<double>(x.groups_total); });
  from_store("atoll_store_conflicts_total", "Transactions refused because another came first.", "counter",
             [](const store::StoreStats& x) { return static_cast<double>(x.conflicts_total); });
  from_store("atoll_store_sync_seconds_total", "Time spent writing and syncing groups.", "counter",
             [](const store::StoreStats& x) { return static_cast<double>(x.sync_nanos_total) / 1e9; });
  from_store("atoll_store_followers", "Open cursors into the log.", "gauge",
             [](const store::StoreStats& x) { return static_cast<double>(x.followers); });
  from_store("atoll_store_ring_events", "Events held in memory.", "gauge",
             [](const store::StoreStats& x) { return static_cast<double>(x.ring_events); });
  from_store("atoll_store_ring_bytes", "Bytes of the events held in memory.", "gauge",
             [](const store::StoreStats& x) { return static_cast<double>(x.ring_bytes); });
  from_store("atoll_store_revision", "The newest revision.", "gauge",
             [](const store::StoreStats& x) { return static_cast<double>(x.current.value); });
}

}  // namespace atoll::shard
