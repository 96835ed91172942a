#include "shard/tenancy/home.h"

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/write.h"
#include "shard/tenancy/new_cluster.h"

namespace atoll::tenancy {

json::Value HomeLogicalCluster(const auth::User& user, const std::vector<TypePtr>& expanded) {
  json::Value lc = json::Value::MakeObject();
  const json::Value creator = auth::UserInfo(user);
  api::SetAnnotation(&lc, kOwnerAnnotation, json::Write(creator));
  api::SetAnnotation(&lc, kTypeAnnotation, kHomeType);
  api::SetAnnotation(&lc, api::kPathAnnotation, Cat("user:", user.name));
  lc.Ensure({"spec", "createdBy"}) = creator;
  lc.Ensure({"spec", "directlyDeletable"}) = false;
  json::Array initializers;
  for (std::string& id : InitializersOf(expanded)) initializers.emplace_back(std::move(id));
  lc.Ensure({"spec", "initializers"}) = std::move(initializers);
  return lc;
}

json::Value HomeWorkspace(const LogicalClusterId& cluster, const json::Value& logical_cluster) {
  json::Value ws = json::Value::MakeObject();
  ws.Ensure({"kind"}) = "Workspace";
  ws.Ensure({"apiVersion"}) = "tenancy.kcp.io/v1alpha1";
  ws.Ensure({"metadata", "name"}) = "cluster";
  ws.Ensure({"metadata", "creationTimestamp"}) = logical_cluster.StringAt({"metadata", "creationTimestamp"});
  ws.Ensure({"spec", "cluster"}) = cluster.name();
  ws.Ensure({"spec", "URL"}) = logical_cluster.StringAt({"status", "URL"});
  json::Value& status = ws.Ensure({"status"});
  status = json::Value::MakeObject();
  for (const char* member : {"phase", "conditions", "initializers", "terminators"}) {
    const json::Value* value = logical_cluster.At({"status", member});
    const bool none = value == nullptr || (value->is_array() && value->array().empty());
    if (!none) status.Ensure({member}) = *value;
  }
  return ws;
}

}  // namespace atoll::tenancy
