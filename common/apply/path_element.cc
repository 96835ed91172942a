#include "common/apply/path_element.h"

#include <algorithm>
#include <charconv>
#include <compare>

#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::apply {

namespace {

using json::Value;

constexpr std::string_view kOrder = "fkvi";
// Keys and values of list items are small; anything deeper was not written by a server.
constexpr int kDepthMax = 16;

int Sign(std::strong_ordering o) { return o < 0 ? -1 : o > 0 ? 1 : 0; }
int Three(std::string_view a, std::string_view b) { return Sign(a.compare(b) <=> 0); }

// Numbers before strings, then bools, lists, objects, null.
int Rank(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      return 0;
    case Value::Kind::kString:
      return 1;
    case Value::Kind::kBool:
      return 2;
    case Value::Kind::kArray:
      return 3;
    case Value::Kind::kObject:
      return 4;
    case Value::Kind::kNull:
      return 5;
  }
  return 5;
}

int CompareValues(const Value& a, const Value& b);

int CompareLists(const json::Array& a, const json::Array& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const int c = CompareValues(a[i], b[i]); c != 0) return c;
  }
  return Sign(a.size() <=> b.size());
}

// Members are sorted in both.
int CompareObjects(const json::Object& a, const json::Object& b) {
  auto x = a.begin(), y = b.begin();
  for (; x != a.end() && y != b.end(); ++x, ++y) {
    if (const int c = Three(x->first, y->first); c != 0) return c;
    if (const int c = CompareValues(x->second, y->second); c != 0) return c;
  }
  return Sign(a.size() <=> b.size());
}

int CompareValues(const Value& a, const Value& b) {
  if (Rank(a) != Rank(b)) return Rank(a) < Rank(b) ? -1 : 1;
  switch (a.kind()) {
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      if (a.is_int() && b.is_int()) return Sign(a.int_value() <=> b.int_value());
      return a.number_value() < b.number_value() ? -1 : a.number_value() > b.number_value();
    case Value::Kind::kString:
      return Three(a.string(), b.string());
    case Value::Kind::kBool:
      return static_cast<int>(a.bool_value()) - static_cast<int>(b.bool_value());
    case Value::Kind::kArray:
      return CompareLists(a.array(), b.array());
    case Value::Kind::kObject:
      return CompareObjects(a.object(), b.object());
    case Value::Kind::kNull:
      return 0;
  }
  return 0;
}

// Texts that need no parser to be compared: plain strings behind the same beginning, as in `k:{"name":"a"}` and
// `k:{"name":"b"}`. What follows the first difference must be inside one string on both sides.
bool PlainTail(std::string_view text, size_t from) {
  return text.find('\\') == std::string_view::npos && from > 0 &&
         std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(from), '"') % 2 == 1;
}

int CompareJson(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const size_t at = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  if (at < a.size() && at < b.size() && PlainTail(a, at) && PlainTail(b, at)) {
    // The shorter string ends here: a quote sorts before whatever the other one goes on with.
    if (a[at] == '"') return -1;
    if (b[at] == '"') return 1;
    return static_cast<unsigned char>(a[at]) < static_cast<unsigned char>(b[at]) ? -1 : 1;
  }
  const auto x = json::Parse(a, {.depth_max = kDepthMax}), y = json::Parse(b, {.depth_max = kDepthMax});
  if (!x.ok() || !y.ok()) return Three(a, b);
  const int c = CompareValues(*x, *y);
  return c != 0 ? c : Three(a, b);
}

absl::Status Malformed(std::string_view element) {
  return absl::InvalidArgumentError(StrCat("unrecognized path element ", api::GoQuote(element)));
}

// `{"name":"plain","other":"plain"}` with the names in order is canonical as it is; the common case is told without a
// parser.
bool IsPlainKey(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  std::string_view rest = text.substr(1, text.size() - 2), last;
  const auto string = [&](std::string_view* out) {
    if (rest.empty() || rest[0] != '"') return false;
    const size_t end = rest.find('"', 1);
    if (end == std::string_view::npos) return false;
    *out = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return std::all_of(out->begin(), out->end(),
                       [](char c) { return c >= ' ' && c < 0x7f && c != '\\' && c != '<' && c != '>' && c != '&'; });
  };
  for (;;) {
    std::string_view name, value;
    if (!string(&name) || rest.empty() || rest[0] != ':') return false;
    rest.remove_prefix(1);
    if (!string(&value) || name <= last) return false;
    last = name;
    if (rest.empty()) return true;
    if (rest[0] != ',') return false;
    rest.remove_prefix(1);
  }
}

void AppendPrintedValue(const Value& v, std::string* out) {
  if (v.is_string()) {
    out->append(api::GoQuote(v.string()));
  } else {
    json::AppendTo(out, v);
  }
}

}  // namespace

int CompareElements(std::string_view a, std::string_view b) {
  if (a[0] != b[0]) return kOrder.find(a[0]) < kOrder.find(b[0]) ? -1 : 1;
  const std::string_view x = a.substr(2), y = b.substr(2);
  switch (a[0]) {
    case 'f':
      return Three(x, y);
    case 'i':
      if (x.size() != y.size() && x[0] != '-' && y[0] != '-') return x.size() < y.size() ? -1 : 1;
      return Three(x, y);
    default:
      return CompareJson(x, y);
  }
}

absl::StatusOr<std::string> CanonicalElement(std::string_view element) {
  if (element.size() < 2 || element[1] != ':' || kOrder.find(element[0]) == std::string_view::npos)
    return Malformed(element);
  const std::string_view body = element.substr(2);
  switch (element[0]) {
    case 'f':
      return std::string(element);
    case 'i': {
      int64_t index = 0;
      const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), index);
      if (error != std::errc() || end != body.data() + body.size()) return Malformed(element);
      return StrCat("i:", index);
    }
    default:
      break;
  }
  if (element[0] == 'k' && IsPlainKey(body)) return std::string(element);
  auto value = json::Parse(body, {.depth_max = kDepthMax});
  if (!value.ok()) return value.status();
  if (element[0] == 'v') return ValueElement(*value);
  if (!value->is_object()) return Malformed(element);
  return KeyElement(std::move(value->object()));
}

std::string PrintElement(std::string_view element) {
  const std::string_view body = element.substr(2);
  switch (element[0]) {
    case 'f':
      return StrCat(".", body);
    case 'i':
      return StrCat("[", body, "]");
    default:
      break;
  }
  auto value = json::Parse(body, {.depth_max = kDepthMax});
  if (!value.ok()) return StrCat("[", body, "]");
  std::string out = "[";
  if (element[0] == 'v') {
    out += '=';
    AppendPrintedValue(*value, &out);
  } else if (value->is_object()) {
    for (const auto& [name, key] : value->object()) {
      if (out.size() > 1) out += ',';
      StrAppend(&out, name, "=");
      AppendPrintedValue(key, &out);
    }
  }
  out += ']';
  return out;
}

std::string KeyElement(json::Object keys) {
  keys.SortByKey();
  std::string out = "k:";
  json::AppendTo(&out, Value(std::move(keys)));
  return out;
}

std::string ValueElement(const Value& value) {
  std::string out = "v:";
  json::AppendTo(&out, value);
  return out;
}

}  // namespace atoll::apply
