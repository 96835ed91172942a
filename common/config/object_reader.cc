#include "common/config/object_reader.h"

#include <utility>

#include "common/base/strings.h"

namespace atoll::config {

ObjectReader::ObjectReader(const json::Value& value, std::string path, api::FieldErrors* errors,
                           std::vector<std::string>* unknown)
    : value_(&value), path_(std::move(path)), errors_(errors), unknown_(unknown) {
  if (!value.is_object()) WrongType(path_, value, "must be an object");
}

std::string ObjectReader::At(std::string_view name) const {
  return path_.empty() ? std::string(name) : StrCat(path_, ".", name);
}

const json::Value* ObjectReader::Take(std::string_view name) {
  taken_.emplace(name);
  const json::Value* member = value_->Find(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

void ObjectReader::WrongType(std::string field, const json::Value& value, std::string_view wanted) {
  if (errors_->size() < kReportedMax) errors_->push_back(api::FieldInvalid(std::move(field), value, wanted));
}

std::optional<std::string> ObjectReader::OptionalString(std::string_view name) {
  const json::Value* member = Take(name);
  if (member == nullptr) return std::nullopt;
  if (member->is_string()) return member->string();
  WrongType(At(name), *member, "must be a string");
  return std::nullopt;
}

std::string ObjectReader::String(std::string_view name) { return OptionalString(name).value_or(""); }

std::optional<bool> ObjectReader::OptionalBool(std::string_view name) {
  const json::Value* member = Take(name);
  if (member == nullptr) return std::nullopt;
  if (member->is_bool()) return member->bool_value();
  WrongType(At(name), *member, "must be true or false");
  return std::nullopt;
}

std::vector<std::string> ObjectReader::Strings(std::string_view name) {
  std::vector<std::string> out;
  const json::Value* member = Take(name);
  if (member == nullptr) return out;
  if (!member->is_array()) {
    WrongType(At(name), *member, "must be a list of strings");
    return out;
  }
  for (size_t i = 0; i < member->array().size(); ++i) {
    const json::Value& item = member->array()[i];
    if (item.is_string()) {
      out.push_back(item.string());
    } else {
      WrongType(StrCat(At(name), "[", i, "]"), item, "must be a string");
    }
  }
  return out;
}

std::optional<ObjectReader> ObjectReader::Object(std::string_view name) {
  const json::Value* member = Take(name);
  if (member == nullptr) return std::nullopt;
  return ObjectReader(*member, At(name), errors_, unknown_);
}

std::vector<ObjectReader> ObjectReader::Objects(std::string_view name) {
  std::vector<ObjectReader> out;
  const json::Value* member = Take(name);
  if (member == nullptr) return out;
  if (!member->is_array()) {
    WrongType(At(name), *member, "must be a list of objects");
    return out;
  }
  out.reserve(member->array().size());
  for (size_t i = 0; i < member->array().size(); ++i) {
    out.emplace_back(member->array()[i], StrCat(At(name), "[", i, "]"), errors_, unknown_);
  }
  return out;
}

void ObjectReader::Finish() {
  if (!value_->is_object()) return;
  for (const auto& [name, member] : value_->object()) {
    if (!taken_.contains(name) && unknown_->size() < kReportedMax) unknown_->push_back(At(name));
  }
}

std::string Joined(const api::FieldErrors& errors) {
  std::string out;
  for (const api::FieldError& error : errors) StrAppend(&out, out.empty() ? "" : "; ", error.Line());
  return out;
}

}  // namespace atoll::config
