// Reading: libyaml's events, composed into Values.
#include "common/json/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/go_quote.h"
#include "common/json/object_builder.h"
#include "common/json/write.h"
#include "common/json/yaml_scalar.h"

namespace atoll::json {
namespace {

absl::Status Fail(std::string message) { return absl::InvalidArgumentError(StrCat("yaml: ", message)); }

std::string_view View(const yaml_char_t* s, size_t size) { return {reinterpret_cast<const char*>(s), size}; }
std::string Text(const yaml_char_t* s) { return s == nullptr ? "" : reinterpret_cast<const char*>(s); }

// Nodes and string bytes below and including `v`.
size_t CostOf(const Value& v, int* depth) {
  size_t cost = 1;
  int below = 0, deepest = 0;
  if (v.is_string()) {
    cost += v.string().size();
  } else if (v.is_array()) {
    for (const Value& item : v.array()) {
      cost += CostOf(item, &below);
      deepest = std::max(deepest, below);
    }
  } else if (v.is_object()) {
    for (const auto& [key, member] : v.object()) {
      cost += key.size() + CostOf(member, &below);
      deepest = std::max(deepest, below);
    }
  }
  *depth = v.is_array() || v.is_object() ? deepest + 1 : 0;
  return cost;
}

class Reader {
 public:
  Reader(std::string_view text, const YamlOptions& options) : options_(options) {
    if (yaml_parser_initialize(&parser_) == 0) return;
    ready_ = true;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Reader() {
    DropEvent();
    if (ready_) yaml_parser_delete(&parser_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  absl::StatusOr<Value> Read() {
    if (!ready_) return absl::ResourceExhaustedError("yaml: out of memory");
    Value v;
    RETURN_IF_ERROR(Next());  // stream start
    RETURN_IF_ERROR(Next());
    if (event_.type == YAML_STREAM_END_EVENT) return v;
    RETURN_IF_ERROR(Next());  // after document start
    RETURN_IF_ERROR(ReadNode(&v, 0));
    RETURN_IF_ERROR(Next());  // document end
    RETURN_IF_ERROR(Next());
    if (event_.type != YAML_STREAM_END_EVENT) return Fail("only one document is allowed");
    return v;
  }

 private:
  struct Anchor {
    Value value;
    size_t cost = 0;
    int depth = 0;
  };

  void DropEvent() {
    if (has_event_) yaml_event_delete(&event_);
    has_event_ = false;
  }

  absl::Status Next() {
    DropEvent();
    if (yaml_parser_parse(&parser_, &event_) == 0) return Fail(Problem());
    has_event_ = true;
    return absl::OkStatus();
  }

  // `line 3: did not find expected key`; lines count from one for what the scanner finds, from zero for the rest, as in
  // the reference.
  std::string Problem() const {
    size_t line = parser_.problem_mark.line != 0 ? parser_.problem_mark.line : parser_.context_mark.line;
    if (line != 0 && parser_.error == YAML_SCANNER_ERROR) ++line;
    const std::string what = parser_.problem == nullptr ? "unknown problem parsing YAML content" : parser_.problem;
    return line == 0 ? what : StrCat("line ", line, ": ", what);
  }

  // Reads the node whose first event is at hand; leaves its last event at hand.
  absl::Status ReadNode(Value* out, int depth) {
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        return ReadScalar(out);
      case YAML_ALIAS_EVENT:
        return ReadAlias(out, depth);
      case YAML_SEQUENCE_START_EVENT:
        return ReadSequence(out, depth + 1);
      case YAML_MAPPING_START_EVENT:
        return ReadMapping(out, depth + 1);
      default:
        return Fail("unexpected event");
    }
  }

  void Remember(const std::string& anchor, const Value& v) {
    if (anchor.empty()) return;
    Anchor a;
    a.value = v;
    a.cost = CostOf(v, &a.depth);
    anchors_[anchor] = std::move(a);
  }

  // Copies of anchored values count as what aliases add, because each anchor keeps one.
  absl::Status Charge(size_t cost) {
    expanded_ += cost;
    if (expanded_ > options_.expanded_max) return Fail("document contains excessive aliasing");
    return absl::OkStatus();
  }

  absl::Status ReadScalar(Value* out) {
    const auto& scalar = event_.data.scalar;
    const std::string_view text = View(scalar.value, scalar.length);
    const std::string tag = Text(scalar.tag), anchor = Text(scalar.anchor);
    const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.quoted_implicit == 0;
    const bool tagged_as_other =
        tag == YAML_INT_TAG || tag == YAML_FLOAT_TAG || tag == YAML_BOOL_TAG || tag == YAML_NULL_TAG;
    if (tag.empty() ? plain || scalar.plain_implicit != 0 : tagged_as_other) {
      if (IsNotFinite(text)) return absl::InvalidArgumentError(StrCat("json: unsupported value: ", text));
      *out = ResolvePlainScalar(text);
    } else if (tag == "tag:yaml.org,2002:binary") {
      std::string bytes;
      if (!absl::Base64Unescape(ToAbsl(text), &bytes)) return Fail("!!binary value contains invalid base64 data");
      *out = Value(std::move(bytes));
    } else {
      *out = Value(text);
    }
    if (!anchor.empty()) RETURN_IF_ERROR(Charge(1 + text.size()));
    Remember(anchor, *out);
    return absl::OkStatus();
  }

  absl::Status ReadAlias(Value* out, int depth) {
    const std::string name = Text(event_.data.alias.anchor);
    const auto it = anchors_.find(name);
    if (it == anchors_.end()) {
      const bool open = std::find(open_.begin(), open_.end(), name) != open_.end();
      return Fail(open ? StrCat("anchor '", name, "' value contains itself")
                       : StrCat("unknown anchor '", name, "' referenced"));
    }
    if (depth + it->second.depth > options_.depth_max) return Fail("exceeded max depth");
    RETURN_IF_ERROR(Charge(it->second.cost));
    *out = it->second.value;
    return absl::OkStatus();
  }

  absl::Status Open(const std::string& anchor, int depth) {
    if (depth > options_.depth_max) return Fail("exceeded max depth");
    if (anchor.empty()) return absl::OkStatus();
    anchors_.erase(anchor);
    open_.push_back(anchor);
    return absl::OkStatus();
  }

  absl::Status Close(const std::string& anchor, const Value& v) {
    if (anchor.empty()) return absl::OkStatus();
    open_.pop_back();
    int depth = 0;
    RETURN_IF_ERROR(Charge(CostOf(v, &depth)));
    Remember(anchor, v);
    return absl::OkStatus();
  }

  absl::Status ReadSequence(Value* out, int depth) {
    const std::string anchor = Text(event_.data.sequence_start.anchor);
    RETURN_IF_ERROR(Open(anchor, depth));
    Array items;
    while (true) {
      RETURN_IF_ERROR(Next());
      if (event_.type == YAML_SEQUENCE_END_EVENT) break;
      Value item;
      RETURN_IF_ERROR(ReadNode(&item, depth));
      items.push_back(std::move(item));
    }
    *out = Value(std::move(items));
    return Close(anchor, *out);
  }

  // Keys seen, to report repetitions with their line.
  void NoteKey(const std::string& key, size_t line, absl::flat_hash_map<std::string, bool>* seen) {
    if (seen->emplace(key, true).second || options_.duplicates == nullptr) return;
    if (options_.duplicates->size() >= ObjectBuilder::kReportedMax) return;
    options_.duplicates->push_back(StrCat("line ", line, ": key ", GoQuote(key), " already set in map"));
  }

  absl::StatusOr<std::string> KeyText(const Value& key) {
    switch (key.kind()) {
      case Value::Kind::kString:
        return key.string();
      case Value::Kind::kBool:
      case Value::Kind::kInt:
      case Value::Kind::kDouble:
        return Write(key);
      default:
        return Fail(StrCat("unsupported map key: ", Write(key)));
    }
  }

  absl::Status ReadMapping(Value* out, int depth) {
    const std::string anchor = Text(event_.data.mapping_start.anchor);
    RETURN_IF_ERROR(Open(anchor, depth));
    ObjectBuilder members(nullptr, nullptr);
    absl::flat_hash_map<std::string, bool> seen;
    std::vector<Value> merged;
    while (true) {
      RETURN_IF_ERROR(Next());
      if (event_.type == YAML_MAPPING_END_EVENT) break;
      const size_t line = event_.start_mark.line + 1;
      const bool merge = event_.type == YAML_SCALAR_EVENT && event_.data.scalar.plain_implicit != 0 &&
                         View(event_.data.scalar.value, event_.data.scalar.length) == "<<";
      Value key_value;
      RETURN_IF_ERROR(ReadNode(&key_value, depth));
      ASSIGN_OR_RETURN(const std::string key, KeyText(key_value));
      RETURN_IF_ERROR(Next());
      Value value;
      RETURN_IF_ERROR(ReadNode(&value, depth));
      if (merge) {
        RETURN_IF_ERROR(CollectMerged(std::move(value), &merged));
        continue;
      }
      NoteKey(key, line, &seen);
      *members.Member(key) = std::move(value);
    }
    // What the mapping says itself wins over what it merges, and earlier merged mappings over later ones.
    for (const Value& m : merged) {
      for (const auto& [key, value] : m.object()) {
        if (seen.emplace(key, true).second) *members.Member(key) = value;
      }
    }
    *out = Value(members.Take());
    return Close(anchor, *out);
  }

  static absl::Status CollectMerged(Value from, std::vector<Value>* merged) {
    const absl::Status wrong = Fail("map merge requires map or sequence of maps as the value");
    if (from.is_object()) {
      merged->push_back(std::move(from));
      return absl::OkStatus();
    }
    if (!from.is_array()) return wrong;
    for (Value& item : from.array()) {
      if (!item.is_object()) return wrong;
      merged->push_back(std::move(item));
    }
    return absl::OkStatus();
  }

  const YamlOptions& options_;
  yaml_parser_t parser_;
  yaml_event_t event_;
  bool ready_ = false, has_event_ = false;
  absl::flat_hash_map<std::string, Anchor> anchors_;
  std::vector<std::string> open_;  // anchors of the collections being read
  size_t expanded_ = 0;
};

}  // namespace

absl::StatusOr<Value> ParseYaml(std::string_view text, const YamlOptions& options) {
  if (text.size() > options.bytes_max) return Fail(StrCat("document is larger than ", options.bytes_max, " bytes"));
  return Reader(text, options).Read();
}

}  // namespace atoll::json
