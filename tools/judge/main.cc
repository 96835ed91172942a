// atoll-judge: one question a line, one answer a line (README.md).
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "common/apply/update.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/patch.h"
#include "common/json/write.h"
#include "common/schema/load.h"
#include "shard/registry/definition.h"
#include "shard/registry/strategic_merge.h"
#include "shard/registry/strategy.h"
#include "tools/judge/cel.h"

namespace atoll {
namespace {

using json::Value;

Value Error(const absl::Status& status) { return Value(json::Object{{"error", std::string(ToStd(status.message()))}}); }
Value Result(Value v) { return Value(json::Object{{"result", std::move(v)}}); }

absl::StatusOr<schema::SchemaPtr> SchemaOf(const Value& question) {
  const Value* schema = question.Find("schema");
  if (schema == nullptr) return absl::InvalidArgumentError("no schema");
  return schema::LoadSchema(*schema);
}

Value JsonPatch(const Value& patch, Value document) {
  const absl::Status s = json::ApplyJsonPatch(patch, &document);
  return s.ok() ? Result(std::move(document)) : Error(s);
}

Value MergePatch(const Value& patch, Value document) {
  json::ApplyMergePatch(patch, &document);
  return Result(std::move(document));
}

Value Strategic(const Value& question, const Value& patch, Value document) {
  auto schema = SchemaOf(question);
  if (!schema.ok()) return Error(schema.status());
  registry::ResourceDefinition d;
  d.schema = *schema;
  d.strategy = std::make_shared<registry::Strategy>();
  const absl::Status s = registry::ApplyStrategicMergePatch(d, patch, &document);
  return s.ok() ? Result(std::move(document)) : Error(s);
}

Value Owners(const apply::Managers& managers) {
  Value out = Value::MakeObject();
  for (const apply::Manager& m : managers) {
    out.object().Set(StrCat(m.operation == apply::Operation::kApply ? "Apply " : "Update ", m.name),
                     m.fields.ToFieldsV1());
  }
  return out;
}

Value Story(const Value& question) {
  auto schema = SchemaOf(question);
  if (!schema.ok()) return Error(schema.status());
  json::Array answers;
  Value object = Value::MakeObject();
  apply::Managers managers;
  const Value* steps = question.Find("steps");
  if (steps == nullptr || !steps->is_array()) return Error(absl::InvalidArgumentError("no steps"));
  for (const Value& step : steps->array()) {
    apply::Write write;
    write.type = apply::TypeView(schema->get());
    write.manager = step.StringAt({"by"});
    write.api_version = "v1";
    if (const Value* after = step.Find("update"); after != nullptr) {
      apply::RecordUpdate(write, object, *after, &managers);
      object = *after;
    } else if (const Value* config = step.Find("apply"); config != nullptr) {
      if (absl::Status s = apply::Validate(write.type, *config, apply::Duplicates::kRefused); !s.ok()) {
        answers.push_back(Error(s));
        continue;
      }
      const apply::Applied applied = apply::ApplyConfig(write, *config, step.BoolAt({"force"}), &object, &managers);
      if (!applied.conflicts.empty()) {
        answers.push_back(Value(json::Object{{"conflicts", Owners(applied.conflicts)}}));
        continue;
      }
    }
    answers.push_back(Value(json::Object{{"object", object}, {"owners", Owners(managers)}}));
  }
  return Value(json::Object{{"steps", Value(std::move(answers))}});
}

Value Answer(const Value& question) {
  const std::string_view what = question.StringAt({"do"});
  if (what == "story") return Story(question);
  if (what == "cel") return judge::AnswerCel(question);
  const Value *patch = question.Find("patch"), *document = question.Find("document");
  if (patch == nullptr || document == nullptr) return Error(absl::InvalidArgumentError("no patch or document"));
  if (what == "json") return JsonPatch(*patch, *document);
  if (what == "merge") return MergePatch(*patch, *document);
  if (what == "strategic") return Strategic(question, *patch, *document);
  return Error(absl::InvalidArgumentError("unknown question"));
}

int Main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto question = json::Parse(line);
    std::cout << json::Write(question.ok() ? Answer(*question) : Error(question.status())) << '\n' << std::flush;
  }
  return 0;
}

}  // namespace
}  // namespace atoll

int main() { return atoll::Main(); }
