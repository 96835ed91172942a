#include <functional>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/apply/items.h"
#include "common/apply/typed.h"
#include "common/base/strings.h"

namespace atoll::apply {

namespace {

using json::Value;

// The items of one side by element. An element that is there twice has no value to merge with.
class Index {
 public:
  explicit Index(const std::vector<Item>& items) {
    places_.reserve(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      auto [place, fresh] = places_.try_emplace(items[i].element, Place{i, false});
      if (!fresh) place->second.repeated = true;
    }
  }
  bool Has(std::string_view element) const { return places_.contains(element); }
  // REQUIRES: Has(element).
  size_t First(std::string_view element) const { return places_.find(element)->second.at; }
  // The one item with this element.
  std::optional<size_t> Only(std::string_view element) const {
    const auto found = places_.find(element);
    if (found == places_.end() || found->second.repeated) return std::nullopt;
    return found->second.at;
  }

 private:
  struct Place {
    size_t at;
    bool repeated;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return absl::Hash<absl::string_view>()(ToAbsl(s)); }
  };
  absl::flat_hash_map<std::string_view, Place, Hash, std::equal_to<>> places_;
};

// The configuration gives the order. Walks both lists side by side: what both have comes where the configuration has
// it, and what only the live list has stays before the next shared item that follows it there.
class ListMerge {
 public:
  ListMerge(const TypeView& type, const Value& config, Value* live)
      : item_(type.Item()),
        theirs_(ItemsOf(type, live)),
        ours_(ItemsOf(type, &config)),
        in_live_(theirs_),
        in_config_(ours_),
        merged_(ours_.size(), false) {}

  json::Array Run() {
    next_shared_ = NextShared(0);
    size_t l = 0, r = 0;
    while (l < theirs_.size() || r < ours_.size()) {
      if (l < theirs_.size()) {
        const std::string& element = theirs_[l].element;
        const bool shared = in_config_.Has(element);
        if (r < ours_.size()) {
          if (element == ours_[r].element) {
            Emit(r++);
            ++l;
            continue;
          }
          // Its turn comes with another shared item before it.
          if (shared && next_shared_ < ours_.size() && ours_[next_shared_].element != element) {
            ++l;
            continue;
          }
        }
        if (!shared) {
          out_.push_back(*theirs_[l++].value);
          continue;
        }
        if (merged_[in_config_.First(element)]) ++l;
      }
      if (r < ours_.size()) Emit(r++);
    }
    return std::move(out_);
  }

 private:
  size_t NextShared(size_t from) const {
    while (from < ours_.size() && !in_live_.Has(ours_[from].element)) ++from;
    return from;
  }

  void Emit(size_t r) {
    merged_[r] = true;
    if (r == next_shared_) next_shared_ = NextShared(r + 1);
    const std::optional<size_t> live = in_live_.Only(ours_[r].element);
    if (!live.has_value()) {
      out_.push_back(*ours_[r].value);
      return;
    }
    Value item = *theirs_[*live].value;
    MergeInto(item_, *ours_[r].value, &item);
    out_.push_back(std::move(item));
  }

  const TypeView item_;
  const std::vector<Item> theirs_, ours_;
  const Index in_live_, in_config_;
  std::vector<bool> merged_;  // of ours_
  size_t next_shared_ = 0;    // in ours_: the first item not yet merged that both have
  json::Array out_;
};

}  // namespace

void MergeInto(const TypeView& type, const Value& config, Value* live) {
  switch (type.ShapeOf(config)) {
    case Shape::kScalar:
      break;
    case Shape::kMap: {
      const bool live_empty = !live->is_object() || live->object().empty();
      if (type.AtomicMap() || live_empty) break;
      if (!config.is_object()) return;  // null leaves what is there
      for (const auto& [name, child] : config.object()) {
        if (Value* into = live->Find(name); into != nullptr) {
          MergeInto(type.Member(name).type, child, into);
        } else {
          live->object().Append(name, child);
        }
      }
      return;
    }
    case Shape::kList: {
      const bool live_empty = !live->is_array() || live->array().empty();
      if (type.AtomicList() || live_empty) break;
      if (!config.is_array()) return;
      *live = Value(ListMerge(type, config, live).Run());
      return;
    }
  }
  *live = config;
}

}  // namespace atoll::apply
