// SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectAccessReview: may this user do that here?
#include <utility>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "shard/authorization/reviews/common.h"

namespace atoll::authorization::reviews {
namespace {

constexpr char kGroup[] = "authorization.k8s.io", kApiVersion[] = "authorization.k8s.io/v1";

const json::Value* Present(const json::Value& spec, std::string_view name) {
  const json::Value* value = spec.Find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

class AccessReview final : public registry::Connector {
 public:
  AccessReview(const ReviewOptions& options, std::string kind) : options_(options), kind_(std::move(kind)) {}

  Task<absl::StatusOr<json::Value>> Connect(registry::CallContext& ctx, json::Value body,
                                            registry::WriteOptions write) override {
    if (api::FieldErrors errors = Check(ctx, body); !errors.empty())
      co_return api::Invalid({kGroup, "", ""}, "", errors);
    const json::Value* found = body.Find("spec");
    json::Value spec = found != nullptr && found->is_object() ? *found : json::Value::MakeObject();
    const bool self = kind_ == "SelfSubjectAccessReview";
    auth::User user = ctx.user;
    if (!self) {
      user = auth::UserFromInfo(spec);  // uid, groups and extra have the same names here
      user.name = std::string(spec.StringAt({"user"}));
    }
    Attributes attributes{.user = user, .cluster = ctx.cluster, .deep = ctx.deep_review};
    Fill(spec, &attributes);
    Trail trail;
    if (ctx.audit && kind_ == "SubjectAccessReview") attributes.trail = &trail;
    const Decision decision = co_await options_.authorizer->Authorize(attributes);
    if (ctx.audit) trail.Tell("sar.auth.kcp.io", ctx.audit);

    json::Object status;
    status.Append("allowed", decision.allowed());
    if (decision.kind == Decision::Kind::kDeny) status.Append("denied", true);
    if (!decision.reason.empty()) status.Append("reason", decision.reason);
    json::Object metadata;
    if (kind_ == "LocalSubjectAccessReview") metadata.Append("namespace", ctx.ns);
    metadata.Append("managedFields", ManagedFields(kApiVersion, spec, write.field_manager, options_.clock->Now()));
    json::Object out = NewReview(kind_, kApiVersion);
    out.Append("metadata", json::Value(std::move(metadata)));
    out.Append("spec", std::move(spec));
    out.Append("status", json::Value(std::move(status)));
    co_return json::Value(std::move(out));
  }

 private:
  api::FieldErrors Check(const registry::CallContext& ctx, const json::Value& body) const {
    static const json::Value none = json::Value::MakeObject();
    const json::Value* found = body.Find("spec");
    const json::Value& spec = found != nullptr && found->is_object() ? *found : none;
    const json::Value* resource = Present(spec, "resourceAttributes");
    const json::Value* path = Present(spec, "nonResourceAttributes");
    api::FieldErrors errors;
    if (resource != nullptr && path != nullptr) {
      errors.push_back(api::FieldInvalid("spec.nonResourceAttributes", Printed(*path),
                                         "cannot be specified in combination with resourceAttributes"));
    }
    if (resource == nullptr && path == nullptr) {
      errors.push_back(
          api::FieldInvalid("spec.resourceAttributes", json::Value(),
                            "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
    }
    const bool self = kind_ == "SelfSubjectAccessReview", local = kind_ == "LocalSubjectAccessReview";
    if (!self && spec.StringAt({"user"}).empty() && Strings(spec.Find("groups")).empty()) {
      errors.push_back(
          api::FieldInvalid("spec.user", json::Value(""), "at least one of user or group must be specified"));
    }
    if (resource != nullptr) {
      CheckSelector(*resource, "fieldSelector", &errors);
      CheckSelector(*resource, "labelSelector", &errors);
    }
    if (const json::Value* metadata = body.Find("metadata"); metadata != nullptr && metadata->is_object()) {
      bool other = false;
      for (const auto& [name, value] : metadata->object()) {
        const bool ignored = value.is_null() || name == "managedFields" || (local && name == "namespace");
        other |= !ignored;
      }
      if (other)
        errors.push_back(
            api::FieldInvalid("metadata", *metadata, local ? "must be empty except for namespace" : "must be empty"));
    }
    if (local && resource != nullptr && resource->StringAt({"namespace"}) != ctx.ns) {
      errors.push_back(api::FieldInvalid("spec.resourceAttributes.namespace",
                                         json::Value(resource->StringAt({"namespace"})),
                                         "must match metadata.namespace"));
    }
    if (local && path != nullptr)
      errors.push_back(
          api::FieldInvalid("spec.nonResourceAttributes", Printed(*path), "disallowed on this kind of request"));
    return errors;
  }

  // The reference prints its internal structure here.
  static json::Value Printed(const json::Value& path) {
    return json::Value(json::Object{{"Path", path.StringAt({"path"})}, {"Verb", path.StringAt({"verb"})}});
  }

  // A selector is said in one of two ways.
  static void CheckSelector(const json::Value& resource, std::string_view member, api::FieldErrors* errors) {
    const json::Value* selector = Present(resource, member);
    if (selector == nullptr) return;
    const std::string field = StrCat("spec.resourceAttributes.", member);
    const std::string_view text = selector->StringAt({"rawSelector"});
    const json::Value* list = selector->Find("requirements");
    const bool listed = list != nullptr && list->is_array() && !list->array().empty();
    if (!text.empty() && listed) {
      errors->push_back(api::FieldInvalid(StrCat(field, ".rawSelector"), json::Value(text),
                                          "may not specified at the same time as requirements"));
    }
    if (text.empty() && !listed) {
      errors->push_back(
          api::FieldRequired(StrCat(field, ".requirements"),
                             StrCat("when ", field, " is specified, requirements or rawSelector is required")));
    }
  }

  static void Fill(const json::Value& spec, Attributes* out) {
    if (const json::Value* path = Present(spec, "nonResourceAttributes")) {
      out->resource_request = false;
      out->path = std::string(path->StringAt({"path"}));
      out->verb = std::string(path->StringAt({"verb"}));
      return;
    }
    const json::Value& resource = *spec.Find("resourceAttributes");
    out->verb = std::string(resource.StringAt({"verb"}));
    out->group = std::string(resource.StringAt({"group"}));
    out->version = std::string(resource.StringAt({"version"}));
    out->resource = std::string(resource.StringAt({"resource"}));
    out->subresource = std::string(resource.StringAt({"subresource"}));
    out->ns = std::string(resource.StringAt({"namespace"}));
    out->name = std::string(resource.StringAt({"name"}));
  }

  const ReviewOptions options_;
  const std::string kind_;
};

}  // namespace

std::unique_ptr<registry::Connector> NewAccessReview(const ReviewOptions& options, std::string kind) {
  return std::make_unique<AccessReview>(options, std::move(kind));
}

}  // namespace atoll::authorization::reviews
