// The standard library: operators, conversions, sizes, strings. What the machine does itself (logic, comparison,
// selection) has rows for the checker and for estimates only.
#include <re2/re2.h>

#include <charconv>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/cel/time.h"
#include "common/json/utf8.h"

namespace atoll::cel::lib {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

Value IntOverflow() { return Value::StaticError("integer overflow"); }
Value UintOverflow() { return Value::StaticError("unsigned integer overflow"); }
Value DurationOverflow() { return Value::StaticError("duration overflow"); }
Value TimestampOverflow() { return Value::StaticError("timestamp overflow"); }

// Rows of what the machine evaluates.
Value Unused(CallContext&, Arguments) { return Value::NoSuchOverload(); }

// ---- arithmetic ----------------------------------------------------------------------------------------------------

Value AddInt(CallContext&, Arguments a) {
  int64_t out;
  return __builtin_add_overflow(a[0].int_value(), a[1].int_value(), &out) ? IntOverflow() : Value::Int(out);
}
Value SubtractInt(CallContext&, Arguments a) {
  int64_t out;
  return __builtin_sub_overflow(a[0].int_value(), a[1].int_value(), &out) ? IntOverflow() : Value::Int(out);
}
Value MultiplyInt(CallContext&, Arguments a) {
  int64_t out;
  return __builtin_mul_overflow(a[0].int_value(), a[1].int_value(), &out) ? IntOverflow() : Value::Int(out);
}
Value DivideInt(CallContext&, Arguments a) {
  const int64_t x = a[0].int_value(), y = a[1].int_value();
  if (y == 0) return Value::StaticError("division by zero");
  return x == INT64_MIN && y == -1 ? IntOverflow() : Value::Int(x / y);
}
Value ModuloInt(CallContext&, Arguments a) {
  const int64_t x = a[0].int_value(), y = a[1].int_value();
  if (y == 0) return Value::StaticError("modulus by zero");
  return x == INT64_MIN && y == -1 ? IntOverflow() : Value::Int(x % y);
}
Value NegateInt(CallContext&, Arguments a) {
  return a[0].int_value() == INT64_MIN ? IntOverflow() : Value::Int(-a[0].int_value());
}

Value AddUint(CallContext&, Arguments a) {
  uint64_t out;
  return __builtin_add_overflow(a[0].uint_value(), a[1].uint_value(), &out) ? UintOverflow() : Value::Uint(out);
}
Value SubtractUint(CallContext&, Arguments a) {
  uint64_t out;
  return __builtin_sub_overflow(a[0].uint_value(), a[1].uint_value(), &out) ? UintOverflow() : Value::Uint(out);
}
Value MultiplyUint(CallContext&, Arguments a) {
  uint64_t out;
  return __builtin_mul_overflow(a[0].uint_value(), a[1].uint_value(), &out) ? UintOverflow() : Value::Uint(out);
}
Value DivideUint(CallContext&, Arguments a) {
  if (a[1].uint_value() == 0) return Value::StaticError("division by zero");
  return Value::Uint(a[0].uint_value() / a[1].uint_value());
}
Value ModuloUint(CallContext&, Arguments a) {
  if (a[1].uint_value() == 0) return Value::StaticError("modulus by zero");
  return Value::Uint(a[0].uint_value() % a[1].uint_value());
}

Value AddDouble(CallContext&, Arguments a) { return Value::Double(a[0].double_value() + a[1].double_value()); }
Value SubtractDouble(CallContext&, Arguments a) { return Value::Double(a[0].double_value() - a[1].double_value()); }
Value MultiplyDouble(CallContext&, Arguments a) { return Value::Double(a[0].double_value() * a[1].double_value()); }
Value DivideDouble(CallContext&, Arguments a) { return Value::Double(a[0].double_value() / a[1].double_value()); }
Value NegateDouble(CallContext&, Arguments a) { return Value::Double(-a[0].double_value()); }

std::string_view JoinTexts(CallContext& c, Arguments a) {
  const std::string_view x = a[0].text(), y = a[1].text();
  if (x.empty()) return y;
  if (y.empty()) return x;
  char* out = c.arena().MakeArray<char>(x.size() + y.size());
  if (out == nullptr) return {};
  std::copy(y.begin(), y.end(), std::copy(x.begin(), x.end(), out));
  return {out, x.size() + y.size()};
}
Value AddString(CallContext& c, Arguments a) { return Value::String(JoinTexts(c, a)); }
Value AddBytes(CallContext& c, Arguments a) { return Value::Bytes(JoinTexts(c, a)); }
Value AddList(CallContext& c, Arguments a) { return Concatenate(a[0], a[1], c.arena()); }

Value AddDurations(CallContext&, Arguments a) {
  int64_t out;
  return __builtin_add_overflow(a[0].nanoseconds(), a[1].nanoseconds(), &out) ? DurationOverflow()
                                                                              : Value::Duration(out);
}
Value SubtractDurations(CallContext&, Arguments a) {
  int64_t out;
  return __builtin_sub_overflow(a[0].nanoseconds(), a[1].nanoseconds(), &out) ? DurationOverflow()
                                                                              : Value::Duration(out);
}
Value Shift(const Value& time, __int128 nanoseconds) {
  const __int128 total = static_cast<__int128>(time.seconds()) * kNanosPerSecond + time.fraction() + nanoseconds;
  __int128 seconds = total / kNanosPerSecond, rest = total % kNanosPerSecond;
  if (rest < 0) {
    rest += kNanosPerSecond;
    --seconds;
  }
  if (seconds < kTimestampMin || seconds > kTimestampMax) return TimestampOverflow();
  return Value::Timestamp(static_cast<int64_t>(seconds), static_cast<uint32_t>(rest));
}
Value AddTimeDuration(CallContext&, Arguments a) { return Shift(a[0], a[1].nanoseconds()); }
Value AddDurationTime(CallContext&, Arguments a) { return Shift(a[1], a[0].nanoseconds()); }
Value SubtractTimeDuration(CallContext&, Arguments a) {
  return Shift(a[0], -static_cast<__int128>(a[1].nanoseconds()));
}
Value SubtractTimes(CallContext&, Arguments a) {
  const __int128 total = static_cast<__int128>(a[0].seconds() - a[1].seconds()) * kNanosPerSecond +
                         (static_cast<int64_t>(a[0].fraction()) - static_cast<int64_t>(a[1].fraction()));
  if (total > INT64_MAX || total < INT64_MIN) return DurationOverflow();
  return Value::Duration(static_cast<int64_t>(total));
}

// ---- membership, size, type ----------------------------------------------------------------------------------------

Value InList(CallContext& c, Arguments a) {
  const int64_t size = a[1].Size();
  if (!c.Affords(static_cast<uint64_t>(size))) return Value::Bool(false);
  for (int64_t i = 0; i < size; ++i) {
    const Value element = a[1].At(i, c.arena());
    if (element.is_error()) return element;
    if (Equal(element, a[0], c.arena())) return Value::Bool(true);
  }
  return Value::Bool(false);
}
uint64_t InListCost(Arguments a, const Value&) { return CostSize(a[1]); }
CallEstimate InListEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return {.cost = c.KnownSize(a[1]) * 1.0, .size = {}};
}
Value InMap(CallContext& c, Arguments a) {
  const Value found = a[1].Find(a[0], c.arena());
  if (found.is_error()) return found;
  return Value::Bool(!found.is_unset());
}

Value SizeOfString(CallContext&, Arguments a) { return Value::Int(CodePoints(a[0].text())); }
Value SizeOfBytes(CallContext&, Arguments a) { return Value::Int(static_cast<int64_t>(a[0].text().size())); }
Value SizeOfContainer(CallContext&, Arguments a) { return Value::Int(a[0].Size()); }
Value TypeOfValue(CallContext&, Arguments a) { return Value::TypeOf(a[0].RuntimeType()); }
Value Identity(CallContext&, Arguments a) { return a[0]; }

// ---- conversions ---------------------------------------------------------------------------------------------------

Value CannotConvert(CallContext& c, std::string_view from, std::string_view to) {
  return c.Error(StrCat("type conversion error from '", from, "' to '", to, "'"));
}

Value DoubleToInt(CallContext&, Arguments a) {
  const double d = a[0].double_value();
  if (!(d > -9223372036854775808.0 && d < 9223372036854775808.0)) return IntOverflow();
  return Value::Int(static_cast<int64_t>(d));
}
Value UintToInt(CallContext&, Arguments a) {
  return a[0].uint_value() > INT64_MAX ? IntOverflow() : Value::Int(static_cast<int64_t>(a[0].uint_value()));
}
Value StringToInt(CallContext& c, Arguments a) {
  std::string_view s = a[0].text();
  if (s.starts_with('+') && s.size() > 1 && s[1] != '-') s.remove_prefix(1);
  int64_t out;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), out);
  if (error != std::errc() || end != s.data() + s.size()) return CannotConvert(c, "string", "int");
  return Value::Int(out);
}
Value TimestampToInt(CallContext&, Arguments a) { return Value::Int(a[0].seconds()); }
Value DurationToInt(CallContext&, Arguments a) { return Value::Int(a[0].nanoseconds()); }
Value IntToUint(CallContext&, Arguments a) {
  return a[0].int_value() < 0 ? UintOverflow() : Value::Uint(static_cast<uint64_t>(a[0].int_value()));
}
Value DoubleToUint(CallContext&, Arguments a) {
  const double d = a[0].double_value();
  if (!(d >= 0 && d < 18446744073709551616.0)) return UintOverflow();
  return Value::Uint(static_cast<uint64_t>(d));
}
Value StringToUint(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text();
  uint64_t out;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), out);
  if (error != std::errc() || end != s.data() + s.size()) return CannotConvert(c, "string", "uint");
  return Value::Uint(out);
}
Value IntToDouble(CallContext&, Arguments a) { return Value::Double(static_cast<double>(a[0].int_value())); }
Value UintToDouble(CallContext&, Arguments a) { return Value::Double(static_cast<double>(a[0].uint_value())); }
Value StringToDouble(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text();
  double out;
  const bool spaced = !s.empty() && (absl::ascii_isspace(static_cast<unsigned char>(s.front())) ||
                                     absl::ascii_isspace(static_cast<unsigned char>(s.back())));
  const bool named = s.find_first_of("iInN") != std::string_view::npos;
  if (spaced || !absl::SimpleAtod(ToAbsl(s), &out) || (std::isinf(out) && !named)) {
    return CannotConvert(c, "string", "double");
  }
  return Value::Double(out);
}
Value StringToBool(CallContext& c, Arguments a) {
  const std::string_view s = a[0].text();
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (s == yes) return Value::Bool(true);
  }
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (s == no) return Value::Bool(false);
  }
  return CannotConvert(c, "string", "bool");
}
Value StringToBytes(CallContext&, Arguments a) { return Value::Bytes(a[0].text()); }
Value BytesToString(CallContext&, Arguments a) {
  const std::string_view s = a[0].text();
  for (size_t at = 0; at < s.size();) {
    const json::Rune rune = json::DecodeRune(s, at);
    if (!rune.valid) return Value::StaticError("invalid UTF-8 in bytes, cannot convert to string");
    at += static_cast<size_t>(rune.bytes);
  }
  return Value::String(s);
}
Value BoolToString(CallContext&, Arguments a) { return Value::String(a[0].bool_value() ? "true" : "false"); }
Value IntToString(CallContext& c, Arguments a) { return c.NewString(StrCat(a[0].int_value())); }
Value UintToString(CallContext& c, Arguments a) { return c.NewString(StrCat(a[0].uint_value())); }
Value DoubleToString(CallContext& c, Arguments a) { return c.NewString(FormatDouble(a[0].double_value())); }
Value TimestampToString(CallContext& c, Arguments a) {
  return c.NewString(FormatTimestamp({a[0].seconds(), a[0].fraction()}));
}
Value DurationToString(CallContext& c, Arguments a) { return c.NewString(FormatSeconds(a[0].nanoseconds())); }
Value StringToDuration(CallContext& c, Arguments a) {
  int64_t out;
  if (!ParseDuration(a[0].text(), &out)) {
    return CannotConvert(c, "string", Type::Duration()->TypeName());
  }
  return Value::Duration(out);
}
Value StringToTimestamp(CallContext& c, Arguments a) {
  TimePoint out;
  if (!ParseTimestamp(a[0].text(), &out)) return CannotConvert(c, "string", Type::Timestamp()->TypeName());
  return Value::Timestamp(out.seconds, out.nanoseconds);
}
Value IntToTimestamp(CallContext&, Arguments a) {
  const int64_t seconds = a[0].int_value();
  if (seconds < kTimestampMin || seconds > kTimestampMax) return TimestampOverflow();
  return Value::Timestamp(seconds, 0);
}

// What is unbounded wraps around, as in cel-go: the estimate must be the same.
CallEstimate StringToBytesEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.KnownSize(a[0]);
  return {.cost = size * kStringTraversalFactor, .size = Range{size.min, size.max * 4}};
}
CallEstimate BytesToStringEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.KnownSize(a[0]);
  return {.cost = size * kStringTraversalFactor, .size = Range{size.min / 4, size.max}};
}

// ---- strings -------------------------------------------------------------------------------------------------------

Value Contains(CallContext&, Arguments a) {
  return Value::Bool(a[0].text().find(a[1].text()) != std::string_view::npos);
}
Value StartsWith(CallContext&, Arguments a) { return Value::Bool(a[0].text().starts_with(a[1].text())); }
Value EndsWith(CallContext&, Arguments a) { return Value::Bool(a[0].text().ends_with(a[1].text())); }
Value Matches(CallContext& c, Arguments a) {
  Value error;
  const re2::RE2* regex = c.Regex(a[1].text(), &error);
  if (regex == nullptr) return error;
  return Value::Bool(re2::RE2::PartialMatch(re2::StringPiece(a[0].text().data(), a[0].text().size()), *regex));
}
uint64_t ContainsCost(Arguments a, const Value&) {
  return MultiplyCost(Scaled(CostSize(a[0]), kStringTraversalFactor), Scaled(CostSize(a[1]), kStringTraversalFactor));
}
CallEstimate ContainsEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return {.cost = (c.KnownSize(a[0]) * kStringTraversalFactor) * (c.KnownSize(a[1]) * kStringTraversalFactor),
          .size = {}};
}
CallEstimate MatchesEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return {.cost = RegexEstimate(c.KnownSize(a[0]), c.KnownSize(a[1])), .size = {}};
}

uint64_t JoinCost(Arguments a, const Value&) { return Scaled(CostSize(a[0]) + CostSize(a[1]), kStringTraversalFactor); }
CallEstimate JoinTextsEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size = c.KnownSize(a[0]) + c.KnownSize(a[1]);
  return {.cost = size * kStringTraversalFactor, .size = size};
}
CallEstimate JoinListsEstimate(const EstimateContext& c, std::span<const Operand> a) {
  return {.cost = Range::Fixed(1), .size = c.KnownSize(a[0]) + c.KnownSize(a[1])};
}

CallEstimate CompareEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const uint64_t smaller = std::min(c.KnownSize(a[0]).max, c.KnownSize(a[1]).max);
  return {.cost = Range{smaller > 0 ? uint64_t{1} : 0, smaller} * kStringTraversalFactor, .size = {}};
}
// Types of libraries compare in constant time.
CallEstimate EqualEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Type &left = *a[0].type, &right = *a[1].type;
  if (left.kind() == Type::Kind::kOpaque && !left.is_optional() && left.Equals(right)) {
    if (left.name() == "kubernetes.NamedFormat") return {.cost = Range{1, 64} * kStringTraversalFactor, .size = {}};
    if (left.name() == "kubernetes.URL") {
      const uint64_t longest = a[1].size ? a[1].size->max : 1;
      return {.cost = Range{1, longest} * kStringTraversalFactor, .size = {}};
    }
    return {.cost = Range::Fixed(1), .size = {}};
  }
  return CompareEstimate(c, a);
}

// ---- timestamps and durations --------------------------------------------------------------------------------------

enum class Part { kYear, kMonth, kDayOfYear, kDayOfMonth, kDate, kDayOfWeek, kHours, kMinutes, kSeconds };

template <Part kPart>
Value PartOf(CallContext& c, Arguments a) {
  int64_t offset = 0;
  if (a.size() == 2) {
    std::string wrong;
    if (!ZoneOffset(a[1].text(), a[0].seconds(), &offset, &wrong)) return c.Error(wrong);
  }
  const CivilTime t = CivilAt(a[0].seconds() + offset);
  switch (kPart) {
    case Part::kYear:
      return Value::Int(t.year);
    case Part::kMonth:
      return Value::Int(t.month - 1);
    case Part::kDayOfYear:
      return Value::Int(t.day_of_year);
    case Part::kDayOfMonth:
      return Value::Int(t.day - 1);
    case Part::kDate:
      return Value::Int(t.day);
    case Part::kDayOfWeek:
      return Value::Int(t.day_of_week);
    case Part::kHours:
      return Value::Int(t.hour);
    case Part::kMinutes:
      return Value::Int(t.minute);
    case Part::kSeconds:
      return Value::Int(t.second);
  }
}
Value MillisecondsOf(CallContext& c, Arguments a) {
  int64_t offset;
  std::string wrong;
  if (a.size() == 2 && !ZoneOffset(a[1].text(), a[0].seconds(), &offset, &wrong)) return c.Error(wrong);
  return Value::Int(a[0].fraction() / 1'000'000);
}
template <int64_t kUnit>
Value DurationIn(CallContext&, Arguments a) {
  return Value::Int(a[0].nanoseconds() / kUnit);
}

#define COMPARISON(function, name)                                                                             \
  {function, name "_bool", Style::kGlobal, "bool,bool", "bool", &Unused},                                      \
      {function, name "_int64", Style::kGlobal, "int,int", "bool", &Unused},                                   \
      {function, name "_int64_double", Style::kGlobal, "int,double", "bool", &Unused},                         \
      {function, name "_int64_uint64", Style::kGlobal, "int,uint", "bool", &Unused},                           \
      {function, name "_uint64", Style::kGlobal, "uint,uint", "bool", &Unused},                                \
      {function, name "_uint64_double", Style::kGlobal, "uint,double", "bool", &Unused},                       \
      {function, name "_uint64_int64", Style::kGlobal, "uint,int", "bool", &Unused},                           \
      {function, name "_double", Style::kGlobal, "double,double", "bool", &Unused},                            \
      {function, name "_double_int64", Style::kGlobal, "double,int", "bool", &Unused},                         \
      {function, name "_double_uint64", Style::kGlobal, "double,uint", "bool", &Unused},                       \
      {function, name "_string", Style::kGlobal, "string,string", "bool", &Unused, nullptr, &CompareEstimate}, \
      {function, name "_bytes", Style::kGlobal, "bytes,bytes", "bool", &Unused, nullptr, &CompareEstimate},    \
      {function, name "_timestamp", Style::kGlobal, "timestamp,timestamp", "bool", &Unused}, {                 \
    function, name "_duration", Style::kGlobal, "duration,duration", "bool", &Unused                           \
  }

#define TIME_PART(function, id, part)                                                                 \
  {function, "timestamp_to_" id, Style::kMember, "timestamp", "int", &PartOf<part>}, {                \
    function, "timestamp_to_" id "_with_tz", Style::kMember, "timestamp,string", "int", &PartOf<part> \
  }

constexpr OverloadRow kRows[] = {
    {"_?_:_", "conditional", Style::kGlobal, "bool,A,A", "A", &Unused},
    {"_&&_", "logical_and", Style::kGlobal, "bool,bool", "bool", &Unused},
    {"_||_", "logical_or", Style::kGlobal, "bool,bool", "bool", &Unused},
    {"!_", "logical_not", Style::kGlobal, "bool", "bool", &Unused},
    {"@not_strictly_false", "not_strictly_false", Style::kGlobal, "bool", "bool", &Unused},
    {"_==_", "equals", Style::kGlobal, "A,A", "bool", &Unused, nullptr, &EqualEstimate},
    {"_!=_", "not_equals", Style::kGlobal, "A,A", "bool", &Unused, nullptr, &CompareEstimate},

    {"_+_", "add_bytes", Style::kGlobal, "bytes,bytes", "bytes", &AddBytes, &JoinCost, &JoinTextsEstimate},
    {"_+_", "add_double", Style::kGlobal, "double,double", "double", &AddDouble},
    {"_+_", "add_duration_duration", Style::kGlobal, "duration,duration", "duration", &AddDurations},
    {"_+_", "add_duration_timestamp", Style::kGlobal, "duration,timestamp", "timestamp", &AddDurationTime},
    {"_+_", "add_timestamp_duration", Style::kGlobal, "timestamp,duration", "timestamp", &AddTimeDuration},
    {"_+_", "add_int64", Style::kGlobal, "int,int", "int", &AddInt},
    {"_+_", "add_list", Style::kGlobal, "list(A),list(A)", "list(A)", &AddList, nullptr, &JoinListsEstimate},
    {"_+_", "add_string", Style::kGlobal, "string,string", "string", &AddString, &JoinCost, &JoinTextsEstimate},
    {"_+_", "add_uint64", Style::kGlobal, "uint,uint", "uint", &AddUint},
    {"_/_", "divide_double", Style::kGlobal, "double,double", "double", &DivideDouble},
    {"_/_", "divide_int64", Style::kGlobal, "int,int", "int", &DivideInt},
    {"_/_", "divide_uint64", Style::kGlobal, "uint,uint", "uint", &DivideUint},
    {"_%_", "modulo_int64", Style::kGlobal, "int,int", "int", &ModuloInt},
    {"_%_", "modulo_uint64", Style::kGlobal, "uint,uint", "uint", &ModuloUint},
    {"_*_", "multiply_double", Style::kGlobal, "double,double", "double", &MultiplyDouble},
    {"_*_", "multiply_int64", Style::kGlobal, "int,int", "int", &MultiplyInt},
    {"_*_", "multiply_uint64", Style::kGlobal, "uint,uint", "uint", &MultiplyUint},
    {"-_", "negate_double", Style::kGlobal, "double", "double", &NegateDouble},
    {"-_", "negate_int64", Style::kGlobal, "int", "int", &NegateInt},
    {"_-_", "subtract_double", Style::kGlobal, "double,double", "double", &SubtractDouble},
    {"_-_", "subtract_duration_duration", Style::kGlobal, "duration,duration", "duration", &SubtractDurations},
    {"_-_", "subtract_int64", Style::kGlobal, "int,int", "int", &SubtractInt},
    {"_-_", "subtract_timestamp_duration", Style::kGlobal, "timestamp,duration", "timestamp", &SubtractTimeDuration},
    {"_-_", "subtract_timestamp_timestamp", Style::kGlobal, "timestamp,timestamp", "duration", &SubtractTimes},
    {"_-_", "subtract_uint64", Style::kGlobal, "uint,uint", "uint", &SubtractUint},

    COMPARISON("_<_", "less"),
    COMPARISON("_<=_", "less_equals"),
    COMPARISON("_>_", "greater"),
    COMPARISON("_>=_", "greater_equals"),

    {"_[_]", "index_list", Style::kGlobal, "list(A),int", "A", &Unused},
    {"_[_]", "index_map", Style::kGlobal, "map(A,B),A", "B", &Unused},
    {"@in", "in_list", Style::kGlobal, "A,list(A)", "bool", &InList, &InListCost, &InListEstimate},
    {"@in", "in_map", Style::kGlobal, "A,map(A,B)", "bool", &InMap},

    {"size", "size_bytes", Style::kGlobal, "bytes", "int", &SizeOfBytes},
    {"size", "bytes_size", Style::kMember, "bytes", "int", &SizeOfBytes},
    {"size", "size_list", Style::kGlobal, "list(A)", "int", &SizeOfContainer},
    {"size", "list_size", Style::kMember, "list(A)", "int", &SizeOfContainer},
    {"size", "size_map", Style::kGlobal, "map(A,B)", "int", &SizeOfContainer},
    {"size", "map_size", Style::kMember, "map(A,B)", "int", &SizeOfContainer},
    {"size", "size_string", Style::kGlobal, "string", "int", &SizeOfString},
    {"size", "string_size", Style::kMember, "string", "int", &SizeOfString},

    {"type", "type", Style::kGlobal, "A", "type(A)", &TypeOfValue},
    {"dyn", "to_dyn", Style::kGlobal, "A", "dyn", &Identity},
    {"bool", "bool_to_bool", Style::kGlobal, "bool", "bool", &Identity},
    {"bool", "string_to_bool", Style::kGlobal, "string", "bool", &StringToBool},
    {"bytes", "bytes_to_bytes", Style::kGlobal, "bytes", "bytes", &Identity},
    {"bytes", "string_to_bytes", Style::kGlobal, "string", "bytes", &StringToBytes, &TraversalCost<0>,
     &StringToBytesEstimate},
    {"double", "double_to_double", Style::kGlobal, "double", "double", &Identity},
    {"double", "int64_to_double", Style::kGlobal, "int", "double", &IntToDouble},
    {"double", "string_to_double", Style::kGlobal, "string", "double", &StringToDouble},
    {"double", "uint64_to_double", Style::kGlobal, "uint", "double", &UintToDouble},
    {"duration", "duration_to_duration", Style::kGlobal, "duration", "duration", &Identity},
    {"duration", "string_to_duration", Style::kGlobal, "string", "duration", &StringToDuration},
    {"int", "int64_to_int64", Style::kGlobal, "int", "int", &Identity},
    {"int", "double_to_int64", Style::kGlobal, "double", "int", &DoubleToInt},
    {"int", "duration_to_int64", Style::kGlobal, "duration", "int", &DurationToInt},
    {"int", "string_to_int64", Style::kGlobal, "string", "int", &StringToInt},
    {"int", "timestamp_to_int64", Style::kGlobal, "timestamp", "int", &TimestampToInt},
    {"int", "uint64_to_int64", Style::kGlobal, "uint", "int", &UintToInt},
    {"string", "string_to_string", Style::kGlobal, "string", "string", &Identity},
    {"string", "bool_to_string", Style::kGlobal, "bool", "string", &BoolToString},
    {"string", "bytes_to_string", Style::kGlobal, "bytes", "string", &BytesToString, &TraversalCost<0>,
     &BytesToStringEstimate},
    {"string", "double_to_string", Style::kGlobal, "double", "string", &DoubleToString},
    {"string", "duration_to_string", Style::kGlobal, "duration", "string", &DurationToString},
    {"string", "int64_to_string", Style::kGlobal, "int", "string", &IntToString},
    {"string", "timestamp_to_string", Style::kGlobal, "timestamp", "string", &TimestampToString},
    {"string", "uint64_to_string", Style::kGlobal, "uint", "string", &UintToString},
    {"timestamp", "timestamp_to_timestamp", Style::kGlobal, "timestamp", "timestamp", &Identity},
    {"timestamp", "int64_to_timestamp", Style::kGlobal, "int", "timestamp", &IntToTimestamp},
    {"timestamp", "string_to_timestamp", Style::kGlobal, "string", "timestamp", &StringToTimestamp},
    {"uint", "uint64_to_uint64", Style::kGlobal, "uint", "uint", &Identity},
    {"uint", "double_to_uint64", Style::kGlobal, "double", "uint", &DoubleToUint},
    {"uint", "int64_to_uint64", Style::kGlobal, "int", "uint", &IntToUint},
    {"uint", "string_to_uint64", Style::kGlobal, "string", "uint", &StringToUint},

    {"contains", "contains_string", Style::kMember, "string,string", "bool", &Contains, &ContainsCost,
     &ContainsEstimate},
    {"endsWith", "ends_with_string", Style::kMember, "string,string", "bool", &EndsWith, &TraversalCost<1>,
     &TraversalEstimate<1>},
    {"startsWith", "starts_with_string", Style::kMember, "string,string", "bool", &StartsWith, &TraversalCost<1>,
     &TraversalEstimate<1>},
    {"matches", "matches", Style::kGlobal, "string,string", "bool", &Matches, &RegexCost, &MatchesEstimate},
    {"matches", "matches_string", Style::kMember, "string,string", "bool", &Matches, &RegexCost, &MatchesEstimate},

    TIME_PART("getFullYear", "year", Part::kYear),
    TIME_PART("getMonth", "month", Part::kMonth),
    TIME_PART("getDayOfYear", "day_of_year", Part::kDayOfYear),
    TIME_PART("getDayOfMonth", "day_of_month", Part::kDayOfMonth),
    TIME_PART("getDate", "day_of_month_1_based", Part::kDate),
    TIME_PART("getDayOfWeek", "day_of_week", Part::kDayOfWeek),
    TIME_PART("getHours", "hours", Part::kHours),
    TIME_PART("getMinutes", "minutes", Part::kMinutes),
    TIME_PART("getSeconds", "seconds", Part::kSeconds),
    {"getMilliseconds", "timestamp_to_milliseconds", Style::kMember, "timestamp", "int", &MillisecondsOf},
    {"getMilliseconds", "timestamp_to_milliseconds_with_tz", Style::kMember, "timestamp,string", "int",
     &MillisecondsOf},
    {"getHours", "duration_to_hours", Style::kMember, "duration", "int", &DurationIn<3600 * kNanosPerSecond>},
    {"getMinutes", "duration_to_minutes", Style::kMember, "duration", "int", &DurationIn<60 * kNanosPerSecond>},
    {"getSeconds", "duration_to_seconds", Style::kMember, "duration", "int", &DurationIn<kNanosPerSecond>},
    {"getMilliseconds", "duration_to_milliseconds", Style::kMember, "duration", "int", &DurationIn<1'000'000>},
};

}  // namespace

Library Standard() { return {.name = "standard", .rows = kRows, .costs_by_overload = true}; }

}  // namespace atoll::cel::lib
