#include "tools/atoll/ws/kubeconfig.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "common/json/yaml.h"
#include "tools/atoll/ws/testing_directory.h"

namespace atoll::cli {
namespace {

using Paths = std::vector<std::string>;

constexpr char kFirst[] = R"(clusters:
- name: shared
  cluster: {server: "https://first", certificate-authority: pki/ca.crt}
contexts:
- name: shared
  context: {cluster: shared, user: joe}
extensions: [{name: mine, extension: {a: 1}}]
)";
constexpr char kSecond[] = R"(clusters:
- name: shared
  cluster: {server: "https://second"}
- name: other
  cluster: {server: "https://other", unknown: [1, 2]}
contexts: []
current-context: shared
users:
- name: joe
  user: {token: t}
)";

Environment Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](std::string_view name) {
    auto it = variables.find(std::string(name));
    return it == variables.end() ? std::string() : it->second;
  };
}

struct TwoFiles {
  TestDirectory directory;
  std::string first = directory.File("first"), second = directory.File("second");
  TwoFiles() {
    REQUIRE(WriteFileAtomic(first, kFirst).ok());
    REQUIRE(WriteFileAtomic(second, kSecond).ok());
  }
  absl::StatusOr<Kubeconfig> Load() const { return Kubeconfig::Load({{first, second}}); }
  static json::Value Read(const std::string& file) { return *json::ParseYaml(*ReadFile(file)); }
};

TEST_CASE("kubeconfig: which files") {
  const auto paths = [](std::string_view flag, std::map<std::string, std::string> variables) {
    return Kubeconfig::Locate(flag, Variables(std::move(variables))).paths;
  };
  CHECK(paths("", {{"HOME", "/home/joe"}}) == Paths{"/home/joe/.kube/config"});
  CHECK(paths("", {{"HOME", "/h"}, {"KUBECONFIG", "/a:/b::/a"}}) == Paths{"/a", "/b"});
  CHECK(paths("/x", {{"HOME", "/h"}, {"KUBECONFIG", "/a:/b"}}) == Paths{"/x"});
  CHECK(Kubeconfig::Locate("/x", Variables({})).must_exist);
}

TEST_CASE("kubeconfig: the first file that names something wins") {
  TwoFiles files;
  auto config = files.Load();
  REQUIRE(config.ok());
  CHECK(config->current_context() == "shared");
  CHECK(config->Cluster("shared")->StringAt({"server"}) == "https://first");
  CHECK(config->Cluster("other")->StringAt({"server"}) == "https://other");
  CHECK(config->User("joe")->StringAt({"token"}) == "t");
  CHECK(config->Context("none") == nullptr);
  CHECK(config->CopyCluster("shared")->StringAt({"certificate-authority"}) == files.directory.path() + "/pki/ca.crt");
}

TEST_CASE("kubeconfig: edits go where entries came from and keep the rest") {
  TwoFiles files;
  auto config = files.Load();
  REQUIRE(config.ok());
  json::Value other = *config->Cluster("other");
  other.object().Set("server", "https://moved");
  config->SetCluster("other", other);
  config->SetCluster("new", json::Object{{"server", "https://new"}});
  config->SetCurrentContext("new");
  // Somebody else writes meanwhile.
  REQUIRE(WriteFileAtomic(files.second, std::string(kSecond) + "preferences: {colors: true}\n").ok());
  REQUIRE(config->Save().ok());

  const json::Value first = files.Read(files.first), second = files.Read(files.second);
  CHECK(first.StringAt({"current-context"}) == "new");
  CHECK(first.Find("extensions")->array().size() == 1);
  CHECK(first.Find("clusters")->array()[0].StringAt({"name"}) == "new");
  CHECK(first.Find("clusters")->array()[1].StringAt({"cluster", "certificate-authority"}) == "pki/ca.crt");
  CHECK(second.StringAt({"current-context"}) == "shared");
  CHECK(second.BoolAt({"preferences", "colors"}));
  CHECK(second.Find("clusters")->array()[0].StringAt({"cluster", "server"}) == "https://second");
  CHECK(second.Find("clusters")->array()[1].StringAt({"cluster", "server"}) == "https://moved");
  CHECK(second.Find("clusters")->array()[1].At({"cluster", "unknown"})->array().size() == 2);
  CHECK(files.Load()->current_context() == "new");
  struct stat info{};
  REQUIRE(::stat(files.first.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(::access((files.first + ".lock").c_str(), F_OK) != 0);
}

TEST_CASE("kubeconfig: a file that is not there") {
  TestDirectory directory;
  const std::string file = directory.File("sub/config");
  CHECK(Kubeconfig::Load({{file}, true}).status().code() == absl::StatusCode::kNotFound);
  auto config = Kubeconfig::Load({{file}, false});
  REQUIRE(config.ok());
  CHECK(config->current_context().empty());
  config->SetContext("c", json::Object{{"cluster", "x"}});
  config->SetCurrentContext("c");
  REQUIRE(config->Save().ok());
  CHECK(TwoFiles::Read(file).StringAt({"kind"}) == "Config");
  CHECK(Kubeconfig::Load({{file}, true})->current_context() == "c");
}

TEST_CASE("kubeconfig: a lock that is held leaves every file alone") {
  TwoFiles files;
  auto config = files.Load();
  REQUIRE(config.ok());
  REQUIRE(WriteFileAtomic(files.second + ".lock", "").ok());
  config->SetCluster("new", json::Object{});
  config->SetCluster("other", json::Object{});
  CHECK(config->Save().code() == absl::StatusCode::kAborted);
  CHECK(*ReadFile(files.first) == kFirst);
  CHECK(*ReadFile(files.second) == kSecond);
  REQUIRE(::unlink((files.second + ".lock").c_str()) == 0);
  CHECK(config->Save().ok());
}

TEST_CASE("kubeconfig: a symbolic link stays one") {
  TwoFiles files;
  const std::string link = files.directory.File("link");
  REQUIRE(::symlink(files.second.c_str(), link.c_str()) == 0);
  auto config = Kubeconfig::Load({{link}, true});
  REQUIRE(config.ok());
  config->SetCurrentContext("x");
  REQUIRE(config->Save().ok());
  struct stat info{};
  REQUIRE(::lstat(link.c_str(), &info) == 0);
  CHECK(S_ISLNK(info.st_mode));
  CHECK(TwoFiles::Read(files.second).StringAt({"current-context"}) == "x");
}

TEST_CASE("kubeconfig: what is no kubeconfig is refused, and never written over") {
  TestDirectory directory;
  const std::string file = directory.File("config");
  for (std::string_view text : {"[1, 2]", "a: [", "clusters: 3", "contexts: [{context: {}}]", "users: [1]"}) {
    CAPTURE(text);
    REQUIRE(WriteFileAtomic(file, text).ok());
    CHECK(Kubeconfig::Load({{file}, true}).status().code() == absl::StatusCode::kInvalidArgument);
  }
  REQUIRE(WriteFileAtomic(file, "").ok());
  auto config = Kubeconfig::Load({{file}, true});
  REQUIRE(config.ok());
  REQUIRE(WriteFileAtomic(file, "broken: [").ok());
  config->SetCurrentContext("x");
  CHECK(!config->Save().ok());
  CHECK(*ReadFile(file) == "broken: [");
}

}  // namespace
}  // namespace atoll::cli
