// Applied configurations: the input is a live object, a configuration and another one, parted by newlines. Whatever
// they are, what was applied twice changes nothing the third time (the first may prune what the second sets: nulls and
// empty lists are owned as nothing), and ownership can be written and read.
#include <cstdint>

#include "common/apply/update.h"
#include "common/base/check.h"
#include "common/json/parse.h"
#include "common/schema/load.h"

namespace {

using namespace atoll;         // NOLINT
using namespace atoll::apply;  // NOLINT

const TypeView& Type() {
  static const auto& schema = *new schema::SchemaPtr(*schema::LoadSchema(*json::Parse(R"({"type":"object","properties":{
    "data":{"type":"object","additionalProperties":{"type":"string"}},
    "spec":{"type":"object","properties":{"n":{"type":"integer"},"list":{"type":"array","items":{"type":"string"}},
      "ref":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"name":{"type":"string"}}}}},
    "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
    "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
      "items":{"type":"object","properties":{"port":{"type":"integer"},"name":{"type":"string"},
        "protocol":{"type":"string","default":"TCP"}}}},
    "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}})")));
  static const TypeView& type = *new TypeView(schema.get());
  return type;
}

Write By(std::string_view manager) {
  Write write;
  write.type = Type();
  write.manager = manager;
  write.api_version = "v1";
  write.now = "2026-01-01T00:00:00Z";
  return write;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<json::Value> objects;
  while (objects.size() < 3 && !input.empty()) {
    const size_t end = std::min(input.find('\n'), input.size());
    auto value = json::Parse(input.substr(0, end));
    if (!value.ok() || !value->is_object()) return 0;
    objects.push_back(*std::move(value));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  if (objects.size() < 3 || !Validate(Type(), objects[0], Duplicates::kAllowed).ok()) return 0;
  Managers managers;
  json::Value object = json::Value::MakeObject();
  RecordUpdate(By("first"), object, objects[0], &managers);
  object = objects[0];
  for (size_t i = 1; i < objects.size(); ++i) {
    if (!Validate(Type(), objects[i], Duplicates::kRefused).ok()) return 0;
    const Applied applied = ApplyConfig(By("applier"), objects[i], /*force=*/true, &object, &managers);
    CHECK(applied.conflicts.empty());
    CHECK(ApplyConfig(By("applier"), objects[i], /*force=*/false, &object, &managers).conflicts.empty());
    const json::Value twice = object;
    CHECK(!ApplyConfig(By("applier"), objects[i], /*force=*/false, &object, &managers).changed);
    CHECK(object == twice);
    if (!managers.empty()) {
      const json::Value printed = PrintManagers(managers);
      CHECK_OK(ParseManagers(&printed));
    }
  }
  return 0;
}
