#include "common/cel/lib/format_string.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/cel/time.h"
#include "common/json/go_quote.h"

namespace atoll::cel::lib {
namespace {

constexpr int kPrecisionMax = 1000;  // beyond it digits are not information
constexpr int kDefaultPrecision = 6;

std::string Digits(uint64_t v, uint64_t base, bool upper) {
  if (v == 0) return "0";
  std::string out;
  for (; v > 0; v /= base) out += (upper ? "0123456789ABCDEF" : "0123456789abcdef")[v % base];
  std::reverse(out.begin(), out.end());
  return out;
}
std::string Number(const Value& v, uint64_t base, bool upper) {
  if (v.is_uint()) return Digits(v.uint_value(), base, upper);
  const int64_t i = v.int_value();
  return i < 0 ? "-" + Digits(0 - static_cast<uint64_t>(i), base, upper)
               : Digits(static_cast<uint64_t>(i), base, upper);
}

// Thousands are set apart by commas.
std::string Grouped(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t at = point; at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Infinite(double d) { return std::isnan(d) ? "NaN" : d > 0 ? "\xE2\x88\x9E" : "-\xE2\x88\x9E"; }

std::string Fixed(double d, int precision) {
  if (!std::isfinite(d)) return Infinite(d);
  if (d == 0) d = 0;  // without a sign
  std::vector<char> buffer(static_cast<size_t>(precision) + 350);
  const int n = std::snprintf(buffer.data(), buffer.size(), "%.*f", precision, d);
  return Grouped(std::string(buffer.data(), static_cast<size_t>(n)));
}

// Six digits; what a clause gives as its precision is, as in cel-go, the least width. `1.052033 × 10⁰³`
std::string Scientific(double d, int width) {
  std::string out;
  if (std::isfinite(d)) {
    char buffer[32];
    const int n = std::snprintf(buffer, sizeof buffer, "%.*e", kDefaultPrecision, d);
    const std::string_view text(buffer, static_cast<size_t>(n));
    const size_t e = text.find('e');
    static constexpr std::string_view kRaised[] = {"\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",
                                                   "\xE2\x81\xB4", "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7",
                                                   "\xE2\x81\xB8", "\xE2\x81\xB9"};
    out = StrCat(text.substr(0, e), "\xC3\x97", "10");
    for (const char c : text.substr(e + 1)) {
      if (c == '-') out += "\xE2\x81\xBB";
      if (c >= '0' && c <= '9') out += kRaised[c - '0'];
    }
  } else {
    out = Infinite(d);
  }
  const int64_t missing = width - CodePoints(out);
  if (missing > 0) out.insert(0, static_cast<size_t>(missing), ' ');
  return out;
}

std::string Hex(std::string_view bytes, bool upper) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += (upper ? "0123456789ABCDEF" : "0123456789abcdef")[byte >> 4];
    out += (upper ? "0123456789ABCDEF" : "0123456789abcdef")[byte & 15];
  }
  return out;
}

// A value as %s has it; within lists and maps strings are quoted, doubles fixed, times named. What is wrong, or "".
std::string AppendString(CallContext& c, const Value& v, bool within, std::string* out) {
  if (out->size() > 1'000'000 && !c.Affords(out->size())) return "";
  switch (v.kind()) {
    case Value::Kind::kNull:
      *out += "null";
      return "";
    case Value::Kind::kBool:
      *out += v.bool_value() ? "true" : "false";
      return "";
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      *out += Number(v, 10, false);
      return "";
    case Value::Kind::kDouble:
      if (within && std::isfinite(v.double_value())) {
        char buffer[400];
        std::snprintf(buffer, sizeof buffer, "%.6f", v.double_value());
        *out += buffer;
      } else {
        const std::string text = FormatDouble(v.double_value());
        *out += within ? json::GoQuote(text) : text;
      }
      return "";
    case Value::Kind::kString:
      *out += within ? json::GoQuote(v.text()) : std::string(v.text());
      return "";
    case Value::Kind::kBytes:
      *out += within ? "b" + json::GoQuote(v.text()) : std::string(v.text());
      return "";
    case Value::Kind::kDuration: {
      const std::string text = FormatSeconds(v.nanoseconds());
      *out += within ? StrCat("duration(\"", text, "\")") : text;
      return "";
    }
    case Value::Kind::kTimestamp: {
      const std::string text = FormatTimestamp({v.seconds(), v.fraction()});
      *out += within ? StrCat("timestamp(\"", text, "\")") : text;
      return "";
    }
    case Value::Kind::kType:
      *out += v.type_value()->TypeName();
      return "";
    case Value::Kind::kList: {
      *out += '[';
      for (int64_t i = 0; i < v.Size(); ++i) {
        if (i > 0) *out += ", ";
        if (std::string wrong = AppendString(c, v.At(i, c.arena()), true, out); !wrong.empty()) return wrong;
      }
      *out += ']';
      return "";
    }
    case Value::Kind::kMap: {
      std::vector<std::pair<std::string, std::string>> entries;
      for (int64_t i = 0; i < v.Size(); ++i) {
        auto& [key, value] = entries.emplace_back();
        std::string wrong = AppendString(c, v.KeyAt(i), true, &key);
        if (wrong.empty()) wrong = AppendString(c, v.ValueAt(i, c.arena()), true, &value);
        if (!wrong.empty()) return wrong;
      }
      std::sort(entries.begin(), entries.end());
      *out += '{';
      for (size_t i = 0; i < entries.size(); ++i) {
        StrAppend(out, i > 0 ? ", " : "", entries[i].first, ":", entries[i].second);
      }
      *out += '}';
      return "";
    }
    default:
      return within ? StrCat("no formatting function for ", v.RuntimeType()->TypeName())
                    : WrongFormatType('s', v.RuntimeType()->TypeName());
  }
}

std::string AppendClause(CallContext& c, const FormatClause& clause, const Value& v, std::string* out) {
  const auto wrong = [&] { return WrongFormatType(clause.verb, v.RuntimeType()->TypeName()); };
  const bool whole = v.is_int() || v.is_uint();
  switch (clause.verb) {
    case 's':
      return AppendString(c, v, /*within=*/false, out);
    case 'd':
      if (!whole) return wrong();
      *out += Number(v, 10, false);
      return "";
    case 'b':
      if (!whole && !v.is_bool()) return wrong();
      *out += v.is_bool() ? std::string(v.bool_value() ? "1" : "0") : Number(v, 2, false);
      return "";
    case 'o':
      if (!whole) return wrong();
      *out += Number(v, 8, false);
      return "";
    case 'x':
    case 'X':
      if (!whole && !v.is_string() && !v.is_bytes()) return wrong();
      *out += whole ? Number(v, 16, clause.verb == 'X') : Hex(v.text(), clause.verb == 'X');
      return "";
    default: {
      double d;
      if (v.is_double()) {
        d = v.double_value();
      } else if (v.is_string() && (v.text() == "NaN" || v.text() == "Infinity" || v.text() == "-Infinity")) {
        d = v.text() == "NaN" ? std::nan("") : v.text() == "Infinity" ? HUGE_VAL : -HUGE_VAL;
      } else {
        return wrong();
      }
      const int precision = clause.precision < 0 ? kDefaultPrecision : clause.precision;
      *out += clause.verb == 'f' ? Fixed(d, precision) : Scientific(d, precision);
      return "";
    }
  }
}

Value Format(CallContext& c, Arguments a) {
  std::string out;
  const std::string wrong = ForEachClause(
      a[0].text(), a[1].Size(), [&](std::string_view text) { out += text; },
      [&](const FormatClause& clause) -> std::string {
        const Value v = a[1].At(clause.argument, c.arena());
        if (v.is_error()) return std::string(v.text());
        return AppendClause(c, clause, v, &out);
      });
  return wrong.empty() ? c.NewString(out) : c.Error(wrong);
}

CallEstimate FormatEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return {.cost = c.KnownSize(a[0]) * kStringTraversalFactor, .size = {}};
}

constexpr OverloadRow kRows[] = {
    {"format", "string_format", Style::kMember, "string,list(dyn)", "string", &Format, &TraversalCost<0>,
     &FormatEstimate},
};

}  // namespace

std::string WrongFormatType(char verb, std::string_view type) {
  std::string_view what;
  switch (verb) {
    case 's':
      what =
          "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
          "and timestamps";
      break;
    case 'd':
      what = "decimal clause can only be used on integers";
      break;
    case 'f':
      what = "fixed-point clause can only be used on doubles";
      break;
    case 'e':
      what = "scientific clause can only be used on doubles";
      break;
    case 'b':
      what = "only integers and bools can be formatted as binary";
      break;
    case 'o':
      what = "octal clause can only be used on integers";
      break;
    default:
      what = "only integers, byte buffers, and strings can be formatted as hex";
      break;
  }
  return StrCat(what, ", was given ", type);
}

std::string ForEachClause(std::string_view format, int64_t arguments, const std::function<void(std::string_view)>& text,
                          const std::function<std::string(const FormatClause&)>& clause) {
  int64_t argument = 0;
  while (!format.empty()) {
    const size_t percent = std::min(format.find('%'), format.size());
    if (percent > 0) text(format.substr(0, percent));
    format.remove_prefix(percent);
    if (format.empty()) break;
    if (format.starts_with("%%")) {
      text("%");
      format.remove_prefix(2);
      continue;
    }
    if (argument >= arguments) return StrCat("index ", argument, " out of range");
    format.remove_prefix(1);
    if (format.empty()) return "unexpected end of string";
    FormatClause next{.argument = argument++};
    if (format.starts_with('.')) {
      const size_t end = format.find_first_not_of("0123456789", 1);
      const std::string_view digits = format.substr(1, end == std::string_view::npos ? end : end - 1);
      constexpr std::string_view kWhile = "could not parse formatting clause: error while parsing precision: ";
      if (end == std::string_view::npos) return StrCat(kWhile, "could not find end of precision specifier");
      if (digits.empty() || digits.size() > 9) {
        return StrCat(kWhile, "error while converting precision to integer: strconv.Atoi: parsing ",
                      json::GoQuote(digits), ": ", digits.empty() ? "invalid syntax" : "value out of range");
      }
      next.precision = std::min(std::stoi(std::string(digits)), kPrecisionMax);
      format.remove_prefix(end);
    }
    next.verb = format[0];
    format.remove_prefix(1);
    if (std::string_view("sdfebxXo").find(next.verb) == std::string_view::npos) {
      return StrCat("could not parse formatting clause: unrecognized formatting clause \"", next.verb, "\"");
    }
    if (std::string wrong = clause(next); !wrong.empty()) return StrCat("error during formatting: ", wrong);
  }
  return "";
}

Library FormatString() {
  return {.name = "strings.format", .introduced = 29, .rows = kRows, .costs_by_overload = true};
}

}  // namespace atoll::cel::lib
