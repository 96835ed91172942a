#include "shard/registry/list_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "common/api/continue_token.h"
#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/registry/registry_impl.h"

namespace atoll::registry {

namespace {

constexpr size_t kChunkBytesMax = 256u << 10;
constexpr size_t kScanBytesMax = 4u << 20;  // looked at in one job, so that others get a turn on the pool

// What one job on the pool brings back.
struct Chunk {
  absl::Status status;
  std::vector<storage::StoredObject> objects;
  std::string last_key;  // of the last one returned or looked at
  bool more = false;     // there are keys behind last_key (a matching one, when the page is full)
  int64_t remaining = 0;
};

std::string StartOf(std::string_view below_scope) {
  std::string start;
  for (std::string_view component : store::SplitKey(below_scope)) {
    if (!component.empty()) start += StrCat("/", component);
  }
  start.push_back('\0');
  return start;
}

class Reader final : public ListReader {
 public:
  Reader(ListPlan plan, store::Store* store, BlockingPool* pool)
      : plan_(std::make_shared<const ListPlan>(std::move(plan))), store_(store), pool_(pool), after_(plan_->after) {}

  Task<absl::StatusOr<std::vector<storage::StoredObject>>> Next() override {
    while (!done_) {
      const size_t wanted = plan_->limit == 0 ? 0 : plan_->limit - returned_;
      // The job owns what it reads, so this reader may be destroyed while it runs.
      auto job = [plan = plan_, after = after_, wanted] { return ReadChunk(*plan, after, wanted); };
      Chunk chunk;
      if (pool_ == nullptr) {
        chunk = job();
      } else {
        auto run = co_await pool_->Run(std::move(job));
        if (!run.ok()) co_return CommitError(run.status());
        chunk = *std::move(run);
      }
      if (!chunk.status.ok()) co_return InternalOf(chunk.status);
      after_ = std::move(chunk.last_key);
      returned_ += chunk.objects.size();
      const bool page_full = plan_->limit > 0 && returned_ >= plan_->limit;
      done_ = page_full || !chunk.more;
      if (page_full && chunk.more) {
        api::ContinueToken token{.revision = static_cast<int64_t>(revision().value),
                                 .start = StartOf(std::string_view(after_).substr(plan_->scope.size()))};
        if (plan_->selection.empty()) {
          const int64_t known = plan_->left - static_cast<int64_t>(returned_);
          token.left = plan_->left > 0 ? std::max<int64_t>(known, 1) : chunk.remaining;
          remaining_ = token.left;
        }
        continue_token_ = api::EncodeContinue(token);
        store_->Keep(plan_->view);
      }
      if (!chunk.objects.empty()) co_return std::move(chunk.objects);
    }
    co_return std::vector<storage::StoredObject>();
  }

  store::Revision revision() const override { return plan_->view->revision(); }
  std::string continue_token() const override { return continue_token_; }
  std::optional<int64_t> remaining() const override { return remaining_; }

 private:
  // `wanted` 0: as many as fit.
  static Chunk ReadChunk(const ListPlan& plan, const std::string& after, size_t wanted) {
    Chunk chunk;
    size_t bytes = 0, scanned = 0;
    bool full = false;
    const std::string begin = after.empty() ? plan.scope : after + '\0';
    chunk.status = plan.view->Scan(
        begin, store::ScopeEnd(plan.scope), [&](std::string_view key, std::string_view value, store::Revision at) {
          if (full) {
            // Only looks whether there is more, and how much if nobody has counted yet.
            chunk.more = true;
            ++chunk.remaining;
            return wanted > 0 && chunk.objects.size() >= wanted && plan.selection.empty() && plan.left == 0;
          }
          chunk.last_key.assign(key);
          scanned += value.size();
          if (plan.selection.Matches(*plan.definition, key, value)) {
            bytes += value.size();
            chunk.objects.push_back(storage::StoredObject::InVersion(*plan.definition, std::string(value), at));
          }
          full = bytes >= kChunkBytesMax || scanned >= kScanBytesMax || (wanted > 0 && chunk.objects.size() >= wanted);
          return true;
        });
    return chunk;
  }

  const std::shared_ptr<const ListPlan> plan_;
  store::Store* const store_;
  BlockingPool* const pool_;
  std::string after_;
  size_t returned_ = 0;
  bool done_ = false;
  std::string continue_token_;
  std::optional<int64_t> remaining_;
};

}  // namespace

absl::StatusOr<std::string> KeyAfter(const ResourceDefinition& definition, std::string_view scope,
                                     std::string_view start) {
  const absl::Status refused = api::BadRequest("invalid continue token: continue key is not valid");
  if (start.ends_with('\0')) start.remove_suffix(1);
  if (!start.starts_with('/') || start.find('\0') != std::string_view::npos) return refused;
  start.remove_prefix(1);
  std::vector<std::string_view> components;
  for (absl::string_view c : absl::StrSplit(ToAbsl(start), '/')) components.push_back(ToStd(c));
  // resource, identity, cluster, namespace, name: what the scope leaves open.
  const size_t open = 5 - std::min<size_t>(5, store::SplitKey(scope).size());
  if (!definition.namespaced() && open > 1 && components.size() + 1 == open)
    components.insert(components.end() - 1, "");
  if (components.size() != open) return refused;
  std::string key(scope);
  for (std::string_view c : components) store::AppendComponent(&key, c);
  return key;
}

std::unique_ptr<ListReader> NewListReader(ListPlan plan, store::Store* store, BlockingPool* pool) {
  return std::make_unique<Reader>(std::move(plan), store, pool);
}

}  // namespace atoll::registry
