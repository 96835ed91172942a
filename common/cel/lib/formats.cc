// Kubernetes' named formats: `format.dns1123Label().validate(s)` gives the messages in an optional list.
#include <re2/re2.h>

#include "common/api/validation.h"
#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/cel/time.h"
#include "common/cel/url.h"

namespace atoll::cel::lib {
namespace {

using api::Messages;
using api::NameRule;

Messages CheckUri(std::string_view s) {
  Url url;
  std::string wrong;
  return ParseRequestUrl(s, &url, &wrong) ? Messages() : Messages{wrong};
}
Messages Unless(bool good, std::string_view message) { return good ? Messages() : Messages{std::string(message)}; }
re2::StringPiece Piece(std::string_view s) { return {s.data(), s.size()}; }

Messages CheckUuid(std::string_view s) {
  static const re2::RE2* pattern = new re2::RE2("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");
  return Unless(re2::RE2::FullMatch(Piece(s), *pattern), "does not match the UUID format");
}
Messages CheckByte(std::string_view s) {
  static const re2::RE2* pattern =
      new re2::RE2("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})");
  return Unless(re2::RE2::FullMatch(Piece(s), *pattern), "invalid base64");
}
bool IsDate(std::string_view s) {
  TimePoint time;
  return ParseDate(s, &time);
}
Messages CheckDate(std::string_view s) { return Unless(IsDate(s), "invalid date"); }
Messages CheckDateTime(std::string_view s) {
  static const re2::RE2* pattern =
      new re2::RE2("(?i)(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})");
  const size_t t = s.find_first_of("tT");
  return Unless(
      t != std::string_view::npos && IsDate(s.substr(0, t)) && re2::RE2::FullMatch(Piece(s.substr(t + 1)), *pattern),
      "invalid datetime");
}
template <NameRule kRule, bool kPrefix>
Messages CheckName(std::string_view s) {
  return api::CheckName(kRule, s, kPrefix);
}

struct Format {
  std::string_view name;
  Messages (*check)(std::string_view);
  uint64_t pattern_length;  // for costs
};

class FormatValue final : public Opaque {
 public:
  static const Type* Of() {
    static const Type* type = Type::Named("kubernetes.NamedFormat");
    return type;
  }
  explicit FormatValue(const Format& f) : format(f) {}
  const Type* type() const override { return Of(); }
  bool Equals(const Opaque& other) const override {
    return format.name == static_cast<const FormatValue&>(other).format.name;
  }

  const Format format;
};

const FormatValue* Formats(size_t i) {
  static const FormatValue* formats[] = {
      new FormatValue({"dns1123Label", &CheckName<NameRule::kDns1123Label, false>, 30}),
      new FormatValue({"dns1123Subdomain", &CheckName<NameRule::kDns1123Subdomain, false>, 60}),
      new FormatValue({"dns1035Label", &CheckName<NameRule::kDns1035Label, false>, 30}),
      new FormatValue({"qualifiedName", &api::CheckQualifiedName, 60}),
      new FormatValue({"dns1123LabelPrefix", &CheckName<NameRule::kDns1123Label, true>, 30}),
      new FormatValue({"dns1123SubdomainPrefix", &CheckName<NameRule::kDns1123Subdomain, true>, 60}),
      new FormatValue({"dns1035LabelPrefix", &CheckName<NameRule::kDns1035Label, true>, 30}),
      new FormatValue({"labelValue", &api::CheckLabelValue, 40}),
      new FormatValue({"uri", &CheckUri, 1103}),
      new FormatValue({"uuid", &CheckUuid, 70}),
      new FormatValue({"byte", &CheckByte, 84}),
      new FormatValue({"date", &CheckDate, 71}),
      new FormatValue({"datetime", &CheckDateTime, 71}),
  };
  return i < std::size(formats) ? formats[i] : nullptr;
}

template <size_t kIndex>
Value Named(CallContext&, Arguments) {
  return Value::Of(Formats(kIndex));
}

Value FindNamed(CallContext& c, Arguments a) {
  for (size_t i = 0; Formats(i) != nullptr; ++i) {
    if (Formats(i)->format.name == a[0].text()) return Value::Optional(Value::Of(Formats(i)), c.arena());
  }
  return Value::NoOptional();
}

const Format& Get(const Value& v) { return static_cast<const FormatValue&>(v.opaque()).format; }

Value Validate(CallContext& c, Arguments a) {
  const Messages messages = Get(a[0]).check(a[1].text());
  if (messages.empty()) return Value::NoOptional();
  ListBuilder out(c.arena(), messages.size());
  for (const std::string& message : messages) out.Add(c.NewString(message));
  return Value::Optional(out.Build(), c.arena());
}
uint64_t ValidateCost(Arguments a, const Value&) {
  if (!a[0].is_opaque()) return 1;
  return MultiplyCost(Scaled(CostSize(a[1]) + 1, kStringTraversalFactor),
                      Scaled(Get(a[0]).pattern_length, kRegexLengthFactor));
}
CallEstimate ValidateEstimate(const EstimateContext& c, std::span<const Operand> a) {
  constexpr double kPatternLengthMax = 128;
  return {.cost = c.Size(a[1]) * kStringTraversalFactor * (kPatternLengthMax * kRegexLengthFactor), .size = {}};
}

#define FORMAT(name, index) \
  {"format." name, "format." name, Style::kGlobal, "", "kubernetes.NamedFormat", &Named<index>}

constexpr OverloadRow kRows[] = {
    FORMAT("dns1123Label", 0),
    FORMAT("dns1123Subdomain", 1),
    FORMAT("dns1035Label", 2),
    FORMAT("qualifiedName", 3),
    FORMAT("dns1123LabelPrefix", 4),
    FORMAT("dns1123SubdomainPrefix", 5),
    FORMAT("dns1035LabelPrefix", 6),
    FORMAT("labelValue", 7),
    FORMAT("uri", 8),
    FORMAT("uuid", 9),
    FORMAT("byte", 10),
    FORMAT("date", 11),
    FORMAT("datetime", 12),
    {"format.named", "format-named", Style::kGlobal, "string", "optional_type(kubernetes.NamedFormat)", &FindNamed},
    {"validate", "format-validate", Style::kMember, "kubernetes.NamedFormat,string", "optional_type(list(string))",
     &Validate, &ValidateCost, &ValidateEstimate},
};

}  // namespace

Library NamedFormats() { return {.name = "kubernetes.format", .introduced = 31, .rows = kRows}; }

}  // namespace atoll::cel::lib
