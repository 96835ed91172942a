// Custom resources: the input is a schema, an object and what it replaces, parted by newlines. A schema that is
// accepted must compile, and whatever the object is, reading and judging it ends.
#include <cstdint>

#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/rules/compile.h"
#include "common/schema/load.h"
#include "shard/registry/embedded.h"
#include "shard/resources/apiextensions/customresourcedefinition/schema_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atoll;  // NOLINT
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t first = input.find('\n');
  if (first == std::string_view::npos) return 0;
  const size_t second = input.find('\n', first + 1);
  const auto schema = json::Parse(input.substr(0, first));
  const auto object =
      json::Parse(input.substr(first + 1, second == std::string_view::npos ? second : second - first - 1));
  if (!schema.ok() || !object.ok() || !schema->is_object() || !object->is_object()) return 0;
  if (!resources::CheckSchema(*schema, "schema", /*has_status=*/true).empty()) return 0;
  api::FieldErrors errors;
  const rules::RuleSetPtr rules = rules::Compile(*schema, "schema", rules::Costs::kChecked, &errors);
  const auto loaded = schema::LoadSchema(*schema);
  CHECK_OK(loaded);
  json::Value read = *object;
  (void)schema::UnknownFields(**loaded, read);
  schema::Prune(**loaded, &read);
  CHECK(schema::UnknownFields(**loaded, read).empty());
  schema::DropNulls(**loaded, &read);
  schema::ApplyDefaults(**loaded, &read);
  // What was read once reads as itself.
  json::Value again = read;
  schema::Prune(**loaded, &again);
  schema::DropNulls(**loaded, &again);
  schema::ApplyDefaults(**loaded, &again);
  CHECK(again == read);
  errors = schema::Validate(**loaded, read);
  CHECK(schema::ValidateUpdate(**loaded, read, read).empty());
  (void)registry::ValidateEmbedded(**loaded, read);
  if (rules == nullptr) return 0;
  const auto old = second == std::string_view::npos ? absl::StatusOr<json::Value>(json::Value())
                                                    : json::Parse(input.substr(second + 1));
  std::vector<std::string> warnings;
  rules->Judge(read, old.ok() && old->is_object() ? &*old : nullptr, &errors, &warnings);
  return 0;
}
