// TokenRequest: a new token for a service account (subresource `token`).
#include <utility>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/authorization/reviews/common.h"

namespace atoll::authorization::reviews {
namespace {

constexpr char kGroup[] = "authentication.k8s.io", kKind[] = "TokenRequest", kApiVersion[] = "authentication.k8s.io/v1";
constexpr int64_t kSecondsDefault = 3600, kSecondsMin = 600, kSecondsMax = int64_t{1} << 32;

class TokenRequest final : public registry::Connector {
 public:
  explicit TokenRequest(const ReviewOptions& options) : options_(options) {}

  Task<absl::StatusOr<json::Value>> Connect(registry::CallContext& ctx, json::Value body,
                                            registry::WriteOptions write) override {
    if (options_.signer == nullptr) co_return api::ResourceNotFound();
    CO_RETURN_IF_ERROR(CheckName(body, "name", ctx.name, ctx.name, "must match the service account name if specified"));
    CO_RETURN_IF_ERROR(
        CheckName(body, "namespace", ctx.ns, ctx.name, "must match the service account namespace if specified"));

    CO_ASSIGN_OR_RETURN(auto account,
                        co_await options_.service_accounts->ServiceAccount(ctx.cluster.id, ctx.ns, ctx.name));
    if (!account.has_value()) co_return api::NotFound({"", "serviceaccounts"}, ctx.name);
    const std::string_view wanted_uid = body.StringAt({"metadata", "uid"});
    if (!wanted_uid.empty() && wanted_uid != account->uid) {
      co_return api::Conflict({kGroup, kKind}, ctx.name,
                              Cat("the UID in the token request (", wanted_uid,
                                  ") does not match the UID of the service account (", account->uid, ")"));
    }

    const json::Value* found = body.Find("spec");
    json::Value spec = found != nullptr && found->is_object() ? *found : json::Value::MakeObject();
    int64_t seconds = spec.IntAt({"expirationSeconds"}, kSecondsDefault);
    spec.object().Set("expirationSeconds", seconds);  // the default counts as said
    const json::Value as_sent = spec;
    if (api::FieldErrors errors = CheckSeconds(seconds); !errors.empty())
      co_return api::Invalid({kGroup, "", kKind}, "", errors);

    auth::BoundTokenOptions token{.issuer = options_.issuer, .audiences = Strings(spec.Find("audiences"))};
    if (token.audiences.empty()) token.audiences = options_.api_audiences;
    const json::Value* ref = spec.Find("boundObjectRef");
    if (ref != nullptr && ref->is_object()) CO_RETURN_IF_ERROR(co_await Bind(ctx, *ref, &token));

    const int64_t limit = absl::ToInt64Seconds(options_.token_lifetime_max);
    if (limit > 0 && seconds > limit) {
      ctx.warnings.push_back(Cat("requested expiration of ", seconds, " seconds shortened to ", limit, " seconds"));
      seconds = limit;
    }
    token.now = options_.clock->Now();
    token.lifetime = absl::Seconds(seconds);
    token.id = options_.random->Uuid();
    if (ctx.audit) ctx.audit("authentication.kubernetes.io/issued-credential-id", StrCat("JTI=", token.id));
    auto text = options_.signer->Sign(auth::BoundTokenClaims({ctx.cluster.id, ctx.ns, ctx.name, account->uid}, token));
    if (!text.ok())
      co_return api::InternalError(Cat("failed to generate token: ", std::string(text.status().message())));

    json::Object metadata;
    metadata.Append("name", ctx.name);
    metadata.Append("namespace", ctx.ns);
    metadata.Append("uid", account->uid);
    metadata.Append("creationTimestamp", api::FormatTime(token.now));
    metadata.Append("managedFields", ManagedFields(kApiVersion, as_sent, write.field_manager, token.now, "token"));
    json::Object answered;
    answered.Append("audiences", StringArray(token.audiences));
    answered.Append("expirationSeconds", seconds);
    answered.Append("boundObjectRef", ref == nullptr ? json::Value() : *ref);
    json::Object status;
    status.Append("token", *std::move(text));
    status.Append("expirationTimestamp", api::FormatTime(token.now + token.lifetime));
    json::Object out = NewReview(kKind, kApiVersion);
    out.Append("metadata", json::Value(std::move(metadata)));
    out.Append("spec", json::Value(std::move(answered)));
    out.Append("status", json::Value(std::move(status)));
    co_return json::Value(std::move(out));
  }

 private:
  static absl::Status CheckName(const json::Value& body, const char* field, std::string_view want,
                                std::string_view account, std::string_view text) {
    const std::string_view got = body.StringAt({"metadata", field});
    if (got.empty() || got == want) return absl::OkStatus();
    return api::Invalid({kGroup, "", kKind}, account,
                        {api::FieldInvalid(Cat("metadata.", field), json::Value(got), text)});
  }

  static api::FieldErrors CheckSeconds(int64_t seconds) {
    if (seconds < kSecondsMin)
      return {api::FieldInvalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")};
    if (seconds > kSecondsMax)
      return {
          api::FieldInvalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")};
    return {};
  }

  // Pods and nodes do not exist here; only Secrets can be bound to.
  Task<absl::Status> Bind(const registry::CallContext& ctx, const json::Value& ref, auth::BoundTokenOptions* token) {
    const std::string_view version = ref.StringAt({"apiVersion"}), kind = ref.StringAt({"kind"}),
                           uid = ref.StringAt({"uid"});
    const std::string name(ref.StringAt({"name"}));
    const size_t slash = version.find('/');
    const bool core = slash == std::string_view::npos;
    if (core && kind == "Pod") co_return api::NotFound({"", "pods"}, name);
    if (core && kind == "Node") co_return api::NotFound({"", "nodes"}, name);
    if (!core || kind != "Secret") {
      co_return api::BadRequest(Cat("cannot bind token to object of type ",
                                    core ? Cat("/", version) : std::string(version), ", Kind=", kind));
    }
    CO_ASSIGN_OR_RETURN(auto secret, co_await options_.service_accounts->Secret(ctx.cluster.id, ctx.ns, name));
    if (!secret.has_value()) co_return api::NotFound({"", "secrets"}, name);
    if (!uid.empty() && uid != secret->uid) {
      co_return api::Conflict(
          {"", "Secret"}, name,
          Cat("the UID in the bound object reference (", uid,
              ") does not match the UID in record. The object might have been deleted and then recreated"));
    }
    token->secret_name = name;
    token->secret_uid = secret->uid;
    co_return absl::OkStatus();
  }

  const ReviewOptions options_;
};

}  // namespace

std::unique_ptr<registry::Connector> NewTokenRequest(const ReviewOptions& options) {
  return std::make_unique<TokenRequest>(options);
}

}  // namespace atoll::authorization::reviews
