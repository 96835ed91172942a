#include "common/json/object_builder.h"

#include <algorithm>

#include "common/base/strings.h"

namespace atoll::json {

std::string PathFrame::Text(const PathFrame* frame, std::string_view last_key) {
  std::vector<const PathFrame*> chain;
  for (; frame != nullptr; frame = frame->up) chain.push_back(frame);
  std::string text;
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    if ((*it)->is_index) {
      StrAppend(&text, "[", (*it)->index, "]");
    } else {
      StrAppend(&text, text.empty() ? "" : ".", (*it)->key);
    }
  }
  StrAppend(&text, text.empty() ? "" : ".", last_key);
  return text;
}

Value* ObjectBuilder::Repeated(std::string_view key, size_t position) {
  if (duplicates_ != nullptr && duplicates_->size() < kReportedMax) {
    std::string path = PathFrame::Text(at_, key);
    if (std::find(duplicates_->begin(), duplicates_->end(), path) == duplicates_->end()) {
      duplicates_->push_back(std::move(path));
    }
  }
  return &object_.members()[position].second;
}

Value* ObjectBuilder::Member(std::string_view key) {
  std::vector<Object::Member>& members = object_.members();
  if (members.size() <= kLinearMembersMax) {
    for (size_t i = 0; i < members.size(); ++i) {
      if (members[i].first == key) return Repeated(key, i);
    }
  } else {
    if (positions_ == nullptr) {
      positions_ = std::make_unique<absl::flat_hash_map<std::string, size_t>>();
      for (size_t i = 0; i < members.size(); ++i) positions_->emplace(members[i].first, i);
    }
    const auto [it, inserted] = positions_->try_emplace(std::string(key), members.size());
    if (!inserted) return Repeated(key, it->second);
  }
  return &object_.Append(std::string(key), Value());
}

}  // namespace atoll::json
