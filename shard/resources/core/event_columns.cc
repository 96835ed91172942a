#include "shard/resources/core/event_columns.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/base/strings.h"
#include "shard/resources/columns.h"

namespace atoll::resources {
namespace {

using json::Value;

registry::Column Seen(std::string name, Cell time, int priority) {
  registry::Column c = Computed(std::move(name), "string", std::move(time), priority);
  c.age = true;
  return c;
}

Value ObjectCell(const Value& event, std::string_view field) {
  std::string kind = absl::AsciiStrToLower(std::string(event.StringAt({field, "kind"})));
  std::string_view name = event.StringAt({field, "name"});
  return Value(name.empty() ? kind : StrCat(kind, "/", name));
}

Value SourceCell(const Value& event, const EventFields& f) {
  std::string_view component = event.StringAt({f.source, "component"}), host = event.StringAt({f.source, "host"});
  if (component.empty()) component = event.StringAt({f.controller});
  if (host.empty()) host = event.StringAt({"reportingInstance"});
  return Value(host.empty() ? std::string(component) : StrCat(component, ", ", host));
}

Value FirstSeen(const Value& event, const EventFields& f) {
  std::string_view first = event.StringAt({f.first_seen});
  return Value(first.empty() ? event.StringAt({"eventTime"}) : first);
}

Value LastSeen(const Value& event, const EventFields& f) {
  if (event.Find("series") != nullptr) return Value(event.StringAt({"series", "lastObservedTime"}));
  std::string_view last = event.StringAt({f.last_seen});
  return last.empty() ? FirstSeen(event, f) : Value(last);
}

Value Count(const Value& event, const EventFields& f) {
  if (event.Find("series") != nullptr) return Value(event.IntAt({"series", "count"}));
  return Value(std::max<int64_t>(event.IntAt({f.count}), 1));
}

}  // namespace

std::vector<registry::Column> EventColumns(EventFields f) {
  auto message = [f](const Value& e) {
    std::string text(e.StringAt({f.message}));
    absl::StripAsciiWhitespace(&text);
    return Value(std::move(text));
  };
  registry::Column name = Text("Name", {"metadata", "name"}, 1);
  name.format = "name";
  return {Seen(
              "Last Seen", [f](const Value& e) { return LastSeen(e, f); }, 0),
          Text("Type", {"type"}),
          Text("Reason", {"reason"}),
          Computed("Object", "string", [f](const Value& e) { return ObjectCell(e, f.object); }),
          Text("Subobject", {f.object, "fieldPath"}, 1),
          Computed(
              "Source", "string", [f](const Value& e) { return SourceCell(e, f); }, 1),
          Computed("Message", "string", message),
          Seen(
              "First Seen", [f](const Value& e) { return FirstSeen(e, f); }, 1),
          Computed(
              "Count", "string", [f](const Value& e) { return Count(e, f); }, 1),
          std::move(name)};
}

}  // namespace atoll::resources
