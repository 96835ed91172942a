#include "tools/judge/cel.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/strings.h"
#include "common/cel/function.h"
#include "common/cel/program.h"
#include "common/cel/time.h"
#include "common/json/write.h"

namespace atoll::judge {
namespace {

using json::Array;

json::Value Tagged(const cel::Value& v, cel::Arena& arena) {
  const auto text = [](std::string_view tag, std::string s) {
    return json::Value(Array{json::Value(tag), json::Value(std::move(s))});
  };
  switch (v.kind()) {
    case cel::Value::Kind::kNull:
      return json::Value(Array{json::Value("null")});
    case cel::Value::Kind::kBool:
      return json::Value(Array{json::Value("bool"), json::Value(v.bool_value())});
    case cel::Value::Kind::kInt:
      return text("int", StrCat(v.int_value()));
    case cel::Value::Kind::kUint:
      return text("uint", StrCat(v.uint_value()));
    case cel::Value::Kind::kDouble: {
      const double d = v.double_value();
      return text("double", d == 0 && std::signbit(d) ? "-0" : cel::FormatDouble(d));
    }
    case cel::Value::Kind::kString:
      return text("string", std::string(v.text()));
    case cel::Value::Kind::kBytes:
      return text("bytes", absl::Base64Escape(ToAbsl(v.text())));
    case cel::Value::Kind::kDuration:
      return text("duration", StrCat(v.nanoseconds()));
    case cel::Value::Kind::kTimestamp:
      return text("timestamp", cel::FormatTimestamp({v.seconds(), v.fraction()}));
    case cel::Value::Kind::kType:
      return text("type", v.type_value()->TypeName());
    case cel::Value::Kind::kOpaque:
      return text("opaque", v.opaque().type()->TypeName());
    case cel::Value::Kind::kOptional: {
      Array out{json::Value("optional")};
      if (v.has_value()) out.push_back(Tagged(v.boxed(), arena));
      return json::Value(std::move(out));
    }
    case cel::Value::Kind::kList: {
      Array items;
      for (int64_t i = 0; i < v.Size(); ++i) items.push_back(Tagged(v.At(i, arena), arena));
      return json::Value(Array{json::Value("list"), json::Value(std::move(items))});
    }
    case cel::Value::Kind::kMap: {
      std::vector<std::pair<std::string, json::Value>> entries;
      for (int64_t i = 0; i < v.Size(); ++i) {
        json::Value key = Tagged(v.KeyAt(i), arena);
        std::string order = json::Write(key);
        entries.emplace_back(std::move(order), json::Value(Array{std::move(key), Tagged(v.ValueAt(i, arena), arena)}));
      }
      std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      Array out;
      for (auto& [order, entry] : entries) out.push_back(std::move(entry));
      return json::Value(Array{json::Value("map"), json::Value(std::move(out))});
    }
    default:
      return text("error", std::string(v.text()));
  }
}

}  // namespace

json::Value AnswerCel(const json::Value& question) {
  cel::EnvironmentOptions options;
  auto pool = std::make_shared<cel::TypePool>();
  static const json::Value kNone = json::Value::MakeArray();
  const json::Value* variables = question.Find("variables");
  if (variables == nullptr || !variables->is_array()) variables = &kNone;
  for (const json::Value& v : variables->array()) {
    options.variables.push_back(
        {std::string(v.StringAt({"name"})), cel::ParseSignatureType(v.StringAt({"type"}), pool.get())});
  }
  options.pool = pool;
  const cel::EnvironmentPtr environment = cel::Environment::Make(options);
  const cel::Compiled compiled = environment->Compile(question.StringAt({"expression"}));
  if (!compiled.ok()) return json::Value(json::Object{{"issues", compiled.error}});

  cel::Evaluation evaluation;
  std::vector<cel::Value> slots;
  for (size_t i = 0; i < options.variables.size(); ++i) {
    const json::Value* value = variables->array()[i].Find("value");
    slots.push_back(value == nullptr ? cel::Value()
                                     : cel::Value::Json(*value, options.variables[i].type, evaluation.arena()));
  }
  const cel::Value result = compiled.program->Evaluate(slots, {}, &evaluation);
  const cel::Range estimate = compiled.program->EstimateCost();
  json::Value out(json::Object{
      {"type", compiled.program->type().ToString()},
      {"estimate", json::Value(Array{json::Value(StrCat(estimate.min)), json::Value(StrCat(estimate.max))})},
      {"cost", static_cast<int64_t>(evaluation.cost())}});
  if (result.is_error()) {
    out.object().Set("error", std::string(result.text()));
  } else {
    out.object().Set("value", Tagged(result, evaluation.arena()));
  }
  return out;
}

}  // namespace atoll::judge
