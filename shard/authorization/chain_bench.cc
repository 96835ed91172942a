// A warm decision in a workspace with 1,000 roles and bindings, for a user in ten of them, and for one in all of them.
#include <chrono>
#include <cstdio>

#include "common/auth/testing_run.h"
#include "shard/authorization/testing.h"

int main() {
  using namespace atoll;
  using namespace atoll::authorization;
  authorization::testing::World world;
  world.AddCluster("cx");
  world.cache.SetLive(true);
  world.BindClusterRole("cx", "system:kcp:workspace:access", "Group", "system:authenticated");
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    world.Add("cx", R"({"kind":"ClusterRole","metadata":{"name":"r)" + n +
                        R"("},"rules":[{"verbs":["get","list"],"apiGroups":["g)" + n +
                        R"("],"resources":["things"]}]})");
    world.BindClusterRole("cx", "r" + n, "Group", "team" + std::to_string(i / 10));
    world.BindClusterRole("cx", "r" + n, "User", "everything");
  }
  const LogicalClusterId cluster("cx");
  const auth::User users[] = {{"alice", "", {"team99", "system:authenticated"}, {}},
                              {"everything", "", {"system:authenticated"}, {}}};
  for (const auth::User& user : users) {
    const Attributes a{.user = user,
                       .cluster = {.id = cluster},
                       .verb = "list",
                       .group = "g999",
                       .version = "v1",
                       .resource = "things",
                       .ns = "default"};
    constexpr int kRounds = 100'000;
    int allowed = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kRounds; ++i) allowed += auth::testing::RunNow(world.chain.Authorize(a)).allowed();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    std::printf("%-12s %.2f us a decision (%d allowed)\n", user.name.c_str(), took.count() / kRounds, allowed);
  }
}
