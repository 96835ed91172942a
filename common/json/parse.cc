// Hot path: every request body passes here. simdjson does the work; each thread keeps one parser and one padded buffer.
#include "common/json/parse.h"

#include <simdjson.h>

#include <memory>

#include "common/json/go_reader.h"
#include "common/json/object_builder.h"

namespace atoll::json {
namespace {

namespace dom = simdjson::dom;

// simdjson keeps about 15 bytes a byte of the largest text it has read. A thread keeps that much for texts up to this
// size; larger ones get a parser of their own, so that one big object does not leave memory behind on every thread.
constexpr size_t kKeptBytesMax = 64 * 1024;

// False when the text is deeper than allowed.
bool Convert(dom::element from, Value* into, const PathFrame* at, int depth, const ParseOptions& options);

bool ConvertArray(dom::array from, Value* into, const PathFrame* at, int depth, const ParseOptions& options) {
  Array items;
  items.reserve(from.size());
  for (dom::element item : from) {
    const PathFrame frame{.up = at, .index = items.size(), .is_index = true};
    if (!Convert(item, &items.emplace_back(), &frame, depth, options)) return false;
  }
  *into = Value(std::move(items));
  return true;
}

bool ConvertObject(dom::object from, Value* into, const PathFrame* at, int depth, const ParseOptions& options) {
  ObjectBuilder members(at, options.duplicates);
  members.Reserve(from.size());
  for (const dom::key_value_pair member : from) {
    const PathFrame frame{.up = at, .key = member.key};
    if (!Convert(member.value, members.Member(member.key), &frame, depth, options)) return false;
  }
  *into = Value(members.Take());
  return true;
}

bool Convert(dom::element from, Value* into, const PathFrame* at, int depth, const ParseOptions& options) {
  switch (from.type()) {
    case dom::element_type::OBJECT:
      return depth < options.depth_max && ConvertObject(from.get_object().value_unsafe(), into, at, depth + 1, options);
    case dom::element_type::ARRAY:
      return depth < options.depth_max && ConvertArray(from.get_array().value_unsafe(), into, at, depth + 1, options);
    case dom::element_type::STRING:
      *into = Value(from.get_string().value_unsafe());
      return true;
    case dom::element_type::INT64:
      *into = Value(from.get_int64().value_unsafe());
      return true;
    case dom::element_type::UINT64:
      *into = Value(static_cast<double>(from.get_uint64().value_unsafe()));
      return true;
    case dom::element_type::DOUBLE:
      *into = Value(from.get_double().value_unsafe());
      return true;
    case dom::element_type::BOOL:
      *into = Value(from.get_bool().value_unsafe());
      return true;
    case dom::element_type::NULL_VALUE:
      *into = Value();
      return true;
  }
  return false;
}

// False when simdjson refuses the text.
bool FastParse(dom::parser& parser, const char* padded, size_t size, const ParseOptions& options, Value* into) {
  const simdjson::simdjson_result<dom::element> root = parser.parse(padded, size, /*realloc_if_needed=*/false);
  if (root.error() != simdjson::SUCCESS) return false;
  return Convert(root.value_unsafe(), into, nullptr, 0, options);
}

// Allocated on first use; lives as long as its thread.
struct ThreadParser {
  dom::parser parser;
  simdjson::padded_string padded{kKeptBytesMax};
};

bool FastParse(std::string_view text, const ParseOptions& options, Value* into) {
  if (text.size() > kKeptBytesMax) {
    dom::parser parser;
    const simdjson::padded_string padded(text);
    return FastParse(parser, padded.data(), text.size(), options, into);
  }
  thread_local std::unique_ptr<ThreadParser> kept;
  if (kept == nullptr) kept = std::make_unique<ThreadParser>();
  std::memcpy(kept->padded.data(), text.data(), text.size());
  std::memset(kept->padded.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  return FastParse(kept->parser, kept->padded.data(), text.size(), options, into);
}

}  // namespace

absl::StatusOr<Value> Parse(std::string_view text, const ParseOptions& options) {
  Value v;
  const bool has_byte_order_mark = text.starts_with("\xEF\xBB\xBF");  // an error in Go
  if (!text.empty() && !has_byte_order_mark && FastParse(text, options, &v)) return v;
  if (options.duplicates != nullptr) options.duplicates->clear();
  return ReadLikeGo(text, options);
}

}  // namespace atoll::json
