#include "common/http/message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::http {

void Headers::Add(std::string_view name, std::string_view value) {
  if (fields_.empty()) fields_.reserve(8);
  Field& field = fields_.emplace_back(name, value);
  absl::AsciiStrToLower(&field.first);
}

void Headers::Set(std::string_view name, std::string_view value) {
  auto same = [name](const Field& f) { return absl::EqualsIgnoreCase(f.first, ToAbsl(name)); };
  auto first = std::find_if(fields_.begin(), fields_.end(), same);
  if (first == fields_.end()) return Add(name, value);
  first->second.assign(value.data(), value.size());
  fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

void Headers::Remove(std::string_view name) {
  std::erase_if(fields_, [name](const Field& f) { return absl::EqualsIgnoreCase(f.first, ToAbsl(name)); });
}

void Headers::RemovePrefix(std::string_view name_prefix) {
  std::erase_if(fields_,
                [name_prefix](const Field& f) { return absl::StartsWithIgnoreCase(f.first, ToAbsl(name_prefix)); });
}

std::string_view Headers::Get(std::string_view name) const {
  for (const Field& f : fields_) {
    if (absl::EqualsIgnoreCase(f.first, ToAbsl(name))) return f.second;
  }
  return {};
}

bool Headers::Has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [name](const Field& f) { return absl::EqualsIgnoreCase(f.first, ToAbsl(name)); });
}

std::vector<std::string_view> Headers::GetAll(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& f : fields_) {
    if (absl::EqualsIgnoreCase(f.first, ToAbsl(name))) values.push_back(f.second);
  }
  return values;
}

Task<absl::StatusOr<std::string>> Body::ReadAll(size_t bytes_max) {
  std::string all;
  for (;;) {
    auto piece = co_await Next();
    if (!piece.ok()) co_return std::move(piece).status();
    if (piece->empty()) co_return all;
    if (piece->size() > bytes_max - all.size()) {
      co_return absl::OutOfRangeError(StrCat("the body is longer than ", bytes_max, " bytes"));
    }
    if (all.empty()) {
      all = *std::move(piece);
    } else {
      all += *piece;
    }
  }
}

std::string_view Request::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view Request::query() const {
  size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

}  // namespace atoll::http
