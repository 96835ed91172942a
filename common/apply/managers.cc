#include "common/apply/managers.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::apply {

namespace {

using json::Value;

constexpr std::string_view kAncient = "ancient-changes";
constexpr std::string_view kFieldsType = "FieldsV1";

// Times are whole seconds in UTC, so their texts sort as they do.
auto Age(const Manager& m) { return std::tie(m.time, m.name, m.api_version, m.subresource); }

}  // namespace

std::string Manager::Printed() const {
  std::string out = api::GoQuote(name);
  if (!subresource.empty()) StrAppend(&out, " with subresource ", api::GoQuote(subresource));
  if (operation == Operation::kUpdate) StrAppend(&out, " using ", api_version);
  return out;
}

absl::StatusOr<Managers> ParseManagers(const Value* managed_fields) {
  Managers managers;
  if (managed_fields == nullptr || !managed_fields->is_array()) return managers;
  managers.reserve(managed_fields->array().size() + 1);
  size_t index = 0;
  for (const Value& entry : managed_fields->array()) {
    Manager m;
    const std::string_view operation = entry.StringAt({"operation"}), type = entry.StringAt({"fieldsType"});
    if (operation != "Apply" && operation != "Update")
      return absl::InvalidArgumentError("operation must be `Apply` or `Update`");
    m.operation = operation == "Apply" ? Operation::kApply : Operation::kUpdate;
    m.api_version = entry.StringAt({"apiVersion"});
    if (m.api_version.empty()) return absl::InvalidArgumentError("apiVersion must not be empty");
    if (type.empty()) return absl::InvalidArgumentError(StrCat("missing fieldsType in managed fields entry ", index));
    if (type != kFieldsType)
      return absl::InvalidArgumentError(
          StrCat("invalid fieldsType ", api::GoQuote(type), " in managed fields entry ", index));
    m.name = entry.StringAt({"manager"});
    m.subresource = entry.StringAt({"subresource"});
    m.time = entry.StringAt({"time"});
    if (const Value* fields = entry.Find("fieldsV1"); fields != nullptr && !fields->is_null()) {
      ASSIGN_OR_RETURN(m.fields, FieldSet::FromFieldsV1(*fields));
    }
    std::erase_if(managers,
                  [&](const Manager& other) { return other.Is(m.name, m.operation, m.api_version, m.subresource); });
    managers.push_back(std::move(m));
    ++index;
  }
  return managers;
}

Value PrintManagers(Managers managers) {
  std::stable_sort(managers.begin(), managers.end(), [](const Manager& a, const Manager& b) {
    if (a.operation != b.operation) return a.operation < b.operation;
    return Age(a) < Age(b);
  });
  json::Array out;
  out.reserve(managers.size());
  for (Manager& m : managers) {
    json::Object o;
    o.members().reserve(7);
    if (!m.name.empty()) o.Append("manager", std::move(m.name));
    o.Append("operation", m.operation == Operation::kApply ? "Apply" : "Update");
    o.Append("apiVersion", std::move(m.api_version));
    if (!m.time.empty()) o.Append("time", std::move(m.time));
    o.Append("fieldsType", kFieldsType);
    o.Append("fieldsV1", m.fields.ToFieldsV1());
    if (!m.subresource.empty()) o.Append("subresource", std::move(m.subresource));
    out.push_back(Value(std::move(o)));
  }
  return Value(std::move(out));
}

void CapUpdateManagers(Managers* managers) {
  auto updates = static_cast<size_t>(std::count_if(managers->begin(), managers->end(),
                                                   [](const Manager& m) { return m.operation == Operation::kUpdate; }));
  if (updates <= kUpdateManagersMax) return;
  std::stable_sort(managers->begin(), managers->end(),
                   [](const Manager& a, const Manager& b) { return Age(a) < Age(b); });
  std::map<std::string, size_t> buckets;  // version -> the entry that takes the others in
  for (size_t i = 0; i < managers->size() && updates > kUpdateManagersMax;) {
    Manager& m = (*managers)[i];
    if (m.operation != Operation::kUpdate) {
      ++i;
      continue;
    }
    const auto [bucket, first] = buckets.try_emplace(m.api_version, i);
    if (first) {
      ++i;
      continue;
    }
    Manager& into = (*managers)[bucket->second];
    into.name = kAncient;
    into.subresource.clear();
    into.fields = into.fields.Union(m.fields);
    into.time = m.time;
    managers->erase(managers->begin() + static_cast<std::ptrdiff_t>(i));
    --updates;
  }
}

}  // namespace atoll::apply
