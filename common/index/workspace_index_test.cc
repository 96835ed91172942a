#include "common/index/workspace_index.h"

#include <catch2/catch.hpp>

namespace atoll::index {
namespace {

using Kind = Resolution::Kind;

void Fill(WorkspaceIndex* index) {
  index->PutCluster("root", "root", {"Ready", "root:root", "root"});
  index->PutWorkspace("root", "root", "org", {"c1org", "Ready", "", false});
  index->PutCluster("shard-1", "c1org", {"Ready", "root:organization", "root:org"});
  index->PutWorkspace("shard-1", "c1org", "team", {"c2team", "Initializing", "", false});
  index->PutCluster("root", "c2team", {"Initializing", "root:universal", "root:org:team"});
  index->PutWorkspace("shard-1", "c1org", "new", {"", "Scheduling", "", false});
  index->PutWorkspace("shard-1", "c1org", "down", {"c3down", "Unavailable", "", false});
  index->PutWorkspace("shard-1", "c1org", "mount", {"", "Ready", "https://elsewhere/x", true});
  index->PutCluster("root", HomeClusterOf("alice").name(), {"Ready", "root:home", "user:alice"});
}

TEST_CASE("WorkspaceIndex resolves paths", "[index]") {
  WorkspaceIndex index;
  Fill(&index);
  struct Case {
    const char* path;
    Kind want;
    const char* cluster;
    const char* shard;
  };
  const std::string home = HomeClusterOf("alice").name();
  const Case cases[] = {
      {"root", Kind::kFound, "root", "root"},
      {"root:org", Kind::kFound, "c1org", "shard-1"},
      {"root:org:team", Kind::kFound, "c2team", "root"},
      {"c1org", Kind::kFound, "c1org", "shard-1"},
      {"c1org:team", Kind::kFound, "c2team", "root"},
      {"user:alice", Kind::kFound, home.c_str(), "root"},
      {"root:nope", Kind::kUnknown, "", ""},
      {"nope", Kind::kUnknown, "", ""},
      {"root:org:new", Kind::kUnknown, "", ""},
      {"root:org:down", Kind::kUnavailable, "", ""},
      {"root:org:mount", Kind::kMount, "", ""},
      {"root:org:mount:below", Kind::kUnknown, "", ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.path) {
      Resolution r = index.Resolve(WorkspacePath(c.path));
      CHECK(r.kind == c.want);
      CHECK(r.cluster.name() == c.cluster);
      CHECK(r.shard == c.shard);
    }
  }
  CHECK(index.Resolve(WorkspacePath("root:org:mount")).mount_url == "https://elsewhere/x");
}

TEST_CASE("WorkspaceIndex forgets what a shard announced, and only that", "[index]") {
  WorkspaceIndex index;
  Fill(&index);
  SECTION("a dropped shard") {
    index.DropShard("shard-1");
    CHECK(index.Resolve(WorkspacePath("root:org")).shard.empty());
    CHECK(index.Resolve(WorkspacePath("root:org:team")).kind == Kind::kUnknown);
    CHECK(index.Resolve(WorkspacePath("root")).kind == Kind::kFound);
  }
  SECTION("a cluster that another shard has taken over is not erased by its old shard") {
    index.PutCluster("root", "c1org", {"Ready", "", ""});
    index.EraseCluster("shard-1", "c1org");
    CHECK(index.ShardOf("c1org") == "root");
  }
  SECTION("a deleted workspace") {
    index.EraseWorkspace("root", "root", "org");
    CHECK(index.Resolve(WorkspacePath("root:org")).kind == Kind::kUnknown);
  }
}

TEST_CASE("WorkspaceIndex serves the old part of a shard until the new one is complete", "[index]") {
  WorkspaceIndex index;
  Fill(&index);
  const auto kind = [&](const char* path) { return index.Resolve(WorkspacePath(path)).kind; };
  index.BeginReplace("shard-1");
  CHECK(kind("root:org:team") == Kind::kFound);
  index.PutCluster("shard-1", "c1org", {"Ready", "root:organization", "root:org"});
  index.PutWorkspace("shard-1", "c1org", "young", {"c2team", "Ready", "", false});
  CHECK(kind("root:org:team") == Kind::kFound);   // not told again yet
  CHECK(kind("root:org:young") == Kind::kFound);  // told
  SECTION("which forgets what was not told again, of that shard") {
    index.EndReplace("shard-1");
    CHECK(kind("root:org:team") == Kind::kUnknown);
    CHECK(kind("root:org:young") == Kind::kFound);
    CHECK(kind("user:alice") == Kind::kFound);
    CHECK(index.ShardOf("c1org") == "shard-1");
  }
  SECTION("and a replacement that broke off begins anew") {
    index.BeginReplace("shard-1");
    index.PutCluster("shard-1", "c1org", {"Ready", "root:organization", "root:org"});
    CHECK(kind("root:org:young") == Kind::kFound);
    index.EndReplace("shard-1");
    CHECK(kind("root:org:young") == Kind::kUnknown);
    CHECK(kind("root:org") == Kind::kFound);
  }
  SECTION("and a cluster that moved meanwhile stays where it is now") {
    index.PutCluster("root", "c1org", {"Ready", "root:organization", "root:org"});
    index.EndReplace("shard-1");
    CHECK(index.ShardOf("c1org") == "root");
  }
}

}  // namespace
}  // namespace atoll::index
