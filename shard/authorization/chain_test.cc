#include "shard/authorization/chain.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/auth/testing_run.h"
#include "common/base/random.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/authorization/escalation.h"
#include "shard/authorization/identities.h"
#include "shard/authorization/impersonation.h"
#include "shard/authorization/testing.h"

namespace atoll::authorization {
namespace {

using auth::testing::RunNow;
using Kind = Decision::Kind;
using Extra = std::map<std::string, std::vector<std::string>>;

const auth::User kAlice{"alice", "", {"system:authenticated"}, {}};
const auth::User kAdmin{"kcp-admin", "", {"system:kcp:admin", "system:authenticated"}, {}};
const auth::User kMaster{"shard-admin", "", {"system:masters", "system:authenticated"}, {}};

struct Ask {
  std::string verb = "list", group, resource = "configmaps", subresource, ns, name, path;
  bool deep = false;
};

struct Fixture : testing::World {
  Fixture() { AddCluster("cx"); }
  Decision Decide(const auth::User& user, const std::string& cluster, const Ask& ask = {}) {
    registry::ClusterScope scope;
    if (cluster == "*") {
      scope.wildcard = true;
    } else {
      scope.id = LogicalClusterId(cluster);
    }
    const Attributes a{.user = user,
                       .cluster = scope,
                       .verb = ask.verb,
                       .resource_request = ask.path.empty(),
                       .group = ask.group,
                       .version = "v1",
                       .resource = ask.resource,
                       .subresource = ask.subresource,
                       .ns = ask.ns,
                       .name = ask.name,
                       .path = ask.path,
                       .deep = ask.deep};
    return RunNow(chain.Authorize(a));
  }
  bool May(const auth::User& user, const std::string& cluster, const Ask& ask = {}) {
    return Decide(user, cluster, ask).allowed();
  }
};

TEST_CASE_METHOD(Fixture, "masters and health paths need nothing") {
  CHECK(May(kMaster, "cx"));
  CHECK(May(kMaster, "*"));
  CHECK(Decide(kMaster, "cx").reason.empty());
  CHECK(May(kAlice, "nowhere", {.verb = "get", .path = "/healthz"}));
  CHECK_FALSE(May(kAlice, "cx", {.verb = "get", .path = "/healthz/x"}));
}

TEST_CASE_METHOD(Fixture, "a stranger may nothing, and is not told why") {
  const Decision decision = Decide(kAlice, "cx");
  CHECK(decision.kind == Kind::kNoOpinion);
  CHECK(decision.reason == "access denied");
  CHECK_FALSE(May(kAlice, "cx", {.verb = "get", .path = "/api"}));
}

TEST_CASE_METHOD(Fixture, "what spans clusters, and system clusters, are for masters") {
  CHECK_FALSE(May(kAdmin, "*"));
  CHECK_FALSE(May(kAdmin, "system:admin"));
  CHECK(May(kAdmin, "cx"));
  CHECK(Decide(kAdmin, "cx").reason == "access granted");
}

TEST_CASE_METHOD(Fixture, "access to a workspace is not enough, and rights without access neither") {
  BindClusterRole("cx", "system:kcp:workspace:access", "User", "alice");
  CHECK_FALSE(May(kAlice, "cx"));
  CHECK(May(kAlice, "cx", {.verb = "get", .path = "/api"}));
  Add("cx",
      R"({"kind":"Role","metadata":{"name":"reader","namespace":"default"},"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["configmaps"]}]})");
  Add("cx",
      R"({"kind":"RoleBinding","metadata":{"name":"b","namespace":"default"},"roleRef":{"kind":"Role","name":"reader"},"subjects":[{"kind":"User","name":"alice"},{"kind":"User","name":"bob"}]})");
  cache.InvalidateAll();
  CHECK(May(kAlice, "cx", {.ns = "default"}));
  CHECK_FALSE(May(kAlice, "cx", {.ns = "other"}));
  CHECK_FALSE(May(kAlice, "cx"));
  CHECK_FALSE(May({"bob", "", {"system:authenticated"}, {}}, "cx", {.ns = "default"}));
}

TEST_CASE_METHOD(Fixture, "phases") {
  const std::pair<const char*, bool> cases[] = {{"Scheduling", false},  {"Initializing", true}, {"Ready", true},
                                                {"Unavailable", false}, {"Inactive", true},     {"Terminating", true},
                                                {"Deleting", true}};
  for (const auto& [phase, allowed] : cases) {
    CAPTURE(phase);
    AddCluster("cp", phase);
    CHECK(May(kAdmin, "cp") == allowed);
  }
  CHECK(Decide(kAdmin, "nowhere").kind == Kind::kNoOpinion);
  AddCluster("cp", "Initializing");
  const auth::User initializer{"controller", "", {"system:kcp:initializer:root:t"}, {}};
  CHECK(May(initializer, "cp"));
  CHECK_FALSE(May(initializer, "cx"));
}

TEST_CASE_METHOD(Fixture, "required groups") {
  AddCluster("cr", "Ready", R"({"authorization.kcp.io/required-groups":"a,b;c"})");
  BindClusterRole("cr", "cluster-admin", "User", "alice");
  auto with = [](std::vector<std::string> groups) { return auth::User{"alice", "", std::move(groups), {}}; };
  CHECK(Decide(with({}), "cr").kind == Kind::kDeny);
  CHECK(Decide(with({"a"}), "cr").kind == Kind::kDeny);
  CHECK(May(with({"a", "b"}), "cr"));
  CHECK(May(with({"c"}), "cr"));
  CHECK(May(with({}), "cr", {.deep = true}));
  CHECK(May(kAdmin, "cr"));
  BindClusterRole("cr", "cluster-admin", "ServiceAccount", "robot");
  Add("cr",
      R"({"kind":"ClusterRoleBinding","metadata":{"name":"sa"},"roleRef":{"kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"ServiceAccount","namespace":"n","name":"robot"}]})");
  CHECK(May({"system:serviceaccount:n:robot", "", {}, {}}, "cr"));
}

TEST_CASE_METHOD(Fixture, "service accounts: at home without access, elsewhere by their global name") {
  const auth::User home{
      "system:serviceaccount:n:robot",
      "",
      {"system:authenticated"},
      Extra{{"authentication.kcp.io/cluster-name", {"cx"}}, {"authentication.kcp.io/scopes", {"cluster:cx"}}}};
  AddCluster("cy");
  Add("cx",
      R"({"kind":"ClusterRoleBinding","metadata":{"name":"sa"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","namespace":"n","name":"robot"}]})");
  Add("cy",
      R"({"kind":"ClusterRoleBinding","metadata":{"name":"sa"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","namespace":"n","name":"robot"}]})");
  CHECK(May(home, "cx"));
  CHECK_FALSE(May(home, "cy"));
  BindClusterRole("cy", "cluster-admin", "User", "system:kcp:serviceaccount:cx:n:robot");
  CHECK(May(home, "cy"));
}

TEST_CASE_METHOD(Fixture, "the status of bindings and exports is the shard's") {
  for (const char* resource : {"apibindings", "apiexports"}) {
    CHECK(Decide(kAdmin, "cx", {.verb = "get", .group = "apis.kcp.io", .resource = resource, .subresource = "status"})
              .kind == Kind::kDeny);
    CHECK(May(kAdmin, "cx", {.verb = "get", .group = "apis.kcp.io", .resource = resource}));
  }
}

TEST_CASE_METHOD(Fixture, "root's tenancy policy limits cluster admins of workspaces that bind it") {
  AddCluster(
      "ct", "Ready",
      R"({"internal.apis.kcp.io/resource-bindings":"{\"workspaces.tenancy.kcp.io\":{\"n\":\"b\",\"e\":\"tenancy.kcp.io\"}}"})");
  BindClusterRole("ct", "cluster-admin", "User", "alice");
  const Ask workspaces{.verb = "create", .group = "tenancy.kcp.io", .resource = "workspaces"};
  const Ask status{.verb = "update", .group = "tenancy.kcp.io", .resource = "workspaces", .subresource = "status"};
  CHECK(May(kAlice, "ct", workspaces));
  CHECK_FALSE(May(kAlice, "ct", status));
  Ask deep = status;
  deep.deep = true;
  CHECK(May(kAlice, "ct", deep));
  CHECK(May(kAdmin, "ct", status));
}

TEST_CASE_METHOD(Fixture, "root is open to look at, not to create in") {
  CHECK(May(kAlice, "root", {.group = "tenancy.kcp.io", .resource = "workspaces"}));
  CHECK(May(kAlice, "root",
            {.verb = "use", .group = "tenancy.kcp.io", .resource = "workspacetypes", .name = "universal"}));
  CHECK(May(kAlice, "root",
            {.verb = "bind", .group = "apis.kcp.io", .resource = "apiexports", .name = "tenancy.kcp.io"}));
  CHECK_FALSE(May(kAlice, "root", {.verb = "create", .group = "tenancy.kcp.io", .resource = "workspaces"}));
  CHECK_FALSE(May({"system:anonymous", "", {"system:unauthenticated"}, {}}, "root",
                  {.group = "tenancy.kcp.io", .resource = "workspaces"}));
}

struct Replicas final : ReplicaSource {
  std::shared_ptr<const RbacObjects> objects;
  std::shared_ptr<const RbacObjects> Objects(const LogicalClusterId& cluster) const override {
    return cluster == RootCluster() ? objects : nullptr;
  }
};

TEST_CASE("replicated bindings count") {
  Replicas replicas;
  testing::World world(&replicas);
  world.objects["root"].clear();
  const Attributes a{.user = kAlice,
                     .cluster = {.id = RootCluster()},
                     .verb = "list",
                     .group = "tenancy.kcp.io",
                     .resource = "workspaces"};
  CHECK_FALSE(RunNow(world.chain.Authorize(a)).allowed());
  replicas.objects = std::make_shared<const RbacObjects>(SortByKind(RootObjects()));
  CHECK(RunNow(world.chain.Authorize(a)).allowed());
}

TEST_CASE_METHOD(Fixture, "bindings follow the role's creation and the cache its invalidation") {
  cache.SetLive(true);
  BindClusterRole("cx", "mine", "User", "alice");
  BindClusterRole("cx", "system:kcp:workspace:access", "User", "alice");
  CHECK_FALSE(May(kAlice, "cx"));
  Add("cx",
      R"({"kind":"ClusterRole","metadata":{"name":"mine"},"rules":[{"verbs":["list"],"apiGroups":[""],"resources":["configmaps"]}]})");
  CHECK_FALSE(May(kAlice, "cx"));  // still cached
  cache.Invalidate(LogicalClusterId("cx"));
  CHECK(May(kAlice, "cx"));
  CHECK(cache.stats().entries == 1);
}

TEST_CASE("the cache is bounded and drops the least recently used") {
  int loads = 0;
  PolicyCache cache({.load =
                         [&](const LogicalClusterId&) {
                           ++loads;
                           return absl::StatusOr<RbacObjects>(RbacObjects{});
                         },
                     .entries_max = 2});
  cache.SetLive(true);
  for (const char* id : {"aa", "bb", "aa", "cc", "aa", "bb"}) CHECK(RunNow(cache.Get(LogicalClusterId(id))).ok());
  CHECK(loads == 4);
  CHECK(cache.stats().entries == 2);
  cache.SetLive(false);
  CHECK(cache.stats().entries == 0);
}

TEST_CASE("a failing store denies") {
  registry::Clusters clusters;
  clusters.Put(LogicalClusterId("cx"), testing::Json(R"({"status":{"phase":"Ready"}})"));
  PolicyCache cache(
      {.load = [](const LogicalClusterId&) { return absl::StatusOr<RbacObjects>(absl::InternalError("disk")); }});
  Chain chain({.clusters = &clusters, .policies = &cache, .bootstrap = BootstrapPolicy()});
  const Attributes a{
      .user = kAdmin, .cluster = {.id = LogicalClusterId("cx")}, .verb = "get", .resource = "configmaps"};
  CHECK_FALSE(RunNow(chain.Authorize(a)).allowed());
}

TEST_CASE_METHOD(Fixture, "escalation and binding") {
  BindClusterRole("cx", "edit", "User", "alice");
  BindClusterRole("cx", "system:kcp:workspace:access", "User", "alice");
  const EscalationCheck check{&chain, &chain};
  const registry::ClusterScope x{.id = LogicalClusterId("cx")};
  const api::GroupResource roles{"rbac.authorization.k8s.io", "roles"},
      bindings{"rbac.authorization.k8s.io", "rolebindings"};
  auto role = [&](const char* rules) {
    const json::Value object = testing::Json(std::string(R"({"metadata":{"name":"r"},"rules":)") + rules + "}");
    return RunNow(CheckRoleWrite(check, kAlice, x, roles, "default", "", object, nullptr));
  };
  CHECK(role(R"([{"verbs":["get"],"apiGroups":[""],"resources":["configmaps"]}])").ok());
  CHECK(role(R"([{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}])").message() ==
        "roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"alice\" (groups=[\"system:authenticated\"]) is "
        "attempting to grant RBAC "
        "permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}");
  auto bind = [&](const char* name) {
    const json::Value object = testing::Json(
        std::string(R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":")") + name + R"("}})");
    return RunNow(CheckBindingWrite(check, kAlice, x, bindings, "default", object));
  };
  CHECK(bind("view").ok());
  CHECK_FALSE(bind("cluster-admin").ok());
  CHECK(api::IsNotFound(bind("nope")));
  const json::Value wild =
      testing::Json(R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"cluster-admin"}})");
  CHECK(RunNow(CheckBindingWrite(check, kMaster, x, bindings, "default", wild)).ok());
}

struct ImpersonationFixture : Fixture {
  absl::StatusOr<auth::User> As(const auth::User& requester,
                                std::initializer_list<std::pair<const char*, const char*>> fields) {
    http::Headers headers;
    for (const auto& [name, value] : fields) headers.Add(name, value);
    CHECK(WantsImpersonation(headers));
    const Attributes target{.user = requester,
                            .cluster = {.id = LogicalClusterId("cx")},
                            .verb = "get",
                            .resource = "namespaces",
                            .ns = "default",
                            .name = "default"};
    auto done = RunNow(Impersonate(chain, target, headers));
    if (!done.ok()) return done.status();
    return std::move(done->user);
  }
};

TEST_CASE_METHOD(ImpersonationFixture, "impersonation") {
  auto bob = As(kAdmin, {{"impersonate-user", "bob"}, {"impersonate-group", "devs"}});
  REQUIRE(bob.ok());
  CHECK(bob->groups == std::vector<std::string>{"devs", "system:authenticated"});
  CHECK(bob->extra.at("authentication.kcp.io/scopes") == std::vector<std::string>{"cluster:cx"});
  CHECK(As(kMaster, {{"impersonate-user", "bob"}, {"impersonate-group", "system:kcp:admin"}})->extra.empty());
  CHECK(As(kAdmin, {{"impersonate-user", "system:serviceaccount:n:a"}})->groups ==
        std::vector<std::string>{"system:serviceaccounts", "system:serviceaccounts:n", "system:authenticated"});
  CHECK(As(kAdmin, {{"impersonate-user", "system:anonymous"}})->groups ==
        std::vector<std::string>{"system:unauthenticated"});
  CHECK(As(kAdmin, {{"impersonate-user", "bob"}, {"impersonate-extra-a%2fb", "v"}})->extra.at("a/b") ==
        std::vector<std::string>{"v"});

  CHECK(As(kAdmin, {{"impersonate-user", "bob"}, {"impersonate-group", "system:masters"}}).status().message() ==
        "forbidden: impersonation is not allowed for the requestor");
  CHECK_FALSE(As(kAlice, {{"impersonate-user", "bob"}, {"impersonate-group", "system:kcp:admin"}}).ok());
  // A warrant is no way around.
  BindClusterRole("cx", "cluster-admin", "User", "alice");
  CHECK_FALSE(As(kAlice, {{"impersonate-user", "bob"},
                          {"impersonate-extra-authorization.kcp.io%2fwarrant",
                           R"({"user":"m","groups":["system:kcp:admin"]})"}})
                  .ok());
  CHECK(As(kAlice, {{"impersonate-user", "bob"}}).ok());
}

TEST_CASE_METHOD(ImpersonationFixture, "who may not impersonate is told of the narrowest check") {
  CHECK(As(kAlice, {{"impersonate-user", "bob"}}).status().message() ==
        "namespaces \"default\" is forbidden: User \"alice\" cannot impersonate-on:user-info:get resource "
        "\"namespaces\" in API group \"\" in the "
        "namespace \"default\": access denied");
  CHECK(As(kAdmin, {{"impersonate-group", "devs"}}).status().message() ==
        "requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"devs\"}, Extra:map[string][]string(nil)} "
        "without impersonating a user name");
}

// Every way to ask for a group that the requester is not in, by header or by warrants within warrants, is refused; what
// is granted acts in this cluster alone.
TEST_CASE_METHOD(ImpersonationFixture,
                 "GHSA-c7xh-gjv4-4jgv: impersonation reaches no privilege above the requester's") {
  const std::vector<std::string> lattice = {"system:masters",
                                            "system:kcp:admin",
                                            "system:kcp:logical-cluster-admin",
                                            "system:kcp:external-logical-cluster-admin",
                                            "system:kcp:tenancy:workspace-bootstrapper",
                                            "system:kcp:initializer:root:x",
                                            "system:kcp:terminator:root:x",
                                            "system:authenticated",
                                            "devs"};
  const auto ordinary = [](std::string_view group) { return group == "devs"; };
  BindClusterRole("cx", "cluster-admin", "User", "carol");
  for (size_t held = 0; held < (size_t{1} << (lattice.size() - 2)); held += 5) {
    auth::User requester{.name = "carol", .uid = "", .groups = {}, .extra = {}};
    // Never masters: they may all.
    for (size_t bit = 0; bit + 2 < lattice.size(); ++bit) {
      if (((held >> bit) & 1) != 0) requester.groups.push_back(lattice[bit + 1]);
    }
    for (const std::string& wanted : lattice) {
      const bool may = ordinary(wanted) || requester.InGroup(wanted);
      std::string warrant = Cat(R"({"user":"m","groups":[")", wanted, R"("]})");
      CAPTURE(requester.groups, wanted);
      for (int depth = 0; depth < 3; ++depth) {
        auto by_warrant = As(requester, {{"impersonate-user", "bob"},
                                         {"impersonate-extra-authorization.kcp.io%2fwarrant", warrant.c_str()}});
        CHECK(by_warrant.ok() == may);
        if (by_warrant.ok())
          CHECK(by_warrant->extra.at("authentication.kcp.io/scopes") == std::vector<std::string>{"cluster:cx"});
        std::string quoted;
        json::AppendQuoted(&quoted, warrant);
        warrant = Cat(R"({"user":"n","extra":{"authorization.kcp.io/warrant":[)", quoted, "]}}");
      }
      auto by_group = As(requester, {{"impersonate-user", "bob"}, {"impersonate-group", wanted.c_str()}});
      CHECK(by_group.ok() == may);
      if (by_group.ok())
        CHECK(by_group->extra.at("authentication.kcp.io/scopes") == std::vector<std::string>{"cluster:cx"});
    }
    // Scopes that are asked for narrow, they never widen: this cluster's comes on top.
    auto scoped = As(requester, {{"impersonate-user", "bob"},
                                 {"impersonate-extra-authentication.kcp.io%2fscopes", "cluster:elsewhere"}});
    REQUIRE(scoped.ok());
    CHECK(scoped->extra.at("authentication.kcp.io/scopes") ==
          std::vector<std::string>{"cluster:elsewhere", "cluster:cx"});
    CHECK_FALSE(IsInScope(*scoped, LogicalClusterId("elsewhere")));
    CHECK_FALSE(IsInScope(*scoped, LogicalClusterId("cx")));
  }
}

// Random policies, judged by the compiled chain of look-ups and by a slow evaluator that walks objects as the
// documentation reads.
TEST_CASE("random policies: compiled and plain evaluation agree") {
  SeededRandom random(42);
  auto pick = [&](std::initializer_list<const char*> of) { return std::string(of.begin()[random.Below(of.size())]); };
  auto verb = [&] { return pick({"get", "list", "create", "*", "use"}); };
  auto group = [&] { return pick({"", "apps", "*"}); };
  auto resource = [&] { return pick({"pods", "pods/log", "*/log", "*", "maps"}); };
  struct Binding {
    std::string ns, role_ns, role, kind, subject, subject_ns;
  };
  int allowed = 0;
  for (int round = 0; round < 2000; ++round) {
    std::map<std::pair<std::string, std::string>, std::vector<PolicyRule>> roles;  // "" namespace: ClusterRole
    RbacObjects objects;
    for (int i = 0; i < 6; ++i) {
      const std::string ns = pick({"", "", "n1", "n2"}), name = pick({"r1", "r2", "r3"});
      PolicyRule rule{.verbs = {verb()}, .api_groups = {group()}, .resources = {resource()}};
      if (random.Below(3) == 0) rule.resource_names = {pick({"a", "b"})};
      if (random.Below(4) == 0) rule = {.verbs = {verb()}, .non_resource_urls = {pick({"/", "/api", "/a*", "*"})}};
      roles[{ns, name}] = {rule};
    }
    for (const auto& [key, rules] : roles) {
      json::Value object =
          testing::Json(R"({"metadata":{"name":")" + key.second + R"(","namespace":")" + key.first + R"("}})");
      json::Array list;
      for (const PolicyRule& rule : rules) list.push_back(RuleToJson(rule));
      object.object().Set("rules", json::Value(std::move(list)));
      (key.first.empty() ? objects.cluster_roles : objects.roles).push_back(std::move(object));
    }
    std::vector<Binding> bindings;
    for (int i = 0; i < 6; ++i) {
      Binding b{.ns = pick({"", "n1", "n2"}),
                .role = pick({"r1", "r2", "r3", "r4"}),
                .kind = pick({"User", "Group", "ServiceAccount"}),
                .subject = pick({"alice", "g", "robot"}),
                .subject_ns = pick({"", "n1"})};
      const bool local = !b.ns.empty() && random.Below(2) == 0;
      b.role_ns = local ? b.ns : "";
      bindings.push_back(b);
      json::Value object =
          testing::Json(R"({"metadata":{"name":"b","namespace":")" + b.ns + R"("},"roleRef":{"kind":")" +
                        (local ? "Role" : "ClusterRole") + R"(","name":")" + b.role + R"("},"subjects":[{"kind":")" +
                        b.kind + R"(","name":")" + b.subject + R"(","namespace":")" + b.subject_ns + R"("}]})");
      (b.ns.empty() ? objects.cluster_role_bindings : objects.role_bindings).push_back(std::move(object));
    }
    const PolicyPtr policy = Policy::Compile(objects, nullptr);
    for (int i = 0; i < 40; ++i) {
      auth::User user{
          .name = pick({"alice", "robot", "system:serviceaccount:n1:robot"}), .uid = "", .groups = {}, .extra = {}};
      if (random.Below(2) == 0) user.groups = {"g"};
      Attributes a{.user = user,
                   .cluster = {},
                   .verb = pick({"get", "list", "create", "use"}),
                   .resource_request = random.Below(5) != 0,
                   .group = pick({"", "apps", "other"}),
                   .resource = pick({"pods", "maps"}),
                   .subresource = pick({"", "log"}),
                   .ns = pick({"", "n1", "n2"}),
                   .name = pick({"", "a", "b"}),
                   .path = pick({"/", "/api", "/x"})};
      bool want = false;
      for (const Binding& b : bindings) {
        const std::string account =
            "system:serviceaccount:" + (b.subject_ns.empty() ? b.ns : b.subject_ns) + ":" + b.subject;
        const bool subject = (b.kind == "User" && user.name == b.subject) ||
                             (b.kind == "Group" && user.InGroup(b.subject)) ||
                             (b.kind == "ServiceAccount" && user.name == account);
        const bool place = b.ns.empty() || (a.resource_request && a.ns == b.ns);
        auto role = roles.find({b.role_ns, b.role});
        if (!subject || !place || role == roles.end()) continue;
        for (const PolicyRule& rule : role->second) want |= RuleAllows(rule, a);
      }
      allowed += want;
      const std::vector<Identity> identities = {{user.name, user.groups}};
      REQUIRE(policy->Allows(identities, Question(a)) == want);
    }
  }
  CHECK(allowed > 500);  // the test is about something
}

TEST_CASE("roles of system:admin that come later hold in every cluster", "[authorization]") {
  testing::World world;
  world.AddCluster("cx");
  world.BindClusterRole("cx", "late", "User", "carl");
  const auth::User carl{.name = "carl", .uid = "", .groups = {}, .extra = {}};
  const auto rules = [&] {
    auto out = RunNow(world.chain.RulesFor(carl, LogicalClusterId("cx"), "default"));
    REQUIRE(out.ok());
    return out->size();
  };
  CHECK(rules() == 0);
  RbacObjects objects;
  objects.cluster_roles.push_back(testing::Json(
      R"({"kind":"ClusterRole","metadata":{"name":"late"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]},)"
      R"({"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})"));
  world.cache.SetFallback(Policy::Compile(objects, nullptr));
  CHECK(rules() == 1);  // each rule once
}

}  // namespace
}  // namespace atoll::authorization
