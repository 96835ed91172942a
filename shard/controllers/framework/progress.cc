#include "shard/controllers/framework/progress.h"

#include <algorithm>

#include "common/base/strings.h"

namespace atoll::controllers {

void Progress::Restore(store::Revision cursor, const std::vector<std::string>& parked) {
  cursor_ = covered_ = cursor;
  for (const std::string& key : parked) {
    parked_.insert(key);
    Begin(key, {});
  }
}

void Progress::Begin(std::string_view key, store::Revision since) {
  const auto [it, inserted] = pending_.try_emplace(std::string(key), since);
  if (!inserted) it->second = std::min(it->second, since);
}

store::Revision Progress::Since(std::string_view key) const {
  const auto it = pending_.find(ToAbsl(key));
  return it == pending_.end() ? store::Revision{} : it->second;
}

void Progress::End(std::string_view key) { pending_.erase(ToAbsl(key)); }

std::optional<Progress::Save> Progress::Plan(store::Revision covered, bool last) {
  Save save;
  save.previous = cursor_;
  save.cursor = covered;
  for (const auto& [key, since] : pending_) {
    if (last || since <= covered_) {
      if (!parked_.contains(key)) save.park.push_back(key);
    } else {
      save.cursor = std::min(save.cursor, store::Revision{since.value - 1});
    }
  }
  for (const std::string& key : parked_) {
    if (!pending_.contains(key)) save.unpark.push_back(key);
  }
  covered_ = covered;
  if (parked_.size() + save.park.size() - save.unpark.size() > parked_max_) return std::nullopt;
  // Going back would promise less than is on disk already.
  if (cursor_.has_value()) save.cursor = std::max(save.cursor, *cursor_);
  if (save.park.empty() && save.unpark.empty() && cursor_ == save.cursor) return std::nullopt;
  return save;
}

void Progress::Saved(const Save& save) {
  cursor_ = save.cursor;
  for (const std::string& key : save.park) parked_.insert(key);
  for (const std::string& key : save.unpark) parked_.erase(key);
}

}  // namespace atoll::controllers
