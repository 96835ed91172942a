// cel-go's strings extension: v0 before Kubernetes 1.29, v2 since. Offsets count code points.
#include <algorithm>

#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/json/utf8.h"

namespace atoll::cel::lib {
namespace {

Value OutOfRange(CallContext& c, int64_t index) { return c.Error(StrCat("index out of range: ", index)); }

// The byte at which code point `n` begins; s.size() when it is the one behind the last; npos beyond.
size_t ByteOf(std::string_view s, int64_t n) {
  size_t at = 0;
  for (; n > 0 && at < s.size(); --n) at += static_cast<size_t>(json::DecodeRune(s, at).bytes);
  return n == 0 ? at : std::string_view::npos;
}

Value CharAt(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text();
  const int64_t index = a[1].int_value();
  const size_t at = index < 0 ? std::string_view::npos : ByteOf(s, index);
  if (at == std::string_view::npos) return OutOfRange(c, index);
  if (at == s.size()) return Value::String("");
  return Value::String(s.substr(at, static_cast<size_t>(json::DecodeRune(s, at).bytes)));
}

Value IndexOf(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text(), what = a[1].text();
  const int64_t offset = a.size() == 3 ? a[2].int_value() : 0;
  if (offset < 0) return OutOfRange(c, offset);
  if (what.empty()) return Value::Int(std::min(offset, CodePoints(s)));
  const size_t from = ByteOf(s, offset);
  if (from == std::string_view::npos) return Value::Int(-1);
  const size_t at = s.find(what, from);
  return Value::Int(at == std::string_view::npos ? -1 : CodePoints(s.substr(0, at)));
}

Value LastIndexOf(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text(), what = a[1].text();
  const int64_t size = CodePoints(s);
  int64_t offset = size - 1;
  if (a.size() == 3) {
    offset = a[2].int_value();
    if (offset < 0) return OutOfRange(c, offset);
    if (what.empty()) return Value::Int(std::min(offset, size));
    if (offset >= size) return Value::Int(-1);
  } else if (what.empty()) {
    return Value::Int(size);
  } else if (s.size() < what.size()) {
    return Value::Int(-1);
  }
  const size_t at = s.rfind(what, ByteOf(s, offset));
  return Value::Int(at == std::string_view::npos ? -1 : CodePoints(s.substr(0, at)));
}

template <bool kUpper>
Value Ascii(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text();
  char* out = c.arena().MakeArray<char>(s.size());
  if (out == nullptr) return Value::String("");
  for (size_t i = 0; i < s.size(); ++i) {
    const char low = kUpper ? 'a' : 'A', high = kUpper ? 'z' : 'Z';
    out[i] = s[i] >= low && s[i] <= high ? static_cast<char>(s[i] ^ 0x20) : s[i];
  }
  return Value::String({out, s.size()});
}

// Go's strings.Replace: an empty `from` stands before each code point and at the end; `times` below zero is all.
Value Replace(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text(), from = a[1].text(), to = a[2].text();
  int64_t times = a.size() == 4 ? a[3].int_value() : -1;
  if (from == to || times == 0) return a[0];
  std::string out;
  size_t at = 0;
  while (times != 0) {
    if (!c.Affords(out.size() / 100)) return Value::String("");  // the result's cost ends the run anyway
    if (from.empty()) {
      out += to;
      --times;
      if (at >= s.size()) break;
      const size_t bytes = static_cast<size_t>(json::DecodeRune(s, at).bytes);
      out += s.substr(at, bytes);
      at += bytes;
      continue;
    }
    const size_t found = s.find(from, at);
    if (found == std::string_view::npos) break;
    StrAppend(&out, s.substr(at, found - at), to);
    at = found + from.size();
    --times;
  }
  if (at < s.size()) out += s.substr(at);
  return c.NewString(out);
}

// Go's strings.SplitN: an empty separator splits into code points; the last part is the rest.
Value Split(CallContext& c, Arguments a) {
  std::string_view s = a[0].text();
  const std::string_view separator = a[1].text();
  int64_t parts = a.size() == 3 ? a[2].int_value() : -1;
  ListBuilder out(c.arena());
  if (parts == 0) return out.Build();
  while (parts < 0 || parts > 1) {
    if (separator.empty()) {
      if (s.empty()) return out.Build();
      const size_t bytes = static_cast<size_t>(json::DecodeRune(s, 0).bytes);
      if (bytes == s.size()) break;
      out.Add(Value::String(s.substr(0, bytes)));
      s.remove_prefix(bytes);
    } else {
      const size_t found = s.find(separator);
      if (found == std::string_view::npos) break;
      out.Add(Value::String(s.substr(0, found)));
      s.remove_prefix(found + separator.size());
    }
    --parts;
  }
  if (!separator.empty() || !s.empty()) out.Add(Value::String(s));
  return out.Build();
}

Value Substring(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text();
  const int64_t start = a[1].int_value();
  if (a.size() == 3 && start > a[2].int_value()) {
    return c.Error(StrCat("invalid substring range. start: ", start, ", end: ", a[2].int_value()));
  }
  const size_t from = start < 0 ? std::string_view::npos : ByteOf(s, start);
  if (from == std::string_view::npos) return OutOfRange(c, start);
  if (a.size() == 2) return Value::String(s.substr(from));
  const int64_t end = a[2].int_value();
  const size_t to = end < 0 ? std::string_view::npos : ByteOf(s, end);
  if (to == std::string_view::npos) return OutOfRange(c, end);
  return Value::String(s.substr(from, to - from));
}

// Unicode's White_Space.
bool IsSpace(char32_t r) {
  return (r >= 0x09 && r <= 0x0D) || r == 0x20 || r == 0x85 || r == 0xA0 || r == 0x1680 ||
         (r >= 0x2000 && r <= 0x200A) || r == 0x2028 || r == 0x2029 || r == 0x202F || r == 0x205F || r == 0x3000;
}

Value Trim(CallContext&, Arguments a) {
  const std::string_view s = a[0].text();
  size_t begin = s.size(), end = 0;
  for (size_t at = 0; at < s.size();) {
    const json::Rune rune = json::DecodeRune(s, at);
    const size_t next = at + static_cast<size_t>(rune.bytes);
    if (!IsSpace(rune.code_point)) {
      begin = std::min(begin, at);
      end = next;
    }
    at = next;
  }
  return Value::String(begin < end ? s.substr(begin, end - begin) : "");
}

Value Join(CallContext& c, Arguments a) {
  const std::string_view separator = a.size() == 2 ? a[1].text() : "";
  std::string out;
  for (int64_t i = 0; i < a[0].Size(); ++i) {
    const Value part = a[0].At(i, c.arena());
    if (part.is_error()) return part;
    if (!part.is_string()) return c.Error(StrCat("join: invalid input: ", DebugString(part, c.arena())));
    if (i > 0) out += separator;
    out += part.text();
    if (!c.Affords(out.size() / 100)) break;  // the result's cost ends the run anyway
  }
  return c.NewString(out);
}

Value Quote(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text();
  std::string out = "\"";
  for (size_t at = 0; at < s.size();) {
    const json::Rune rune = json::DecodeRune(s, at);
    at += static_cast<size_t>(rune.bytes);
    switch (rune.code_point) {
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\v':
        out += "\\v";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      default:
        json::AppendRune(&out, rune.code_point);
    }
  }
  return c.NewString(out + "\"");
}

// ---- costs ---------------------------------------------------------------------------------------------------------

// Searches in strings: half a traversal's rounding apart from it, as strings and lists share these functions.
uint64_t SearchCost(Arguments a, const Value&) {
  if (!a[0].is_string()) return 1;
  return static_cast<uint64_t>(static_cast<double>(a[0].text().size()) * kStringTraversalFactor);
}
uint64_t JoinCost(Arguments, const Value& result) { return Scaled(CostSize(result), 2 * kStringTraversalFactor); }

CallEstimate ReplaceEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.Size(a[0]), from = c.Size(a[1]), to = c.Size(a[2]);
  Range count, kept;
  if (from.min == 0) {  // an empty one may surround every character
    count.max = AddCost(size.max, 1);
    kept.max = size.max;
  } else if (to.max <= from.min) {
    kept.max = size.max;
  } else {
    count.max = static_cast<uint64_t>(
        std::min(std::ceil(static_cast<double>(size.max) / static_cast<double>(from.min)), 18446744073709549568.0));
  }
  if (from.max == 0) {
    count.min = AddCost(size.min, 1);
    kept.min = size.min;
  } else if (from.max <= to.min) {
    kept.min = size.min;
  } else {
    count.min = static_cast<uint64_t>(std::ceil(static_cast<double>(size.min) / static_cast<double>(from.max)));
  }
  return {.cost = size * (2 * kStringTraversalFactor), .size = count * to + kept};
}

CallEstimate SplitEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.Size(a[0]);
  uint64_t parts = size.max;
  if (a.size() == 3 && a[2].literal != nullptr && a[2].literal->is_int()) {
    parts = static_cast<uint64_t>(a[2].literal->int_value());
  }
  return {.cost = size * (2 * kStringTraversalFactor), .size = Range{0, parts}};
}

CallEstimate JoinEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range list = c.Size(a[0]);
  Range size;
  if (!a[0].type->parameters().empty()) size = list * c.ElementSize(a[0]);
  if (a.size() == 2) {
    size = size + c.Size(a[1]) * Range{list.min > 0 ? list.min - 1 : 0, list.max > 0 ? list.max - 1 : 0};
  }
  return {.cost = size * kStringTraversalFactor, .size = size};
}

// What is unbounded wraps around, as in cel-go: the estimate must be the same.
CallEstimate QuoteEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.KnownSize(a[0]);
  return {.cost = size * kStringTraversalFactor, .size = Range{size.min + 2, size.max * 2 + 2}};
}

constexpr OverloadRow kRows[] = {
    {"charAt", "string_char_at_int", Style::kMember, "string,int", "string", &CharAt},
    {"indexOf", "string_index_of_string", Style::kMember, "string,string", "int", &IndexOf, &SearchCost,
     &TraversalEstimate<0>},
    {"indexOf", "string_index_of_string_int", Style::kMember, "string,string,int", "int", &IndexOf, &SearchCost,
     &TraversalEstimate<0>},
    {"lastIndexOf", "string_last_index_of_string", Style::kMember, "string,string", "int", &LastIndexOf, &SearchCost,
     &TraversalEstimate<0>},
    {"lastIndexOf", "string_last_index_of_string_int", Style::kMember, "string,string,int", "int", &LastIndexOf,
     &SearchCost, &TraversalEstimate<0>},
    {"lowerAscii", "string_lower_ascii", Style::kMember, "string", "string", &Ascii<false>, &TraversalCost<0>,
     &SameSizeEstimate<0>},
    {"upperAscii", "string_upper_ascii", Style::kMember, "string", "string", &Ascii<true>, &TraversalCost<0>,
     &SameSizeEstimate<0>},
    {"replace", "string_replace_string_string", Style::kMember, "string,string,string", "string", &Replace,
     &TraversalCost<0, 2>, &ReplaceEstimate},
    {"replace", "string_replace_string_string_int", Style::kMember, "string,string,string,int", "string", &Replace,
     &TraversalCost<0, 2>, &ReplaceEstimate},
    {"split", "string_split_string", Style::kMember, "string,string", "list(string)", &Split, &TraversalCost<0, 2>,
     &SplitEstimate},
    {"split", "string_split_string_int", Style::kMember, "string,string,int", "list(string)", &Split,
     &TraversalCost<0, 2>, &SplitEstimate},
    {"substring", "string_substring_int", Style::kMember, "string,int", "string", &Substring, &TraversalCost<0>,
     &SameSizeEstimate<0>},
    {"substring", "string_substring_int_int", Style::kMember, "string,int,int", "string", &Substring, &TraversalCost<0>,
     &SameSizeEstimate<0>},
    {"trim", "string_trim", Style::kMember, "string", "string", &Trim, &TraversalCost<0>, &SameSizeEstimate<0>},
    {"join", "list_join", Style::kMember, "list(string)", "string", &Join, &JoinCost, &JoinEstimate},
    {"join", "list_join_string", Style::kMember, "list(string),string", "string", &Join, &JoinCost, &JoinEstimate},
};

constexpr OverloadRow kSince29[] = {
    {"strings.quote", "strings_quote", Style::kGlobal, "string", "string", &Quote, &TraversalCost<0>, &QuoteEstimate},
};

}  // namespace

Library Strings() { return {.name = "strings", .rows = kRows}; }
Library StringsQuote() { return {.name = "strings v1", .introduced = 29, .rows = kSince29, .costs_by_overload = true}; }

}  // namespace atoll::cel::lib
