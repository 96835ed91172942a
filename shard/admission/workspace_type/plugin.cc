#include "shard/admission/workspace_type/plugin.h"

#include <algorithm>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::admission {
namespace {

// The first reference without a path, as its error; "" when there is none.
std::string MissingPath(const json::Value& type) {
  if (const json::Value* child = type.At({"spec", "defaultChildWorkspaceType"});
      child != nullptr && child->StringAt({"path"}).empty()) {
    return ".spec.defaultChildWorkspaceType.path must be set";
  }
  for (const char* limit : {"limitAllowedChildren", "limitAllowedParents"}) {
    const json::Value* types = type.At({"spec", limit, "types"});
    if (types == nullptr || !types->is_array()) continue;
    for (size_t i = 0; i < types->array().size(); ++i) {
      if (types->array()[i].StringAt({"path"}).empty())
        return StrCat(".spec.", limit, ".types[", i, "].path must be set");
    }
  }
  return "";
}

class WorkspaceType final : public Plugin {
 public:
  WorkspaceType(const registry::Clusters* clusters, authorization::Authorizer* authorizer)
      : clusters_(clusters), authorizer_(authorizer) {}

  Task<absl::Status> Mutate(Attributes& a) override {
    if (!a.Is("tenancy.kcp.io", "workspacetypes") || a.operation != Operation::kCreate) co_return absl::OkStatus();
    const std::string name(api::Name(*a.object));
    if (name != "system" && name != "any") co_return absl::OkStatus();
    co_return api::Forbidden(a.ctx.definition->gr(), name,
                             StrCat("metadata.name: Invalid value: ", api::GoQuote(name), ": name is reserved"));
  }

  Task<absl::Status> Validate(Attributes& a) override {
    if (!a.Is("tenancy.kcp.io", "workspacetypes") || a.object == nullptr) co_return absl::OkStatus();
    const std::string name(api::Name(*a.object));
    if (name == "root" && a.ctx.cluster.id != RootCluster()) {
      co_return api::Forbidden(a.ctx.definition->gr(), name, "root workspace type can only be created in root cluster");
    }
    if (std::string why = MissingPath(*a.object); !why.empty())
      co_return api::Forbidden(a.ctx.definition->gr(), name, why);
    auto bindings = co_await CheckBindings(a, name);
    co_return bindings;
  }

 private:
  // Whoever writes a type binds for everybody that uses it.
  Task<absl::Status> CheckBindings(Attributes& a, std::string name) {
    const json::Value* bindings = a.object->At({"spec", "defaultAPIBindings"});
    if (bindings == nullptr || !bindings->is_array()) co_return absl::OkStatus();
    const json::Value* before = a.old_object == nullptr ? nullptr : a.old_object->At({"spec", "defaultAPIBindings"});
    for (const json::Value& b : bindings->array()) {
      if (before != nullptr && before->is_array() &&
          std::find(before->array().begin(), before->array().end(), b) != before->array().end())
        continue;
      std::string path(b.StringAt({"path"})), export_name(b.StringAt({"export"}));
      if (path.empty()) path = a.ctx.cluster.id.name();
      // By id, or by the canonical path of the type's own cluster.
      auto own = clusters_->Find(a.ctx.cluster.id);
      auto cluster = own != nullptr && own->path == path ? absl::StatusOr<LogicalClusterId>(a.ctx.cluster.id)
                                                         : LogicalClusterId::Parse(path);
      bool allowed = false;
      if (cluster.ok()) {
        authorization::Attributes bind{.user = a.ctx.user,
                                       .cluster = {.id = *cluster, .wildcard = false},
                                       .verb = "bind",
                                       .resource_request = true,
                                       .group = "apis.kcp.io",
                                       .version = "v1alpha2",
                                       .resource = "apiexports",
                                       .subresource = "",
                                       .ns = "",
                                       .name = export_name,
                                       .path = "",
                                       .deep = true};
        authorization::Decision decision = co_await authorizer_->Authorize(bind);
        allowed = decision.allowed();
      }
      if (!allowed) {
        co_return api::Forbidden(a.ctx.definition->gr(), name,
                                 StrCat("unable to create or update WorkspaceType: no permission to bind to export ",
                                        path, ":", export_name));
      }
    }
    co_return absl::OkStatus();
  }

  const registry::Clusters* const clusters_;
  authorization::Authorizer* const authorizer_;
};

}  // namespace

std::unique_ptr<Plugin> NewWorkspaceType(const registry::Clusters* clusters, authorization::Authorizer* authorizer) {
  return std::make_unique<WorkspaceType>(clusters, authorizer);
}

}  // namespace atoll::admission
