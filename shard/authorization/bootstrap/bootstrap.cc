#include "shard/authorization/bootstrap/bootstrap.h"

#include <utility>

#include "common/api/object.h"
#include "common/base/check.h"
#include "common/base/embedded.h"
#include "common/json/parse.h"

namespace atoll::embedded {
std::span<const File> atoll_shard_authorization();
}

namespace atoll::authorization {
namespace {

constexpr std::string_view kHomeBinding = "system:kcp:configured-group:home-clusterworkspace-create";

std::vector<json::Value> Read(std::string_view file_name) {
  for (const embedded::File& file : embedded::atoll_shard_authorization()) {
    if (!file.path.ends_with(file_name)) continue;
    auto parsed = json::Parse(file.bytes);
    CHECK_OK(parsed);
    return std::move(parsed->array());
  }
  CHECK(false);  // not embedded
}

}  // namespace

std::vector<json::Value> SystemAdminObjects() { return Read("/system_admin.json"); }

std::vector<json::Value> RootObjects(const std::vector<std::string>& home_creator_groups) {
  std::vector<json::Value> out = Read("/root.json");
  for (json::Value& object : out) {
    if (api::Name(object) != kHomeBinding) continue;
    json::Array subjects;
    for (const std::string& group : home_creator_groups) {
      json::Object subject;
      subject.Append("kind", "Group");
      subject.Append("apiGroup", "rbac.authorization.k8s.io");
      subject.Append("name", group);
      subjects.emplace_back(std::move(subject));
    }
    object.object().Set("subjects", json::Value(std::move(subjects)));
  }
  return out;
}

RbacObjects SortByKind(std::vector<json::Value> objects) {
  RbacObjects out;
  for (json::Value& object : objects) {
    const std::string kind(object.StringAt({"kind"}));
    if (kind == "ClusterRole") out.cluster_roles.push_back(std::move(object));
    if (kind == "ClusterRoleBinding") out.cluster_role_bindings.push_back(std::move(object));
    if (kind == "Role") out.roles.push_back(std::move(object));
    if (kind == "RoleBinding") out.role_bindings.push_back(std::move(object));
  }
  return out;
}

const PolicyPtr& BootstrapPolicy() {
  static const PolicyPtr* policy = new PolicyPtr(Policy::Compile(SortByKind(SystemAdminObjects()), nullptr));
  return *policy;
}

}  // namespace atoll::authorization
