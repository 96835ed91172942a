#include "common/api/object.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/strings.h"

namespace atoll::api {
namespace {

bool RemoveFromMap(json::Value* o, std::string_view map, std::string_view key) {
  if (!o->Remove({"metadata", map, key})) return false;
  const json::Value* left = o->At({"metadata", map});
  if (left->object().empty()) o->Remove({"metadata", map});
  return true;
}

// A string map's entry, made where there is none; a map of another kind (null included) is replaced.
void SetInMap(json::Value* o, std::string_view map, std::string_view key, std::string_view value) {
  json::Value& entries = o->Ensure({"metadata", map});
  if (!entries.is_object()) entries = json::Value::MakeObject();
  entries.object().Set(key, value);
}

// Ready first, then by type.
bool ConditionBefore(const json::Value& a, const json::Value& b) {
  const std::string_view x = a.StringAt({"type"}), y = b.StringAt({"type"});
  if ((x == "Ready") != (y == "Ready")) return x == "Ready";
  return x < y;
}

bool SetOrErase(json::Object* o, std::string_view key, std::string_view value) {
  const json::Value* old = o->Find(key);
  if (value.empty()) return o->Erase(key);
  if (old != nullptr && old->StringOr() == value) return false;
  o->Set(key, value);
  return true;
}

}  // namespace

std::string_view Label(const json::Value& o, std::string_view key) { return o.StringAt({"metadata", "labels", key}); }
std::string_view Annotation(const json::Value& o, std::string_view key) {
  return o.StringAt({"metadata", "annotations", key});
}
bool HasAnnotation(const json::Value& o, std::string_view key) {
  return o.At({"metadata", "annotations", key}) != nullptr;
}
void SetLabel(json::Value* o, std::string_view key, std::string_view value) { SetInMap(o, "labels", key, value); }
void SetAnnotation(json::Value* o, std::string_view key, std::string_view value) {
  SetInMap(o, "annotations", key, value);
}
bool RemoveAnnotation(json::Value* o, std::string_view key) { return RemoveFromMap(o, "annotations", key); }
bool RemoveLabel(json::Value* o, std::string_view key) { return RemoveFromMap(o, "labels", key); }

std::vector<std::string> Finalizers(const json::Value& o) {
  std::vector<std::string> out;
  const json::Value* list = o.At({"metadata", "finalizers"});
  if (list == nullptr || !list->is_array()) return out;
  for (const json::Value& f : list->array()) {
    if (f.is_string()) out.push_back(f.string());
  }
  return out;
}

bool HasFinalizer(const json::Value& o, std::string_view finalizer) {
  const json::Value* list = o.At({"metadata", "finalizers"});
  return list != nullptr && list->is_array() &&
         std::any_of(list->array().begin(), list->array().end(),
                     [&](const json::Value& f) { return f.is_string() && f.string() == finalizer; });
}

bool AddFinalizer(json::Value* o, std::string_view finalizer) {
  if (HasFinalizer(*o, finalizer)) return false;
  json::Value& list = o->Ensure({"metadata", "finalizers"});
  if (!list.is_array()) list = json::Value::MakeArray();
  list.array().emplace_back(finalizer);
  return true;
}

bool RemoveFinalizer(json::Value* o, std::string_view finalizer) {
  json::Value* list = o->At({"metadata", "finalizers"});
  if (list == nullptr || !list->is_array()) return false;
  const size_t before = list->array().size();
  std::erase_if(list->array(), [&](const json::Value& f) { return f.is_string() && f.string() == finalizer; });
  const bool removed = list->array().size() != before;
  if (removed && list->array().empty()) o->Remove({"metadata", "finalizers"});
  return removed;
}

std::string FormatTime(absl::Time t) { return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", t, absl::UTCTimeZone()); }
std::string FormatMicroTime(absl::Time t) { return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", t, absl::UTCTimeZone()); }

namespace {

// `2026-11-23T00:50:19Z`, as nearly every time stands in objects; nullopt for what needs the parser of all forms.
std::optional<absl::Time> ParseUtcSeconds(std::string_view s) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  if (s.size() != kShape.size()) return std::nullopt;
  for (size_t i = 0; i < s.size(); ++i) {
    if (kShape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != kShape[i]) return std::nullopt;
  }
  const auto number = [&](size_t at, size_t digits) {
    int n = 0;
    for (size_t i = at; i < at + digits; ++i) n = n * 10 + (s[i] - '0');
    return n;
  };
  const absl::CivilSecond civil(number(0, 4), number(5, 2), number(8, 2), number(11, 2), number(14, 2), number(17, 2));
  // What is no date or time of day (the 30th of February, a leap second) was moved to one that is.
  if (civil.month() != number(5, 2) || civil.day() != number(8, 2) || civil.hour() != number(11, 2) ||
      civil.minute() != number(14, 2) || civil.second() != number(17, 2)) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(civil - absl::CivilSecond(1970, 1, 1));
}

}  // namespace

std::optional<absl::Time> ParseTime(std::string_view s) {
  if (auto t = ParseUtcSeconds(s)) return t;
  absl::Time t;
  // Abseil is more liberal than RFC 3339: it skips spaces, takes years of any length and words such as "infinite-past".
  if (s.size() < 20 || s[4] != '-' || s[10] != 'T' || s.find(' ') != std::string_view::npos) return std::nullopt;
  if (!absl::ParseTime("%E4Y-%m-%dT%H:%M:%E*S%Ez", ToAbsl(s), &t, nullptr)) return std::nullopt;
  return t;
}

bool SetCondition(json::Value* o, std::string_view type, bool status, absl::Time now, std::string_view reason,
                  std::string_view severity, std::string_view message) {
  json::Value& list = o->Ensure({"status", "conditions"});
  if (!list.is_array()) list = json::Value::MakeArray();
  json::Array& conditions = list.array();
  auto it = std::find_if(conditions.begin(), conditions.end(),
                         [&](const json::Value& c) { return c.StringAt({"type"}) == type; });
  const bool added = it == conditions.end();
  if (added) {
    conditions.push_back(json::Object{{"type", type}});
    it = conditions.end() - 1;
  }
  const std::string_view word = status ? "True" : "False";
  json::Object& condition = it->object();
  bool changed = added;
  if (it->StringAt({"status"}) != word) {
    condition.Set("status", word);
    condition.Set("lastTransitionTime", api::FormatTime(now));
    changed = true;
  }
  changed |= SetOrErase(&condition, "reason", reason);
  changed |= SetOrErase(&condition, "severity", severity);
  changed |= SetOrErase(&condition, "message", message);
  if (added) std::stable_sort(conditions.begin(), conditions.end(), ConditionBefore);
  return changed;
}

const json::Value* FindCondition(const json::Value& o, std::string_view type) {
  const json::Value* list = o.At({"status", "conditions"});
  if (list == nullptr || !list->is_array()) return nullptr;
  for (const json::Value& c : list->array()) {
    if (c.StringAt({"type"}) == type) return &c;
  }
  return nullptr;
}

}  // namespace atoll::api
