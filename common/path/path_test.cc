#include "common/path/path.h"

#include <catch2/catch.hpp>

namespace atoll {
namespace {

TEST_CASE("Logical cluster names", "[path]") {
  for (const char* name : {"root", "ab", "a1", "1a", "2gqk9x3l0p7ab1cd", "a-b", "system:admin", "system:shard",
                           "system:a:b", "a23456789012345678901234567890123456789012345678901234567890123"}) {
    INFO(name);
    CHECK(LogicalClusterId::IsValid(name));
    CHECK(LogicalClusterId::Parse(name)->name() == name);
  }
  for (const char* name :
       {"", "a", "-a", "a-", "Root", "a_b", "a:b", "a/b", "*", "system:a/b", "system:a b", "system:a%2f", "system:\x01",
        "a234567890123456789012345678901234567890123456789012345678901234"}) {
    INFO(name);
    CHECK_FALSE(LogicalClusterId::IsValid(name));
    CHECK_FALSE(LogicalClusterId::Parse(name).ok());
  }
  CHECK(SystemAdminCluster().is_system());
  CHECK_FALSE(RootCluster().is_system());
}

TEST_CASE("Workspace path grammar", "[path]") {
  for (const char* path : {"root", "a", "root:org:team", "a:b", "1:2", "system:admin", "root:a-b"}) {
    INFO(path);
    CHECK(WorkspacePath::Parse(path).ok());
  }
  for (const char* path :
       {"", ":", "root:", ":root", "root::a", "*", "root:*", "root:A", "root:a_b", "root:-a", "root:a-", "root/a",
        "root a", "root:a234567890123456789012345678901234567890123456789012345678901234"}) {
    INFO(path);
    CHECK_FALSE(WorkspacePath::IsValid(path));
  }
  CHECK(std::string(WorkspacePath::Parse("root:UPPER_case").status().message()) ==
        "invalid cluster: \"root:UPPER_case\" does not match the regex");
}

TEST_CASE("Steps on a workspace path", "[path]") {
  struct Case {
    const char* path;
    bool is_cluster;
    const char* parent;  // null: none
    const char* base;
  };
  const Case cases[] = {
      {"root", true, nullptr, "root"},
      {"root:org", false, "root", "org"},
      {"root:org:team", false, "root:org", "team"},
      {"system:admin", true, nullptr, "system:admin"},
  };
  for (const Case& c : cases) {
    INFO(c.path);
    const WorkspacePath path(c.path);
    CHECK(path.IsCluster() == c.is_cluster);
    CHECK(path.Base() == c.base);
    CHECK(path.Parent().has_value() == (c.parent != nullptr));
    if (c.parent != nullptr) CHECK(path.Parent()->str() == c.parent);
  }
  CHECK(WorkspacePath("root").Join("a").str() == "root:a");
  CHECK(WorkspacePath().Join("a").str() == "a");
  CHECK(WorkspacePath("root:a").HasPrefix(WorkspacePath("root")));
  CHECK(WorkspacePath("root:a").HasPrefix(WorkspacePath("root:a")));
  CHECK(WorkspacePath("root:a").HasPrefix(WorkspacePath()));
  CHECK_FALSE(WorkspacePath("root:ab").HasPrefix(WorkspacePath("root:a")));
  CHECK_FALSE(WorkspacePath("root").HasPrefix(WorkspacePath("root:a")));
}

TEST_CASE("Names derived from hashes", "[path]") {
  CHECK(Base36Sha224("") == "2n6a5vwpk9ckyxi5x87i7768t4bpqmp64qi0556ih35b");
  CHECK(Base36Sha224("hello") == "2yfg0ibsewngbzapgs5fesiord507vsncfiw4jd5c2oj");
  CHECK(Base62Sha224("") == "aAkHCkvjglfF66mdhRcVKb0I3FT1lepYlWZNwj");
  CHECK(Base62Sha224("hello") == "bPWFAjMdldrWYheSsV0t7VkdTNtgGHBplr6qLF");
  struct Case {
    const char* user;
    const char* home;
  };
  const Case homes[] = {
      {"alice", "v1u4alow0iv9"},
      {"bob", "2okdry95y5lkv"},
      {"user-with-dash", "1e25681jymk1l"},
      {"user:with:colons", "2bqfj6xlthg3t"},
      {"", "36ks9xj4a2n61"},
      {"user172", "0f9mt7goyif7"},
  };
  for (const Case& c : homes) CHECK(HomeClusterOf(c.user).name() == c.home);
  CHECK(ShardHash("root") == Base36Sha224("root").substr(0, 8));
  CHECK(NewClusterId(std::string(32, 'x')).name().size() == 16);
  const std::string binding = DefaultBindingName("root", "root:org", std::string(300, 'e'));
  CHECK(binding.size() == 253);
  CHECK(binding.substr(0, 248) == std::string(247, 'e') + "-");
}

}  // namespace
}  // namespace atoll
