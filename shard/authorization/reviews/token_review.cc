// TokenReview: whose token is this?
#include <algorithm>
#include <utility>

#include "common/api/errors.h"
#include "common/auth/authn/union/union.h"
#include "shard/authorization/reviews/common.h"

namespace atoll::authorization::reviews {
namespace {

constexpr char kApiVersion[] = "authentication.k8s.io/v1";

class TokenReview final : public registry::Connector {
 public:
  explicit TokenReview(const ReviewOptions& options) : options_(options) {}

  Task<absl::StatusOr<json::Value>> Connect(registry::CallContext& ctx, json::Value body,
                                            registry::WriteOptions write) override {
    const std::string token(body.StringAt({"spec", "token"}));
    if (token.empty()) co_return api::BadRequest("token is required for TokenReview in authentication");
    json::Value spec = *body.Find("spec");
    const std::vector<std::string> audiences = Strings(spec.Find("audiences"));
    json::Object status;
    auto user = co_await options_.tokens->AuthenticateToken(token, audiences);
    if (user.ok() && user->has_value()) {
      auth::AddAuthenticatedGroup(&**user);
      status.Append("authenticated", true);
      status.Append("user", auth::UserInfo(**user));
      status.Append("audiences", StringArray(audiences.empty() ? options_.api_audiences : audiences));
    } else {
      status.Append("user", json::Value::MakeObject());
      status.Append("error", "invalid bearer token");  // why it is invalid stays here
    }
    json::Object metadata;
    metadata.Append("managedFields", ManagedFields(kApiVersion, spec, write.field_manager, options_.clock->Now()));
    json::Object out = NewReview("TokenReview", kApiVersion);
    out.Append("metadata", json::Value(std::move(metadata)));
    out.Append("spec", std::move(spec));
    out.Append("status", json::Value(std::move(status)));
    co_return json::Value(std::move(out));
  }

 private:
  const ReviewOptions options_;
};

}  // namespace

std::unique_ptr<registry::Connector> NewTokenReview(const ReviewOptions& options) {
  return std::make_unique<TokenReview>(options);
}

}  // namespace atoll::authorization::reviews
