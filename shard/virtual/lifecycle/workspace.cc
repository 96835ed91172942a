#include "shard/virtual/lifecycle/workspace.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "shard/authorization/rules.h"
#include "shard/endpoints/attributes.h"
#include "shard/endpoints/respond.h"
#include "shard/endpoints/serve.h"
#include "shard/tenancy/new_cluster.h"
#include "shard/virtual/lifecycle/permissions.h"
#include "shard/virtual/lifecycle/resolver.h"
#include "shard/virtual/lifecycle/target.h"

namespace atoll::virtual_workspaces {
namespace {

using authorization::Attributes;
using endpoints::AttributesOf;
using endpoints::Call;
using endpoints::RequestInfo;

const api::Gvr kLogicalClusters{"core.kcp.io", "v1alpha1", "logicalclusters"};

bool IsTermination(const tenancy::Lifecycle& lifecycle) { return &lifecycle == &tenancy::kTermination; }

bool IsLogicalClusters(const RequestInfo& info) {
  return info.resource_request && info.group == kLogicalClusters.group && info.version == kLogicalClusters.version &&
         info.resource == kLogicalClusters.resource;
}

// The waiting clusters, and what their status may become.
std::shared_ptr<const registry::View> ViewFor(const tenancy::Lifecycle& lifecycle, const std::string& id) {
  const auto [key, value] = tenancy::LifecycleLabel(lifecycle, id);
  auto view = std::make_shared<registry::View>();
  if (auto cluster = LogicalClusterId::Parse(TypeOf(id).first); cluster.ok()) view->decided_in = *std::move(cluster);
  view->only_deleting = IsTermination(lifecycle);
  view->selector = *api::LabelSelector::Parse(
      Cat(key, "=", value, view->only_deleting ? "" : Cat(",", tenancy::kPhaseLabel, "=Initializing")));
  view->judge = [&lifecycle, id](const json::Value& old_object, const json::Value& object) -> absl::Status {
    const auto entries = [&](const json::Value& o) {
      std::vector<std::string_view> out;
      if (const json::Value* list = o.At({"status", lifecycle.list}); list != nullptr && list->is_array()) {
        for (const json::Value& entry : list->array()) out.push_back(entry.StringOr());
      }
      return out;
    };
    std::vector<std::string_view> before = entries(old_object);
    const std::vector<std::string_view> after = entries(object);
    if (IsTermination(lifecycle) ? after == before : after.size() == before.size()) return absl::OkStatus();
    std::erase(before, std::string_view(id));
    if (after == before) return absl::OkStatus();
    const json::Value* list = object.At({"status", lifecycle.list});
    // The group of the one is kcp's, mistaken or not.
    return api::Invalid({IsTermination(lifecycle) ? kLogicalClusters.group : "tenancy.kcp.io", kLogicalClusters.version,
                         "LogicalCluster"},
                        tenancy::kLogicalClusterName,
                        {api::FieldInvalid(Cat("status.", lifecycle.list), list == nullptr ? json::Value() : *list,
                                           Cat("only removing the \"", id, "\" ", lifecycle.word, " is supported"))});
  };
  return view;
}

bool Waits(const json::Value& logical_cluster, const tenancy::Lifecycle& lifecycle, std::string_view id) {
  if (IsTermination(lifecycle) ? !api::IsDeleting(logical_cluster)
                               : logical_cluster.StringAt({"status", "phase"}) != "Initializing") {
    return false;
  }
  const json::Value* list = logical_cluster.At({"status", lifecycle.list});
  return list != nullptr && list->is_array() &&
         std::any_of(list->array().begin(), list->array().end(),
                     [&](const json::Value& entry) { return entry.StringOr() == id; });
}

Task<absl::Status> Done(absl::Status status) { co_return status; }

class LifecycleWorkspace final : public VirtualWorkspace {
 public:
  LifecycleWorkspace(const Context& context, const tenancy::Lifecycle& lifecycle)
      : ctx_(context),
        lifecycle_(lifecycle),
        resolver_(*context.resolver->Find({.id = RootCluster(), .wildcard = false}, kLogicalClusters)),
        api_({.registry = context.registry,
              .resolver = &resolver_,
              .definitions = context.definitions,
              .clock = context.clock,
              .server_address = context.server_address,
              .plain_discovery = true}) {}

  Task<Outcome> Handle(Call& call) override {
    auto target = ParseLifecycleTarget(call.request.method, call.request.target);
    if (!target.has_value()) co_return Outcome::kUnknown;
    const std::string id = std::move(target->id);
    call.info = std::move(target->info);
    call.cluster.wildcard = call.info.wildcard();
    if (!call.cluster.wildcard) {
      auto cluster = LogicalClusterId::Parse(call.info.cluster);
      if (!cluster.ok()) {
        co_await endpoints::SendError(call, api::BadRequest(Cat("invalid cluster: ", api::GoQuote(call.info.cluster),
                                                                " does not match the regex")));
        co_return Outcome::kAnswered;
      }
      call.cluster.id = *std::move(cluster);
    }
    const bool own = OwnApi(call);
    if (!co_await MayAct(call.user, id)) {
      Attributes a = AttributesOf(call);
      if (!own) {  // what is only passed on is known by its path
        a.resource_request = false;
        a.verb = absl::AsciiStrToLower(call.request.method);
        a.path = Cat("/clusters/", call.info.cluster, call.info.path);
      }
      co_await endpoints::SendError(call, authorization::ForbiddenError(a));
      co_return Outcome::kAnswered;
    }
    if (!own) co_return co_await EnterCluster(call, id);
    call.view = ViewFor(lifecycle_, id);
    call.may_go_on = [this, &call, id] { return MayAct(call.user, id); };
    if (!co_await api_.Serve(call)) co_await endpoints::SendPageNotFound(call);
    co_return Outcome::kAnswered;
  }

  void Drain() override { api_.Drain(); }
  void RecheckWatches(const LogicalClusterId* cluster) override { api_.RecheckWatches(cluster); }

 private:
  bool OwnApi(const Call& call) const {
    if (call.cluster.wildcard || IsLogicalClusters(call.info)) return true;
    return IsTermination(lifecycle_) && !call.info.resource_request && !call.info.api_prefix.empty();
  }

  // Whether `user` has the verb on the type, and may enter the workspace that it lives in.
  Task<bool> MayAct(const auth::User& user, const std::string& id) {
    const auto [type_cluster, type_name] = TypeOf(id);
    Attributes a{.user = user, .cluster = {}, .verb = std::string(lifecycle_.verb)};
    auto cluster = LogicalClusterId::Parse(type_cluster);
    if (cluster.ok()) a.cluster.id = *std::move(cluster);
    a.group = "tenancy.kcp.io";
    a.version = "v1alpha1";
    a.resource = "workspacetypes";
    a.name = type_name;
    if (ctx_.clusters->Find(a.cluster.id) == nullptr) {
      // It is another shard's: what RBAC of it is replicated here answers both questions.
      a.deep = true;
      Attributes access{.user = user, .cluster = a.cluster, .verb = "access", .resource_request = false};
      access.path = "/";
      access.deep = true;
      const authorization::Decision may_enter = co_await ctx_.authorizer->Authorize(access);
      if (!may_enter.allowed()) co_return false;
    }
    const authorization::Decision decision = co_await ctx_.authorizer->Authorize(a);
    co_return decision.allowed();
  }

  Task<bool> StillWaits(LogicalClusterId cluster, std::string id) {
    auto object = co_await ctx_.client->Get(
        {std::move(cluster), kLogicalClusters, "", std::string(tenancy::kLogicalClusterName)});
    co_return object.ok() && Waits(*object, lifecycle_, id);
  }

  // Turns `call` into one of the cluster itself.
  Task<Outcome> EnterCluster(Call& call, const std::string& id) {
    const LogicalClusterId cluster = call.cluster.id;
    const std::string who = Cat(lifecycle_.word, " \"", id, "\"");
    auto object = co_await ctx_.client->Get({cluster, kLogicalClusters, "", std::string(tenancy::kLogicalClusterName)});
    if (!object.ok()) {
      co_await endpoints::SendText(
          call, 500,
          Cat("error getting logicalcluster ", cluster.name(), "|cluster: ", ToStd(object.status().message()), "\n"));
      co_return Outcome::kAnswered;
    }
    if (!Waits(*object, lifecycle_, id)) {
      co_await endpoints::SendText(call, 403, Cat(who, " cannot access this workspace\n"));
      co_return Outcome::kAnswered;
    }
    call.may_stay = [this, cluster, id] { return StillWaits(cluster, id); };
    const bool system = id.starts_with("system:");
    const json::Value* permissions = nullptr;
    tenancy::TypePtr type;
    if (!system) {
      const auto [type_cluster, type_name] = TypeOf(id);
      type = ctx_.catalog->FindType(type_cluster, type_name);
      if (type == nullptr) {
        co_await endpoints::SendText(
            call, 503,
            Cat(who, ": WorkspaceType not found in local or cached indexer; refusing to fall back to owner ",
                "impersonation: workspacetypes.tenancy.kcp.io \"", type_name, "\" not found\n"));
        co_return Outcome::kAnswered;
      }
      permissions = type->spec.Find(lifecycle_.permissions);
    }
    // Who declares rules never acts as the creator, even when none of them could be read.
    const bool declared = permissions != nullptr && permissions->is_array() && !permissions->array().empty();
    if (declared) co_return co_await EnterByRules(call, id, authorization::ParseRules(permissions));
    const json::Value* creator = object->At({"spec", "createdBy"});
    if (creator == nullptr) {
      co_await endpoints::SendText(call, 500,
                                   Cat("LogicalCluster ", cluster.name(), "|cluster had no createdBy recorded\n"));
      co_return Outcome::kAnswered;
    }
    call.user = auth::UserFromInfo(*creator);
    co_return Outcome::kForwarded;
  }

  // As the caller, who may do in the cluster what the rules say; authorization then knows it by its group.
  Task<Outcome> EnterByRules(Call& call, const std::string& id, std::vector<authorization::PolicyRule> rules) {
    const auto denied = [this, id](const std::string& why) {
      return Cat(lifecycle_.word, " \"", id, "\" denied by ", lifecycle_.permissions, ": ", why);
    };
    if (const std::string why = WhyDenied(rules, AttributesOf(call)); !why.empty()) {
      co_await endpoints::SendText(call, 403, denied(why) + "\n");
      co_return Outcome::kAnswered;
    }
    call.user.groups.push_back(Cat("system:kcp:", lifecycle_.word, ":", id));
    Attributes create = AttributesOf(call);
    create.verb = "create";
    const std::string why = WhyDenied(rules, create);
    call.authorize_create = [judged =
                                 why.empty() ? absl::OkStatus() : authorization::ForbiddenError(create, denied(why))] {
      return Done(judged);
    };
    co_return Outcome::kForwarded;
  }

  const Context ctx_;
  const tenancy::Lifecycle& lifecycle_;
  LifecycleResolver resolver_;
  endpoints::ApiServer api_;
};

}  // namespace

std::unique_ptr<VirtualWorkspace> NewLifecycleWorkspace(const Context& context, const tenancy::Lifecycle& lifecycle) {
  return std::make_unique<LifecycleWorkspace>(context, lifecycle);
}

}  // namespace atoll::virtual_workspaces
