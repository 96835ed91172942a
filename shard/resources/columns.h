// Columns of tables (spec/api-machinery.md section 6). The printer puts Name in front; everything else, Age included,
// is listed here.
#pragma once

#include <functional>
#include <string>

#include "shard/registry/definition.h"

namespace atoll::resources {

using Cell = std::function<json::Value(const json::Value& object)>;

// A computed cell of a compiled-in type.
registry::Column Computed(std::string name, std::string type, Cell cell, int priority = 0);
// The string at a path; "" when it is missing, as compiled-in types print it.
registry::Column Text(std::string name, std::initializer_list<std::string_view> path, int priority = 0);
// Age of a compiled-in type; type string, as Kubernetes says.
registry::Column Age();
// RFC 3339 text under a date column: what types without a printer of their own show.
registry::Column CreatedAt();

// Of resources that the reference serves from a CustomResourceDefinition: a simple path, an age, or a cell with the
// path it stands for.
registry::Column Path(std::string name, std::string json_path, std::string description = "");
registry::Column CustomAge();
registry::Column CustomCell(std::string name, std::string json_path, Cell cell, std::string description = "");

}  // namespace atoll::resources
