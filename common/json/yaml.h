// YAML to Value and back, by the rules of Kubernetes' YAML-to-JSON conversion.
//
// Plain scalars follow YAML 1.1: yes/no/on/off/y/n are booleans, 0x/0b/0o and leading zeros are integers, ~ is null;
// quoted scalars are strings; timestamps stay strings. Keys that are no strings become their text. `<<` merges.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::json {

struct YamlOptions {
  int depth_max = 512;
  size_t bytes_max = 3 * 1024 * 1024;
  // What aliases may add, in nodes and string bytes: a few nested anchors can describe gigabytes.
  size_t expanded_max = 16 * 1024 * 1024;
  // When set, receives `line 5: key "name" already set in map` for each repeated key, in document order; the last one
  // wins. At most 100.
  std::vector<std::string>* duplicates = nullptr;
};

// Reads one document; an empty one is null. Errors: InvalidArgument, `yaml: line 3: ...`; more than one document is
// refused.
absl::StatusOr<Value> ParseYaml(std::string_view text, const YamlOptions& options = {});

// As Kubernetes answers application/yaml: keys sorted, two spaces, sequences not indented, plain style where that reads
// back as a string.
std::string WriteYaml(const Value& v);

// Whether a plain scalar would be read as something else than a string. For writers.
bool YamlPlainIsString(std::string_view plain);

}  // namespace atoll::json
