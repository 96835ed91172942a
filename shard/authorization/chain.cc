#include "shard/authorization/chain.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::authorization {
namespace {

using Kind = Decision::Kind;
using registry::ClusterInfo;
using registry::Phase;

constexpr size_t kReplicasMax = 1024;
constexpr std::string_view kExternalAdmin = auth::kExternalLogicalClusterAdmin;
constexpr std::string_view kShardLevelPath = "/metrics";

bool EveryGroup(const std::vector<Identity>& identities, std::string_view comma_separated) {
  for (;;) {
    const size_t comma = comma_separated.find(',');
    if (!InEffectiveGroup(identities, comma_separated.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    comma_separated.remove_prefix(comma + 1);
  }
}

// `a,b;c` = (a and b) or c.
bool SatisfiesGroups(const std::vector<Identity>& identities, std::string_view required) {
  if (InEffectiveGroup(identities, auth::kKcpAdmin) || InEffectiveGroup(identities, auth::kWorkspaceBootstrapper))
    return true;
  for (;;) {
    const size_t semicolon = required.find(';');
    if (EveryGroup(identities, required.substr(0, semicolon))) return true;
    if (semicolon == std::string_view::npos) return false;
    required.remove_prefix(semicolon + 1);
  }
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kAllow:
      return "Allowed";
    case Kind::kDeny:
      return "Denied";
    case Kind::kNoOpinion:
      break;
  }
  return "NoOpinion";
}

// A link's word: why it decided, or why it left that to those behind it (`decided` is nullopt).
struct Link {
  std::optional<Kind> decided;
  std::string_view reason;

  static Link Next(std::string_view reason) { return {std::nullopt, reason}; }
};

// The names of links, in the log.
constexpr std::string_view kRequiredGroups = "01-requiredgroups", kContent = "02-content", kSystemCrd = "03-systemcrd",
                           kMaximalPolicy = "04-maxpermissionpolicy", kBootstrap = "05-bootstrap", kLocal = "05-local",
                           kGlobal = "05-global";

// Writes the trail, if somebody wants one. A link that leaves the decision to others has theirs in the end.
class Steps {
 public:
  explicit Steps(Trail* trail) : trail_(trail), begin_(trail == nullptr ? 0 : trail->steps.size()) {}

  bool wanted() const { return trail_ != nullptr; }
  void Next(std::string_view link, std::string_view reason) {
    if (trail_ != nullptr) trail_->steps.push_back({link, "", Cat("delegating due to ", reason)});
  }
  void Say(std::string_view link, Kind kind, std::string reason) {
    if (trail_ != nullptr) trail_->steps.push_back({link, KindName(kind), std::move(reason)});
  }
  Kind Decide(std::string_view link, Kind kind, std::string_view reason) {
    if (trail_ != nullptr) Say(link, kind, std::string(reason));
    return End(kind);
  }
  Kind End(Kind kind) {
    if (trail_ == nullptr) return kind;
    for (size_t i = begin_; i < trail_->steps.size(); ++i) {
      if (trail_->steps[i].decision.empty()) trail_->steps[i].decision = KindName(kind);
    }
    return kind;
  }

 private:
  Trail* const trail_;
  const size_t begin_;
};

Link RequiredGroups(const Attributes& a, const ClusterInfo* cluster, const std::vector<Identity>& identities) {
  if (a.deep) return Link::Next("deep SAR request");
  if (InEffectiveGroup(identities, auth::kLogicalClusterAdmin)) return Link::Next("logical cluster admin access");
  if (IsServiceAccount(a.user.name)) return Link::Next("service account access to logical cluster");
  if (cluster == nullptr) return {Kind::kNoOpinion, "logical cluster not found"};
  if (InEffectiveGroup(identities, kExternalAdmin)) return Link::Next("external logical cluster admin access");
  if (cluster->required_groups.empty()) return Link::Next("logical cluster does not require groups");
  if (SatisfiesGroups(identities, cluster->required_groups)) return Link::Next("user is member of required groups");
  return {Kind::kDeny, "user is not a member of required groups"};
}

bool AllowsContent(Phase phase) {
  switch (phase) {
    case Phase::kInitializing:
    case Phase::kReady:
    case Phase::kInactive:
    case Phase::kTerminating:
    case Phase::kDeleting:
      return true;
    case Phase::kScheduling:
    case Phase::kUnavailable:
      return false;
  }
  return false;
}

// Set by the lifecycle virtual workspaces after their own check, and by nobody else: proxies drop these groups.
bool HasLifecycleGroup(const auth::User& user) {
  return std::any_of(user.groups.begin(), user.groups.end(), [](std::string_view g) {
    return g.starts_with("system:kcp:initializer:") || g.starts_with("system:kcp:terminator:");
  });
}

// Everything of this link but the access check itself, for which `*check_access` is set.
Link Content(const Attributes& a, const ClusterInfo* cluster, const std::vector<Identity>& identities,
             bool* check_access) {
  if (!a.resource_request && a.path == kShardLevelPath) return Link::Next("shard-level path");
  if (a.cluster.id.empty() || a.cluster.id.is_system()) return {Kind::kNoOpinion, "empty or system workspace"};
  if (a.deep) return Link::Next("deep SAR request");
  if (InEffectiveGroup(identities, auth::kLogicalClusterAdmin)) return Link::Next("logical cluster admin access");
  if (cluster == nullptr) return {Kind::kDeny, "LogicalCluster not found"};
  if (!AllowsContent(cluster->phase)) return {Kind::kNoOpinion, "not permitted due to the phase"};
  if (HasLifecycleGroup(a.user) && (cluster->phase == Phase::kInitializing || cluster->phase == Phase::kTerminating ||
                                    cluster->phase == Phase::kDeleting)) {
    return {Kind::kAllow, "lifecycle VW pre-authorized access"};
  }
  *check_access = !(IsServiceAccount(a.user.name) && IsInScope(a.user, a.cluster.id));
  return Link::Next(*check_access ? "user logical cluster access" : "local service account access");
}

// The status of bindings and exports belongs to the shard.
Link SystemCrdGuard(const Attributes& a) {
  const bool guarded = a.resource_request && a.group == "apis.kcp.io" && a.subresource == "status" &&
                       (a.resource == "apibindings" || a.resource == "apiexports");
  if (guarded) return {Kind::kDeny, "status updates not permitted"};
  return Link::Next("no system CRD violation");
}

}  // namespace

std::optional<LogicalClusterId> RootExportPolicies::PolicyCluster(const LogicalClusterId& cluster,
                                                                  const api::GroupResource& resource) const {
  constexpr std::string_view kLimited = "tenancy.kcp.io";  // the export and its group have one name
  if (resource.group == kLimited) {
    const auto info = clusters_->Find(cluster);
    if (info != nullptr && std::binary_search(info->bound_exports.begin(), info->bound_exports.end(), kLimited))
      return RootCluster();
    return std::nullopt;
  }
  return others_ == nullptr ? std::nullopt : others_->PolicyCluster(cluster, resource);
}

Chain::Chain(Options options) : options_(std::move(options)) {}
Chain::~Chain() = default;

bool Chain::Layers::Allow(const std::vector<Identity>& identities, const Question& question, std::string* why) const {
  for (const PolicyPtr* policy : {&bootstrap, &local, &global}) {
    if (*policy != nullptr && (*policy)->Allows(identities, question, why)) return true;
  }
  return false;
}

void Trail::Tell(std::string_view domain,
                 const std::function<void(std::string_view, std::string_view)>& annotate) const {
  for (const Step& step : steps) {
    annotate(Cat(domain, "/", step.link, "-decision"), step.decision);
    annotate(Cat(domain, "/", step.link, "-reason"), step.reason);
  }
}

PolicyPtr Chain::GlobalPolicy(const LogicalClusterId& cluster) {
  if (options_.replicas == nullptr) return nullptr;
  auto objects = options_.replicas->Objects(cluster);
  if (objects == nullptr) return nullptr;
  PolicyPtr bootstrap = Bootstrap();
  absl::MutexLock lock(&mutex_);
  auto it = replicas_.find(cluster);
  if (it != replicas_.end() && it->second.objects == objects && it->second.bootstrap == bootstrap)
    return it->second.policy;
  if (replicas_.size() >= kReplicasMax) replicas_.clear();
  PolicyPtr policy = Policy::Compile(*objects, bootstrap.get());
  replicas_.insert_or_assign(cluster, Replica{std::move(objects), std::move(bootstrap), policy});
  return policy;
}

PolicyPtr Chain::Bootstrap() const {
  PolicyPtr live = options_.policies->fallback();
  return live != nullptr ? live : options_.bootstrap;
}

bool Chain::PeekLayers(const LogicalClusterId& cluster, Layers* out) {
  out->bootstrap = Bootstrap();
  out->local = options_.policies->Peek(cluster);
  if (out->local == nullptr) return false;
  out->global = GlobalPolicy(cluster);
  return true;
}

Task<absl::Status> Chain::LoadLayers(LogicalClusterId cluster, Layers* out) {
  CO_ASSIGN_OR_RETURN(out->local, co_await options_.policies->Get(cluster));
  out->global = GlobalPolicy(cluster);
  co_return absl::OkStatus();
}

bool Chain::IsAlwaysAllowedPath(const Attributes& a) const {
  if (a.resource_request) return false;
  for (std::string_view path : options_.always_allow_paths) {
    if (a.path == path ||
        (path.ends_with('*') && std::string_view(a.path).starts_with(path.substr(0, path.size() - 1))))
      return true;
  }
  return false;
}

Task<Decision> Chain::Authorize(const Attributes& a) {
  // Always-allowed groups and paths answer without a reason.
  if (a.user.IsMasters()) co_return Decision{Kind::kAllow, ""};
  if (IsAlwaysAllowedPath(a)) co_return Decision{Kind::kAllow, ""};
  const Kind kind = co_await AuthorizeByRbac(a);
  if (kind == Kind::kNoOpinion && options_.webhook != nullptr) co_return co_await options_.webhook->Authorize(a);
  // Which link decided, and on what grounds, is nobody's business outside.
  co_return Decision{kind, kind == Kind::kAllow ? "access granted" : "access denied"};
}

Task<Kind> Chain::AuthorizeByRbac(const Attributes& a) {
  Steps steps(a.trail);
  // What spans clusters is for masters.
  if (a.cluster.wildcard || a.cluster.id.empty())
    co_return steps.Decide(kRequiredGroups, Kind::kNoOpinion, "empty cluster name");
  const std::vector<Identity> identities = EffectiveIdentities(a.user, a.cluster.id);
  const std::shared_ptr<const ClusterInfo> cluster = options_.clusters->Find(a.cluster.id);

  const Link groups = RequiredGroups(a, cluster.get(), identities);
  if (groups.decided) co_return steps.Decide(kRequiredGroups, *groups.decided, groups.reason);
  steps.Next(kRequiredGroups, groups.reason);

  bool check_access = false;
  const Link content = Content(a, cluster.get(), identities, &check_access);
  if (content.decided) co_return steps.Decide(kContent, *content.decided, content.reason);

  Layers layers;
  if (!PeekLayers(a.cluster.id, &layers) && !(co_await LoadLayers(a.cluster.id, &layers)).ok())
    co_return steps.Decide(kContent, Kind::kNoOpinion, "policies cannot be read");
  if (check_access) {
    const Attributes access{
        .user = a.user, .cluster = a.cluster, .verb = "access", .resource_request = false, .path = "/"};
    if (!layers.Allow(identities, Question(access)))
      co_return steps.Decide(kContent, Kind::kNoOpinion, "no verb=access permission on /");
  }
  steps.Next(kContent, content.reason);

  const Link guard = SystemCrdGuard(a);
  if (guard.decided) co_return steps.Decide(kSystemCrd, *guard.decided, guard.reason);
  steps.Next(kSystemCrd, guard.reason);

  const Question question(a);
  std::optional<LogicalClusterId> policy_cluster;
  if (!a.deep && a.resource_request && options_.exports != nullptr)
    policy_cluster = options_.exports->PolicyCluster(a.cluster.id, {a.group, a.resource});
  if (policy_cluster) {
    Layers limit;
    if (!PeekLayers(*policy_cluster, &limit) && !(co_await LoadLayers(*policy_cluster, &limit)).ok())
      co_return steps.Decide(kMaximalPolicy, Kind::kNoOpinion, "policies cannot be read");
    std::string why;
    if (!limit.Allow(EffectiveIdentities(PrefixedUser(a.user), a.cluster.id), question,
                     steps.wanted() ? &why : nullptr))
      co_return steps.Decide(kMaximalPolicy, Kind::kNoOpinion, "the export's policy does not allow it");
    steps.Next(kMaximalPolicy, steps.wanted() ? Cat("the export's policy: ", why) : "");
  } else {
    steps.Next(kMaximalPolicy, a.deep ? "deep SAR request" : "no relevant binding found");
  }

  if (!steps.wanted()) co_return layers.Allow(identities, question) ? Kind::kAllow : Kind::kNoOpinion;
  const std::string id = api::GoQuote(a.cluster.id.name());
  for (const auto& [link, policy, name] : {std::tuple{kBootstrap, &layers.bootstrap, std::string("bootstrap policy: ")},
                                           {kLocal, &layers.local, Cat("local cluster ", id, " policy: ")},
                                           {kGlobal, &layers.global, Cat("global cluster ", id, " policy: ")}}) {
    std::string why;
    const bool allowed = *policy != nullptr && (*policy)->Allows(identities, question, &why);
    steps.Say(link, allowed ? Kind::kAllow : Kind::kNoOpinion, Cat(name, why));
    if (allowed) co_return steps.End(Kind::kAllow);
  }
  co_return steps.End(Kind::kNoOpinion);
}

Task<absl::StatusOr<std::vector<PolicyRule>>> Chain::RulesFor(const auth::User& user, const LogicalClusterId& cluster,
                                                              std::string ns) {
  const std::vector<Identity> identities = EffectiveIdentities(user, cluster);
  CO_ASSIGN_OR_RETURN(PolicyPtr local, co_await options_.policies->Get(cluster));
  std::vector<PolicyRule> out;
  Bootstrap()->AppendRules(identities, ns, &out);
  local->AppendRules(identities, ns, &out);
  // One rule may hold by several identities, or by several roles.
  std::vector<PolicyRule> distinct;
  for (PolicyRule& rule : out) {
    if (std::find(distinct.begin(), distinct.end(), rule) == distinct.end()) distinct.push_back(std::move(rule));
  }
  co_return distinct;
}

Task<absl::StatusOr<std::vector<PolicyRule>>> Chain::RoleRules(LogicalClusterId cluster, RoleRef ref, std::string ns) {
  CO_ASSIGN_OR_RETURN(PolicyPtr local, co_await options_.policies->Get(cluster));
  RulesPtr rules = local->FindRole(ref, ns);
  if (rules == nullptr) rules = Bootstrap()->FindRole(ref, ns);
  if (rules == nullptr) {
    co_return api::NotFound({"rbac.authorization.k8s.io", ref.kind == "Role" ? "roles" : "clusterroles"}, ref.name);
  }
  std::vector<PolicyRule> out;
  out.reserve(rules->size());
  for (const CompiledRule& rule : *rules) out.push_back(rule.rule());
  co_return out;
}

}  // namespace atoll::authorization
