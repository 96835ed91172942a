#include "shard/controllers/service_account_token/controller.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/auth/authn/service_account/service_account.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/controllers/service_account_token/secret.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

const api::Gvr kSecrets{"", "v1", "secrets"};
const api::Gvr kAccounts{"", "v1", "serviceaccounts"};

// Most Secrets are none: the bytes decide before anything is decoded.
bool MayBeTokenSecret(std::string_view value) { return absl::StrContains(ToAbsl(value), ToAbsl(kTokenSecretType)); }

class ServiceAccountTokenController final : public Controller {
 public:
  explicit ServiceAccountTokenController(const Context& context) : ctx_(context) {}

  std::string name() const override { return "serviceaccount_tokens_secret"; }
  std::vector<std::string> scopes() const override {
    return {storage::ResourceScope(kSecrets.gr()), storage::ResourceScope(kAccounts.gr())};
  }

  // Keys are store keys: of a secret to fill, or of an account that is gone.
  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    static const std::string accounts = storage::ResourceScope(kAccounts.gr());
    const bool deleted = event.kind == store::Event::Kind::kDeleted;
    if (event.key.starts_with(accounts) ? deleted : !deleted && MayBeTokenSecret(event.value))
      keys->push_back(event.key);
  }

  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    // Few: their accounts may have gone when the shard was about to notice.
    static const std::string secrets = storage::ResourceScope(kSecrets.gr());
    if (store_key.starts_with(secrets) && MayBeTokenSecret(value)) keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(storage::ResourceKey key, storage::DecodeKey(store_key));
    if (key.resource == kAccounts.gr()) {
      auto result = co_await SweepNamespace(key.cluster, key.ns, key.name);
      co_return result;
    }
    auto result = co_await Fill({key.cluster, kSecrets, key.ns, key.name, ""});
    co_return result;
  }

 private:
  Task<absl::StatusOr<Result>> Fill(client::ObjectRef ref) {
    auto secret = co_await ctx_.client->Get(ref);
    if (!secret.ok()) {
      if (api::IsNotFound(secret.status())) co_return Result{};
      co_return secret.status();
    }
    if (!IsTokenSecret(*secret) || api::IsDeleting(*secret)) co_return Result{};
    auto account = co_await ctx_.client->Get({ref.cluster, kAccounts, ref.ns, std::string(AccountOf(*secret)), ""});
    if (!account.ok() && !api::IsNotFound(account.status())) co_return account.status();
    if (!account.ok() || !IsFor(*secret, *account)) {
      absl::Status deleted = co_await ctx_.client->Delete(ref, std::string(api::Uid(*secret)));
      if (!deleted.ok() && !api::IsNotFound(deleted)) co_return deleted;
      co_return Result{};
    }
    const auto sign = [&] {
      return ctx_.token_signer->Sign(auth::LegacyTokenClaims(
          {ref.cluster, ref.ns, std::string(api::Name(*account)), std::string(api::Uid(*account))}, ref.name));
    };
    CO_ASSIGN_OR_RETURN(const bool changed, FillTokenSecret(*account, ctx_.root_ca_pem, sign, &*secret));
    if (!changed) co_return Result{};
    auto updated = co_await ctx_.client->Update(ref, *std::move(secret));
    if (!updated.ok() && !api::IsNotFound(updated.status())) co_return updated.status();
    co_return Result{};
  }

  // The token secrets of one namespace that name the account: each is judged anew by Fill.
  Task<absl::StatusOr<Result>> SweepNamespace(LogicalClusterId cluster, std::string ns, std::string account) {
    auto view = ctx_.store->Snapshot();
    const std::string scope = storage::NamespaceScope(kSecrets.gr(), "", cluster, ns);
    auto found = co_await ctx_.pool->Run([view, scope, account] {
      std::vector<std::string> names;
      absl::Status scanned = view->Scan(scope, store::ScopeEnd(scope),
                                        [&](std::string_view key, std::string_view value, store::Revision modified) {
                                          if (!MayBeTokenSecret(value)) return true;
                                          auto secret = storage::StoredObject(std::string(value), modified).Decode();
                                          if (secret.ok() && IsTokenSecret(*secret) && AccountOf(*secret) == account)
                                            names.emplace_back(api::Name(*secret));
                                          return true;
                                        });
      return std::make_pair(scanned, std::move(names));
    });
    if (!found.ok()) co_return found.status();
    CO_RETURN_IF_ERROR(found->first);
    for (const std::string& name : found->second) {
      auto result = co_await Fill({cluster, kSecrets, ns, name, ""});
      if (!result.ok()) co_return result;
    }
    co_return Result{};
  }

  const Context ctx_;
};

}  // namespace

std::unique_ptr<Controller> NewServiceAccountTokenController(const Context& context) {
  return std::make_unique<ServiceAccountTokenController>(context);
}

}  // namespace atoll::controllers
