// ObjectReader: configuration files as JSON values, member by member. What has another type than it should becomes a
// field error with its path (`rules[0].level`), and what nobody asked for is told as an unknown field; so a parser that
// uses it names everything that is wrong at once, and reads on.
//
// The value, the errors and the list of unknown fields outlive the reader. Not thread-safe.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/errors.h"
#include "common/json/value.h"

namespace atoll::config {

class ObjectReader {
 public:
  // `path` is "" for the document. Errors and unknown fields beyond kReportedMax are dropped.
  ObjectReader(const json::Value& value, std::string path, api::FieldErrors* errors, std::vector<std::string>* unknown);

  // Absent and null members read as empty (or as `otherwise`).
  std::string String(std::string_view name);
  std::optional<std::string> OptionalString(std::string_view name);
  bool Bool(std::string_view name, bool otherwise = false) { return OptionalBool(name).value_or(otherwise); }
  std::optional<bool> OptionalBool(std::string_view name);
  std::vector<std::string> Strings(std::string_view name);
  std::optional<ObjectReader> Object(std::string_view name);
  std::vector<ObjectReader> Objects(std::string_view name);
  // Known, and of no interest to the caller.
  void Ignore(std::string_view name) { (void)Take(name); }

  // After the last member was asked for: tells of those that were not.
  void Finish();

  // The path of a member.
  std::string At(std::string_view name) const;
  const std::string& path() const { return path_; }
  api::FieldErrors& errors() { return *errors_; }

  static constexpr size_t kReportedMax = 100;

 private:
  const json::Value* Take(std::string_view name);
  void WrongType(std::string field, const json::Value& value, std::string_view wanted);

  const json::Value* value_;
  std::string path_;
  api::FieldErrors* errors_;
  std::vector<std::string>* unknown_;
  std::set<std::string, std::less<>> taken_;
};

// `a; b; c` of all errors, for one line of a log.
std::string Joined(const api::FieldErrors& errors);

}  // namespace atoll::config
