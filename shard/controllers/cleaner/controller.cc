#include "shard/controllers/cleaner/controller.h"

#include "absl/strings/match.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

class Cleaner final : public Controller {
 public:
  Cleaner(const Context& context, const CleaningRule& rule) : ctx_(context), rule_(rule) {}

  std::string name() const override { return rule_.queue; }
  std::vector<std::string> scopes() const override { return {storage::ResourceScope(rule_.resource.gr())}; }

  // Keys are store keys.
  void OnEvent(const store::Event& event, std::vector<std::string>* keys) override {
    if (event.kind != store::Event::Kind::kDeleted) NeedsWork(event.key, event.value, keys);
  }
  void NeedsWork(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) const override {
    if (absl::StrContains(ToAbsl(value), ToAbsl(rule_.mention))) keys->emplace_back(store_key);
  }

  Task<absl::StatusOr<Result>> Reconcile(std::string store_key) override {
    CO_ASSIGN_OR_RETURN(const storage::ResourceKey key, storage::DecodeKey(store_key));
    if (rule_.ns != nullptr && key.ns != rule_.ns) co_return Result{};
    client::ObjectRef ref{key.cluster, rule_.resource, key.ns, key.name, ""};
    auto object = co_await ctx_.client->Get(ref);
    if (!object.ok()) {
      if (api::IsNotFound(object.status())) co_return Result{};
      co_return object.status();
    }
    if (api::IsDeleting(*object)) co_return Result{};
    const std::optional<absl::Time> due = rule_.due(*object);
    if (!due.has_value()) co_return Result{};
    if (const absl::Duration left = *due - ctx_.clock->Now(); left > absl::ZeroDuration())
      co_return Result{.requeue_after = left};
    // The version is named: who prolongs it at this moment keeps it.
    absl::Status deleted = co_await ctx_.client->Delete(std::move(ref), std::string(api::Uid(*object)), "",
                                                        std::string(api::ResourceVersion(*object)));
    if (!deleted.ok() && !api::IsNotFound(deleted)) co_return deleted;
    co_return Result{};
  }

 private:
  const Context ctx_;
  const CleaningRule& rule_;
};

}  // namespace

std::unique_ptr<Controller> NewCleaner(const Context& context, const CleaningRule& rule) {
  return std::make_unique<Cleaner>(context, rule);
}

}  // namespace atoll::controllers
