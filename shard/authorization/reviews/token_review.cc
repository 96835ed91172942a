// TokenReview: whose token is this?
#include <algorithm>
#include <utility>

#include "common/api/errors.h"
#include "common/auth/authn/union/union.h"
#include "common/auth/jwt.h"
#include "common/base/strings.h"
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
    const std::vector<std::string>& accepted = audiences.empty() ? options_.api_audiences : audiences;
    auto user = co_await options_.tokens->AuthenticateToken(token, audiences);
    if (!(user.ok() && user->has_value()) && options_.cluster_tokens != nullptr && !ctx.cluster.id.empty()) {
      auto theirs = co_await options_.cluster_tokens->AuthenticateToken(ctx.cluster.id, token);
      if (theirs.ok() && theirs->has_value()) user = std::move(theirs);
    }
    std::vector<std::string> granted = user.ok() && user->has_value() ? Common(accepted, token) : accepted;
    if (user.ok() && user->has_value() && !granted.empty()) {
      auth::AddAuthenticatedGroup(&**user);
      status.Append("authenticated", true);
      status.Append("user", auth::UserInfo(**user));
      status.Append("audiences", StringArray(granted));
    } else {
      status.Append("user", json::Value::MakeObject());
      // Who may review tokens is told what is wrong with this one.
      status.Append("error", absl::IsUnauthenticated(user.status())
                                 ? Cat("[invalid bearer token, ", ToStd(user.status().message()), "]")
                                 : std::string("invalid bearer token"));
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
  // The accepted audiences that the token, already verified, is for. One that names none is for this server.
  std::vector<std::string> Common(std::vector<std::string> accepted, std::string_view token) const {
    auto claims = auth::PeekClaims(token);
    std::vector<std::string> meant;
    // The audiences of other issuers' tokens are between them and their clients.
    if (claims.ok() && claims->StringAt({"iss"}) == options_.issuer) meant = auth::TokenAudiences(*claims);
    if (meant.empty()) meant = options_.api_audiences;
    std::erase_if(accepted,
                  [&](const std::string& a) { return std::find(meant.begin(), meant.end(), a) == meant.end(); });
    return accepted;
  }

  const ReviewOptions options_;
};

}  // namespace

std::unique_ptr<registry::Connector> NewTokenReview(const ReviewOptions& options) {
  return std::make_unique<TokenReview>(options);
}

}  // namespace atoll::authorization::reviews
