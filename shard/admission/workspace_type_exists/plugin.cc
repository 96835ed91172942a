#include "shard/admission/workspace_type_exists/plugin.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::admission {
namespace {

using tenancy::TypePtr;

std::string Names(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return StrCat("[", StrJoin(names, " "), "]");
}

std::vector<std::string> PathNames(const std::vector<TypePtr>& types) {
  std::vector<std::string> out;
  for (const TypePtr& t : types) out.push_back(t->PathName());
  return out;
}

std::vector<std::string> Allowed(const json::Value& limit) {
  std::vector<std::string> out;
  if (const json::Value* types = limit.Find("types"); types != nullptr && types->is_array()) {
    for (const json::Value& t : types->array()) out.push_back(StrCat(t.StringAt({"path"}), ":", t.StringAt({"name"})));
  }
  return out;
}

bool Intersects(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const std::string& x) { return std::find(b.begin(), b.end(), x) != b.end(); });
}

// One direction of the limits: `of` are the expanded types that carry `member`, `other` those that must be among the
// allowed.
void Check(const std::vector<TypePtr>& of, const std::vector<TypePtr>& other, std::string_view member,
           std::string_view plural, std::string_view none, std::string_view other_word, std::vector<std::string>* out) {
  const std::string self = of.back()->PathName();
  for (const TypePtr& t : of) {
    const json::Value* limit = t->spec.Find(member);
    if (limit == nullptr) continue;
    const std::string who = t->PathName() == self
                                ? StrCat("workspace type ", self)
                                : StrCat("workspace type ", self, " extends ", t->PathName(), ", which");
    if (limit->BoolAt({"none"})) {
      out->push_back(StrCat("workspace type ", self, " cannot have any ", none));
      continue;
    }
    std::vector<std::string> allowed = Allowed(*limit);
    if (allowed.empty() || Intersects(PathNames(other), allowed)) continue;
    out->push_back(StrCat(who, " only allows ", Names(allowed), " ", plural, " workspaces, but ", other_word, " type ",
                          other.back()->PathName(), " only implements ", Names(PathNames(other))));
  }
}

class WorkspaceTypeExists final : public Plugin {
 public:
  WorkspaceTypeExists(const registry::Clusters* clusters, const tenancy::Catalog* catalog,
                      authorization::Authorizer* authorizer)
      : clusters_(clusters), catalog_(catalog), authorizer_(authorizer) {}

  Task<absl::Status> Mutate(Attributes& a) override {
    if (!Concerns(a)) co_return absl::OkStatus();
    CO_ASSIGN_OR_RETURN(TypePtr parent, ParentType(a));
    if (a.object->StringAt({"spec", "type", "name"}).empty()) {
      const json::Value* child = parent->spec.Find("defaultChildWorkspaceType");
      if (child == nullptr || child->StringAt({"name"}).empty()) {
        co_return Refuse(
            a, StrCat("spec.defaultChildWorkspaceType of workspace type ", parent->PathName(), " must be set"));
      }
      a.object->Ensure({"spec", "type"}) = *child;
    }
    CO_ASSIGN_OR_RETURN(TypePtr type, Resolve(a));
    // A path that was given stays, also when it is a cluster's id.
    if (a.object->StringAt({"spec", "type", "path"}).empty()) a.object->Ensure({"spec", "type", "path"}) = type->path;
    if (const json::Value* labels = type->spec.Find("additionalWorkspaceLabels");
        labels != nullptr && labels->is_object()) {
      for (const auto& [key, value] : labels->object()) {
        if (api::Label(*a.object, key).empty()) api::SetLabel(a.object, key, value.StringOr());
      }
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> Validate(Attributes& a) override {
    if (!Concerns(a)) co_return absl::OkStatus();
    CO_ASSIGN_OR_RETURN(TypePtr type, Resolve(a));
    auto expanded = catalog_->Expand(type);
    if (!expanded.ok()) co_return Refuse(a, ToStd(expanded.status().message()));
    for (const TypePtr& t : *expanded) {
      authorization::Attributes use{.user = a.ctx.user,
                                    .cluster = {.id = t->cluster, .wildcard = false},
                                    .verb = "use",
                                    .resource_request = true,
                                    .group = "tenancy.kcp.io",
                                    .version = "v1alpha1",
                                    .resource = "workspacetypes",
                                    .subresource = "",
                                    .ns = "",
                                    .name = t->name,
                                    .path = "",
                                    .deep = true};
      authorization::Decision decision = co_await authorizer_->Authorize(use);
      if (!decision.allowed()) {
        co_return Refuse(a, StrCat("unable to use workspace type ", t->PathName(),
                                   ": missing verb='use' permission on workspacetype"));
      }
    }
    CO_ASSIGN_OR_RETURN(TypePtr parent, ParentType(a));
    auto parent_expanded = catalog_->Expand(parent);
    if (!parent_expanded.ok()) co_return Refuse(a, ToStd(parent_expanded.status().message()));
    std::vector<std::string> violations = LimitViolations(*parent_expanded, *expanded);
    if (violations.empty()) co_return absl::OkStatus();
    co_return Refuse(a, violations.size() == 1 ? violations[0] : StrCat("[", StrJoin(violations, ", "), "]"));
  }

 private:
  static bool Concerns(const Attributes& a) {
    return a.Is("tenancy.kcp.io", "workspaces") && a.operation == Operation::kCreate &&
           a.object->At({"spec", "mount"}) == nullptr;
  }

  static absl::Status Refuse(const Attributes& a, std::string_view why) {
    return api::Forbidden(a.ctx.definition->gr(), api::Name(*a.object), why);
  }

  absl::StatusOr<TypePtr> ParentType(const Attributes& a) const {
    auto parent = clusters_->Find(a.ctx.cluster.id);
    if (parent == nullptr || parent->type.empty())
      return Refuse(a, "annotation internal.tenancy.kcp.io/type on LogicalCluster must be set");
    const size_t colon = parent->type.rfind(':');
    if (colon == std::string::npos)
      return Refuse(a, "annotation internal.tenancy.kcp.io/type on LogicalCluster must be in the form of cluster:name");
    const std::string_view type(parent->type);
    TypePtr found = catalog_->FindType(type.substr(0, colon), type.substr(colon + 1));
    if (found == nullptr)
      return Refuse(a,
                    StrCat("parent type cannot be resolved: workspacetypes.tenancy.kcp.io \"", type, "\" not found"));
    return found;
  }

  absl::StatusOr<TypePtr> Resolve(const Attributes& a) const {
    const std::string_view path = a.object->StringAt({"spec", "type", "path"}),
                           name = a.object->StringAt({"spec", "type", "name"});
    TypePtr found;
    if (!path.empty()) {
      found = catalog_->FindType(path, name);
      if (found == nullptr)
        return Refuse(
            a, StrCat("Internal error occurred: workspacetypes.tenancy.kcp.io \"", path, ":", name, "\" not found"));
      return found;
    }
    auto cluster = clusters_->Find(a.ctx.cluster.id);
    found = catalog_->ResolveType(WorkspacePath(cluster == nullptr ? a.ctx.cluster.id.name() : cluster->path), name);
    if (found == nullptr) return Refuse(a, StrCat("workspace type \"", name, "\" cannot be resolved"));
    return found;
  }

  const registry::Clusters* const clusters_;
  const tenancy::Catalog* const catalog_;
  authorization::Authorizer* const authorizer_;
};

}  // namespace

std::vector<std::string> LimitViolations(const std::vector<TypePtr>& parent, const std::vector<TypePtr>& child) {
  std::vector<std::string> out;
  Check(child, parent, "limitAllowedParents", "parent", "parent", "parent", &out);
  Check(parent, child, "limitAllowedChildren", "child", "child", "child", &out);
  return out;
}

std::unique_ptr<Plugin> NewWorkspaceTypeExists(const registry::Clusters* clusters, const tenancy::Catalog* catalog,
                                               authorization::Authorizer* authorizer) {
  return std::make_unique<WorkspaceTypeExists>(clusters, catalog, authorizer);
}

}  // namespace atoll::admission
