#include "shard/authorization/reviews/reviews.h"

#include "absl/strings/match.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "shard/authorization/reviews/common.h"

namespace atoll::authorization {
namespace reviews {

json::Object NewReview(std::string_view kind, std::string_view api_version) {
  json::Object out;
  out.Append("kind", kind);
  out.Append("apiVersion", api_version);
  return out;
}

json::Value ManagedFields(std::string_view api_version, const json::Value& spec, const std::string& manager,
                          absl::Time now, std::string_view subresource) {
  json::Object fields;
  if (spec.is_object()) {
    for (const auto& [name, value] : spec.object()) {
      if (value.is_null()) continue;
      json::Object inner;
      if (value.is_object()) {
        inner.Append(".", json::Value::MakeObject());
        for (const auto& member : value.object()) inner.Append(Cat("f:", member.first), json::Value::MakeObject());
        inner.SortByKey();
      }
      fields.Append(Cat("f:", name), json::Value(std::move(inner)));
    }
    fields.SortByKey();
  }
  json::Object root, entry;
  root.Append("f:spec", json::Value(std::move(fields)));
  entry.Append("manager", manager);
  entry.Append("operation", "Update");
  entry.Append("apiVersion", api_version);
  entry.Append("time", api::FormatTime(now));
  entry.Append("fieldsType", "FieldsV1");
  entry.Append("fieldsV1", json::Value(std::move(root)));
  if (!subresource.empty()) entry.Append("subresource", subresource);
  json::Array list;
  list.emplace_back(std::move(entry));
  return json::Value(std::move(list));
}

std::vector<std::string> Strings(const json::Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const json::Value& item : list->array()) {
    if (item.is_string()) out.push_back(item.string());
  }
  return out;
}

json::Value StringArray(const std::vector<std::string>& strings) {
  json::Array out;
  for (const std::string& s : strings) out.emplace_back(s);
  return json::Value(std::move(out));
}

}  // namespace reviews

bool IsDeepReview(const http::Headers& headers, const auth::User& user) {
  return user.IsMasters() && headers.Get(kDeepReviewHeader) == "true";
}

void AddReviewConnectors(const ReviewOptions& options, registry::Connectors* connectors) {
  constexpr char kAuthorization[] = "authorization.k8s.io", kAuthentication[] = "authentication.k8s.io";
  connectors->Add({kAuthorization, "subjectaccessreviews"}, "",
                  reviews::NewAccessReview(options, "SubjectAccessReview"));
  connectors->Add({kAuthorization, "localsubjectaccessreviews"}, "",
                  reviews::NewAccessReview(options, "LocalSubjectAccessReview"));
  connectors->Add({kAuthorization, "selfsubjectaccessreviews"}, "",
                  reviews::NewAccessReview(options, "SelfSubjectAccessReview"));
  connectors->Add({kAuthorization, "selfsubjectrulesreviews"}, "", reviews::NewSelfSubjectRulesReview(options));
  connectors->Add({kAuthentication, "selfsubjectreviews"}, "", reviews::NewSelfSubjectReview(options));
  connectors->Add({kAuthentication, "tokenreviews"}, "", reviews::NewTokenReview(options));
  connectors->Add({"", "serviceaccounts"}, "token", reviews::NewTokenRequest(options));
}

}  // namespace atoll::authorization
