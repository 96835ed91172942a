#include "tools/atoll/ws/paths.h"

#include <catch2/catch.hpp>

namespace atoll::cli {
namespace {

using Kind = Target::Kind;

TEST_CASE("cli paths: workspace URLs") {
  struct Case {
    std::string url, base, path;  // no base: not a workspace
  };
  for (const Case& c : std::vector<Case>{
           {"https://h:6443/clusters/root", "https://h:6443", "root"},
           {"https://h:6443/clusters/root:a:b/", "https://h:6443", "root:a:b"},
           {"https://h/prefix/clusters/root:a/apis", "https://h/prefix", "root:a"},
           {"https://h/clusters/a/clusters/b", "https://h", "a"},
           {"https://h/clusters/system:admin", "https://h", "system:admin"},
           {"https://h/clusters/kvdk2spgmbix?x=y", "https://h", "kvdk2spgmbix"},
           {"https://h", "", ""},
           {"https://h/clusters", "", ""},
           {"https://h/clusters/", "", ""},
           {"https://h/clusters/*", "", ""},
           {"https://h/clusters/Root", "", ""},
           {"", "", ""},
       }) {
    CAPTURE(c.url);
    const auto got = ParseWorkspaceUrl(c.url);
    REQUIRE(got.has_value() == !c.base.empty());
    if (got) {
      CHECK(got->base == c.base);
      CHECK(got->path == c.path);
    }
  }
  CHECK(WorkspaceUrl{"https://h", "root:a"}.str() == "https://h/clusters/root:a");
}

TEST_CASE("cli paths: what arguments ask for") {
  struct Case {
    std::string argument;
    Kind kind;
    std::string path;
    bool note_none = false, note_root = false;
  };
  for (const Case& c : std::vector<Case>{
           {"", Kind::kHome, "", true},
           {"~", Kind::kHome, ""},
           {"~:a:b", Kind::kHome, ":a:b"},
           {"~/a", Kind::kHome, ":a"},
           {"/home/joe", Kind::kHome, ""},
           {"/home/joe/a/b", Kind::kHome, ":a:b"},
           {"/home/joey", Kind::kAbsolute, "home:joey"},
           {".", Kind::kCurrent, ""},
           {"-", Kind::kPrevious, ""},
           {":", Kind::kTop, ""},
           {"/", Kind::kTop, ""},
           {":root:a", Kind::kAbsolute, "root:a"},
           {"/root/a", Kind::kAbsolute, "root:a"},
           {"root", Kind::kAbsolute, "root", false, true},
           {"root:a", Kind::kAbsolute, "root:a", false, true},
           {"root/a", Kind::kAbsolute, "root:a", false, true},
           {"rooted", Kind::kRelative, "rooted"},
           {"a", Kind::kRelative, "a"},
           {"a:b", Kind::kRelative, "a:b"},
           {"..", Kind::kRelative, ".."},
           {"../..", Kind::kRelative, "..:.."},
           {"~joe", Kind::kRelative, "~joe"},
       }) {
    CAPTURE(c.argument);
    const Target got = ParseTarget(c.argument, "/home/joe");
    CHECK(got.kind == c.kind);
    CHECK(got.path == c.path);
    CHECK(got.no_argument == c.note_none);
    CHECK(got.old_absolute == c.note_root);
  }
  CHECK(ParseTarget("/root/a", "/").kind == Kind::kAbsolute);
  CHECK(ParseTarget("/root/a", "").kind == Kind::kAbsolute);
}

TEST_CASE("cli paths: dots") {
  struct Case {
    std::string path, want;  // no want: above the top
  };
  for (const Case& c : std::vector<Case>{
           {"root", "root"},
           {"root:a:..", "root"},
           {"root:.:a", "root:a"},
           {"root:a:..:b:.", "root:b"},
           {"root:a:b:..:..:c", "root:c"},
           {"root:..:other", "other"},
           {"root:..:..", ""},
           {"..", ""},
       }) {
    CAPTURE(c.path);
    const auto got = ResolveDots(c.path, "cannot go up from root");
    if (c.want.empty()) {
      CHECK(got.status().message() == "cannot go up from root");
    } else {
      REQUIRE(got.ok());
      CHECK(*got == c.want);
    }
  }
}

TEST_CASE("cli paths: the workspace flag") {
  CHECK(*ResolveWorkspaceFlag("", "root:a") == "root:a");
  CHECK(*ResolveWorkspaceFlag(".", "root:a") == "root:a");
  CHECK(*ResolveWorkspaceFlag("..", "root:a") == "root");
  CHECK(*ResolveWorkspaceFlag("b:c", "root:a") == "root:a:b:c");
  CHECK(*ResolveWorkspaceFlag(":other", "root:a") == "other");
  CHECK(ResolveWorkspaceFlag("..:..:..", "root:a").status().message() == "cannot go above the root workspace");
  CHECK(ResolveWorkspaceFlag("..", "root").status().message() == "invalid workspace path: ..");
  CHECK(ResolveWorkspaceFlag("B", "root").status().message() == "invalid workspace path: B");
}

TEST_CASE("cli paths: tops and parents") {
  CHECK(TopOf("root:a:b") == "root");
  CHECK(TopOf("root") == "root");
  CHECK(TopOf("system:admin") == "system:admin");
  CHECK(Split("root:a:b").parent == "root:a");
  CHECK(Split("root:a:b").name == "b");
  CHECK(Split("root").parent.empty());
  CHECK(Split("system:admin").parent.empty());
}

}  // namespace
}  // namespace atoll::cli
