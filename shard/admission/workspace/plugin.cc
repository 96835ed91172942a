#include "shard/admission/workspace/plugin.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::admission {
namespace {

bool Same(const json::Value* a, const json::Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return *a == *b;
}

class Workspace final : public Plugin {
 public:
  explicit Workspace(const registry::Clusters* clusters) : clusters_(clusters) {}

  Task<absl::Status> Mutate(Attributes& a) override {
    if (!a.Is("tenancy.kcp.io", "workspaces") || a.operation != Operation::kCreate) co_return absl::OkStatus();
    const bool masters = a.ctx.user.IsMasters();
    // Masters may create in somebody's name; everybody else is who they are.
    if (!masters) api::SetAnnotation(a.object, tenancy::kOwnerAnnotation, json::Write(auth::UserInfo(a.ctx.user)));
    auto parent = clusters_->Find(a.ctx.cluster.id);
    if (parent == nullptr) {
      // Without its parent nobody knows the groups that it requires.
      co_return api::Forbidden(a.ctx.definition->gr(), api::Name(*a.object),
                               "logicalclusters.core.kcp.io \"cluster\" not found");
    }
    if (!masters || !api::HasAnnotation(*a.object, tenancy::kRequiredGroupsAnnotation)) {
      if (parent->required_groups.empty()) {
        api::RemoveAnnotation(a.object, tenancy::kRequiredGroupsAnnotation);
      } else {
        api::SetAnnotation(a.object, tenancy::kRequiredGroupsAnnotation, parent->required_groups);
      }
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Validate(Attributes& a) override {
    if (!a.Is("tenancy.kcp.io", "workspaces") || a.object == nullptr) co_return absl::OkStatus();
    const std::string why = a.operation == Operation::kCreate ? CreateError(a) : UpdateError(a);
    if (why.empty()) co_return absl::OkStatus();
    co_return api::Forbidden(a.ctx.definition->gr(), api::Name(*a.object), why);
  }

 private:
  static std::string CreateError(const Attributes& a) {
    const bool masters = a.ctx.user.IsMasters();
    const json::Value& ws = *a.object;
    if (const json::Value* ref = ws.At({"spec", "mount", "ref"}); ws.At({"spec", "mount"}) != nullptr) {
      for (const char* member : {"kind", "name", "apiVersion"}) {
        if (ref == nullptr || ref->StringAt({member}).empty()) return StrCat("spec.mount.", member, " must be set");
      }
      if (!masters && ws.At({"spec", "type"}) != nullptr) return "spec.type cannot be set for mounted workspaces";
    }
    if (masters) return "";
    if (!ws.StringAt({"spec", "cluster"}).empty()) return "spec.Cluster can only be set by system privileged users";
    if (!ws.StringAt({"spec", "URL"}).empty()) return "spec.URL can only be set by system privileged users";
    return "";
  }

  static std::string UpdateError(const Attributes& a) {
    const json::Value &ws = *a.object, &old = *a.old_object;
    const bool masters = a.ctx.user.IsMasters();
    if (ws.At({"spec", "mount"}) != nullptr) {
      for (const char* member : {"kind", "name", "namespace", "apiVersion"}) {
        if (ws.StringAt({"spec", "mount", "ref", member}) != old.StringAt({"spec", "mount", "ref", member}))
          return StrCat("spec.mount.", member, " is immutable");
      }
      if (masters) return "";
      if (ws.At({"spec", "type"}) != nullptr) return "spec.type cannot be set for mounted workspaces";
      return old.At({"spec", "type"}) == nullptr ? "" : "spec.type is immutable";
    }
    const std::string_view cluster = ws.StringAt({"spec", "cluster"}), old_cluster = old.StringAt({"spec", "cluster"});
    if (!old_cluster.empty() && cluster.empty()) return "spec.cluster cannot be unset";
    if (cluster != old_cluster && !masters) return "spec.cluster can only be changed by system privileged users";
    if (ws.StringAt({"spec", "URL"}) != old.StringAt({"spec", "URL"}) && !masters)
      return "spec.URL can only be changed by system privileged users";
    if (!Same(ws.At({"spec", "type"}), old.At({"spec", "type"}))) return "spec.type is immutable";
    if (ws.StringAt({"status", "phase"}) == "Ready" && old.StringAt({"status", "phase"}) != "Ready") {
      if (cluster.empty()) return "spec.cluster must be set for phase Ready";
      if (ws.StringAt({"spec", "URL"}).empty()) return "spec.URL must be set for phase Ready";
    }
    return "";
  }

  const registry::Clusters* const clusters_;
};

}  // namespace

std::unique_ptr<Plugin> NewWorkspace(const registry::Clusters* clusters) {
  return std::make_unique<Workspace>(clusters);
}

}  // namespace atoll::admission
