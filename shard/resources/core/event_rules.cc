#include "shard/resources/core/event_rules.h"

#include <array>
#include <string>
#include <utility>

#include "common/api/object.h"
#include "common/api/validation.h"
#include "common/base/strings.h"

namespace atoll::resources {
namespace {

using json::Value;

constexpr size_t kShortBytesMax = 128, kMessageBytesMax = 1024;

// The reference prints its internal structures, with all their members in upper case.
using Names = std::pair<std::string_view, std::string_view>;
constexpr std::array<Names, 7> kReference = {{{"Kind", "kind"},
                                              {"Namespace", "namespace"},
                                              {"Name", "name"},
                                              {"UID", "uid"},
                                              {"APIVersion", "apiVersion"},
                                              {"ResourceVersion", "resourceVersion"},
                                              {"FieldPath", "fieldPath"}}};
constexpr std::array<Names, 2> kSource = {{{"Component", "component"}, {"Host", "host"}}};

template <size_t n>
Value Struct(const std::array<Names, n>& members, const Value& value) {
  json::Object printed;
  for (const auto& [name, member] : members) printed.Append(std::string(name), Value(value.StringAt({member})));
  return Value(std::move(printed));
}

Value Printed(std::string_view field, const Value* value) {
  if (field == "involvedObject") return Struct(kReference, value == nullptr ? Value() : *value);
  if (field == "source") return Struct(kSource, value == nullptr ? Value() : *value);
  if (value == nullptr || value->is_null()) {
    const bool object = field == "related" || field.ends_with("Timestamp") || field == "eventTime";
    return object ? Value() : field == "count" ? Value(0) : Value("");
  }
  return field == "related" ? Struct(kReference, *value) : *value;
}

bool Same(const Value* a, const Value* b) {
  auto empty = [](const Value* v) {
    return v == nullptr || v->is_null() || (v->is_string() && v->string().empty()) ||
           (v->is_object() && v->object().empty()) || (v->is_int() && v->int_value() == 0);
  };
  return empty(a) || empty(b) ? empty(a) == empty(b) : *a == *b;
}

void CheckSize(const Value& event, std::string_view field, bool required, size_t bytes_max, api::FieldErrors* errors) {
  const std::string_view text = event.StringAt({field});
  if (required && text.empty()) errors->push_back(api::FieldRequired(std::string(field)));
  if (text.size() > bytes_max) {
    errors->push_back(
        api::FieldInvalid(std::string(field), Value(""), StrCat("can have at most ", bytes_max, " characters")));
  }
}

// Cluster-scoped objects are reported in `default`; by strict events also in `kube-system`.
void CheckNamespace(const Value& event, bool strict, api::FieldErrors* errors) {
  const std::string_view about = event.StringAt({"involvedObject", "namespace"}), own = api::Namespace(event);
  const bool fits =
      about.empty() ? own == "default" || (strict ? own == "kube-system" : own.empty()) : strict || about == own;
  if (fits) return;
  errors->push_back(api::FieldInvalid("involvedObject.namespace", Value(about), "does not match event.namespace"));
}

void CheckSeries(const Value& event, api::FieldErrors* errors) {
  if (event.Find("series") == nullptr) return;
  if (event.IntAt({"series", "count"}) < 2) {
    errors->push_back(api::FieldInvalid("series.count", Value(""), "should be at least 2"));
  }
  if (event.StringAt({"series", "lastObservedTime"}).empty()) {
    errors->push_back(api::FieldRequired("series.lastObservedTime"));
  }
}

}  // namespace

void CheckEvent(const Value& event, std::string_view controller_field, api::FieldErrors* errors) {
  const bool strict = !event.StringAt({"eventTime"}).empty();
  CheckNamespace(event, strict, errors);
  if (!strict) return;
  const std::string field(controller_field);
  const std::string_view controller = event.StringAt({"reportingComponent"});
  if (controller.empty()) errors->push_back(api::FieldRequired(field));
  for (const auto& why : api::CheckQualifiedName(controller)) {
    errors->push_back(api::FieldInvalid(field, Value(controller), why));
  }
  CheckSize(event, "reportingInstance", true, kShortBytesMax, errors);
  CheckSize(event, "action", true, kShortBytesMax, errors);
  CheckSize(event, "reason", true, kShortBytesMax, errors);
  CheckSize(event, "message", false, kMessageBytesMax, errors);
}

void CheckNewEvent(const Value& event, api::FieldErrors* errors) {
  CheckSeries(event, errors);
  if (event.StringAt({"eventTime"}).empty()) errors->push_back(api::FieldRequired("eventTime"));
  const std::string_view type = event.StringAt({"type"});
  if (type != "Normal" && type != "Warning") {
    errors->push_back(api::FieldInvalid("type", Value(""), StrCat("has invalid value: ", type)));
  }
  for (std::string_view field : {"firstTimestamp", "lastTimestamp", "count", "source"}) {
    if (Same(event.Find(field), nullptr)) continue;
    errors->push_back(api::FieldInvalid(std::string(field), Value(""), "needs to be unset"));
  }
}

void CheckChangedEvent(const Value& event, const Value& old, api::FieldErrors* errors) {
  if (!Same(event.Find("series"), old.Find("series"))) CheckSeries(event, errors);
  constexpr std::pair<std::string_view, std::string_view> kImmutable[] = {{"involvedObject", "involvedObject"},
                                                                          {"reason", "reason"},
                                                                          {"message", "message"},
                                                                          {"source", "source"},
                                                                          {"firstTimestamp", "firstTimestamp"},
                                                                          {"lastTimestamp", "lastTimestamp"},
                                                                          {"count", "count"},
                                                                          {"reason", "reason"},
                                                                          {"type", "type"},
                                                                          {"eventTime", "eventTime"},
                                                                          {"action", "action"},
                                                                          {"related", "related"},
                                                                          {"reportingComponent", "reportingController"},
                                                                          {"reportingInstance", "reportingInstance"}};
  for (const auto& [member, field] : kImmutable) {
    const Value* now = event.Find(member);
    if (Same(now, old.Find(member))) continue;
    errors->push_back(api::FieldInvalid(std::string(field), Printed(member, now), "field is immutable"));
  }
}

}  // namespace atoll::resources
