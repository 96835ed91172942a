#include "shard/resources/columns.h"

#include <utility>
#include <vector>
#include "common/base/strings.h"

namespace atoll::resources {
namespace {

constexpr std::string_view kCreated = ".metadata.creationTimestamp";

std::string CustomDescription(std::string_view json_path) {
  return StrCat("Custom resource definition column (in JSONPath format): ", json_path);
}

}  // namespace

registry::Column Computed(std::string name, std::string type, Cell cell, int priority) {
  registry::Column c;
  c.name = std::move(name);
  c.type = std::move(type);
  c.cell = std::move(cell);
  c.priority = priority;
  return c;
}

registry::Column Text(std::string name, std::initializer_list<std::string_view> path, int priority) {
  std::vector<std::string> steps(path.begin(), path.end());
  auto cell = [steps](const json::Value& object) {
    const json::Value* at = &object;
    for (const auto& step : steps) {
      at = at->Find(step);
      if (at == nullptr) return json::Value("");
    }
    return json::Value(at->StringOr());
  };
  return Computed(std::move(name), "string", std::move(cell), priority);
}

registry::Column Age() {
  registry::Column c;
  c.name = "Age";
  c.json_path = kCreated;
  c.age = true;
  c.description = "Time since the object was created.";
  return c;
}

registry::Column CreatedAt() {
  registry::Column c;
  c.name = "Created At";
  c.type = "date";
  c.json_path = kCreated;
  c.description = "When the object was created.";
  return c;
}

registry::Column Path(std::string name, std::string json_path, std::string description) {
  registry::Column c;
  c.name = std::move(name);
  c.description = description.empty() ? CustomDescription(json_path) : std::move(description);
  c.json_path = std::move(json_path);
  return c;
}

registry::Column CustomAge() {
  registry::Column c = Path("Age", std::string(kCreated));
  c.type = "date";
  c.age = true;
  return c;
}

registry::Column CustomCell(std::string name, std::string json_path, Cell cell, std::string description) {
  registry::Column c = Path(std::move(name), std::move(json_path), std::move(description));
  c.json_path.clear();
  c.cell = std::move(cell);
  return c;
}

}  // namespace atoll::resources
