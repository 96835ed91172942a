// Semantic versions: `semver('1.2.3').isLessThan(semver('1.10.0'))`.
#include <charconv>
#include <vector>

#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/json/go_quote.h"

namespace atoll::cel::lib {
namespace {

struct Identifier {
  std::string text;
  uint64_t number = 0;
  bool numeric = false;
};

struct Version {
  uint64_t major = 0, minor = 0, patch = 0;
  std::vector<Identifier> pre;
};

bool IsDigits(std::string_view s) { return s.find_first_not_of("0123456789") == std::string_view::npos; }
bool IsAlphanumeric(std::string_view s) {
  for (const char c : s) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-')) return false;
  }
  return true;
}

// One of the three numbers. What is wrong, or "".
std::string ReadNumber(std::string_view name, std::string_view text, uint64_t* out) {
  if (!IsDigits(text)) {
    return StrCat("Invalid character(s) found in ", name, " number ", json::GoQuote(text));
  }
  if (text.size() > 1 && text[0] == '0') {
    std::string capital(name);
    capital[0] = static_cast<char>(capital[0] - 0x20);
    return StrCat(capital, " number must not contain leading zeroes ", json::GoQuote(text));
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  if (error == std::errc()) return "";
  return StrCat("strconv.ParseUint: parsing ", json::GoQuote(text), ": ",
                text.empty() ? "invalid syntax" : "value out of range");
}

// Calls `each` with every part between dots.
template <class F>
std::string ForEachPart(std::string_view s, F each) {
  while (true) {
    const size_t dot = s.find('.');
    if (std::string wrong = each(s.substr(0, dot)); !wrong.empty()) return wrong;
    if (dot == std::string_view::npos) return "";
    s.remove_prefix(dot + 1);
  }
}

std::string Read(std::string_view s, Version* out) {
  if (s.empty()) return "Version string empty";
  const size_t first = s.find('.');
  const size_t second = first == std::string_view::npos ? first : s.find('.', first + 1);
  if (second == std::string_view::npos) return "No Major.Minor.Patch elements found";
  if (std::string wrong = ReadNumber("major", s.substr(0, first), &out->major); !wrong.empty()) return wrong;
  if (std::string wrong = ReadNumber("minor", s.substr(first + 1, second - first - 1), &out->minor); !wrong.empty()) {
    return wrong;
  }
  std::string_view patch = s.substr(second + 1), build, pre;
  bool has_build = false, has_pre = false;
  if (const size_t plus = patch.find('+'); plus != std::string_view::npos) {
    build = patch.substr(plus + 1);
    patch = patch.substr(0, plus);
    has_build = true;
  }
  if (const size_t dash = patch.find('-'); dash != std::string_view::npos) {
    pre = patch.substr(dash + 1);
    patch = patch.substr(0, dash);
    has_pre = true;
  }
  if (std::string wrong = ReadNumber("patch", patch, &out->patch); !wrong.empty()) return wrong;
  if (has_pre) {
    std::string wrong = ForEachPart(pre, [&](std::string_view part) -> std::string {
      if (part.empty()) return "Prerelease is empty";
      Identifier id{.text = std::string(part)};
      if (IsDigits(part)) {
        if (part.size() > 1 && part[0] == '0') {
          return StrCat("Numeric PreRelease version must not contain leading zeroes ", json::GoQuote(part));
        }
        id.numeric = true;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), id.number);
        if (error != std::errc()) {
          return StrCat("strconv.ParseUint: parsing ", json::GoQuote(part), ": value out of range");
        }
      } else if (!IsAlphanumeric(part)) {
        return StrCat("Invalid character(s) found in prerelease ", json::GoQuote(part));
      }
      out->pre.push_back(std::move(id));
      return "";
    });
    if (!wrong.empty()) return wrong;
  }
  if (!has_build) return "";
  return ForEachPart(build, [](std::string_view part) -> std::string {
    if (part.empty()) return "Build meta data is empty";
    if (!IsAlphanumeric(part)) {
      return StrCat("Invalid character(s) found in build meta data ", json::GoQuote(part));
    }
    return "";
  });
}

// `v1.02` becomes 1.2.0.
std::string ReadTolerantly(std::string_view s, Version* out) {
  if (s.starts_with('v')) s.remove_prefix(1);
  std::vector<std::string> parts;
  std::string_view rest = s;
  for (size_t dot; parts.size() < 2 && (dot = rest.find('.')) != std::string_view::npos; rest.remove_prefix(dot + 1)) {
    parts.emplace_back(rest.substr(0, dot));
  }
  parts.emplace_back(rest);
  for (std::string& part : parts) {
    if (part.size() <= 1) continue;
    part.erase(0, std::min(part.find_first_not_of('0'), part.size()));
    if (part.empty() || part[0] < '0' || part[0] > '9') part.insert(0, "0");
  }
  if (parts.size() < 3) {
    if (parts.back().find_first_of("+-") != std::string::npos) {
      return "short version cannot contain PreRelease/Build meta data";
    }
    parts.resize(3, "0");
  }
  return Read(StrCat(parts[0], ".", parts[1], ".", parts[2]), out);
}

template <class T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int Compare(const Version& a, const Version& b) {
  if (a.major != b.major) return Compare(a.major, b.major);
  if (a.minor != b.minor) return Compare(a.minor, b.minor);
  if (a.patch != b.patch) return Compare(a.patch, b.patch);
  if (a.pre.empty() || b.pre.empty()) return Compare(a.pre.empty() ? 1 : 0, b.pre.empty() ? 1 : 0);
  for (size_t i = 0; i < std::min(a.pre.size(), b.pre.size()); ++i) {
    const Identifier &x = a.pre[i], &y = b.pre[i];
    const int order = x.numeric != y.numeric ? (x.numeric ? -1 : 1)
                      : x.numeric            ? Compare(x.number, y.number)
                                             : Compare(x.text, y.text);
    if (order != 0) return order;
  }
  return Compare(a.pre.size(), b.pre.size());
}

class SemverValue final : public Opaque {
 public:
  static const Type* Of() {
    static const Type* type = Type::Named("kubernetes.Semver");
    return type;
  }
  explicit SemverValue(Version v) : version(std::move(v)) {}
  const Type* type() const override { return Of(); }
  bool Equals(const Opaque& other) const override {
    return Compare(version, static_cast<const SemverValue&>(other).version) == 0;
  }

  const Version version;
};

const Version& Get(const Value& v) { return static_cast<const SemverValue&>(v.opaque()).version; }

std::string ReadArgument(Arguments a, Version* out) {
  const bool tolerant = a.size() == 2 && a[1].bool_value();
  return tolerant ? ReadTolerantly(a[0].text(), out) : Read(a[0].text(), out);
}
Value Parse(CallContext& c, Arguments a) {
  Version version;
  if (const std::string wrong = ReadArgument(a, &version); !wrong.empty()) return c.Error(wrong);
  return Value::Of(c.arena().Own(std::make_unique<SemverValue>(std::move(version))));
}
Value IsSemver(CallContext&, Arguments a) {
  Version version;
  return Value::Bool(ReadArgument(a, &version).empty());
}
Value IsGreater(CallContext&, Arguments a) { return Value::Bool(Compare(Get(a[0]), Get(a[1])) > 0); }
Value IsLess(CallContext&, Arguments a) { return Value::Bool(Compare(Get(a[0]), Get(a[1])) < 0); }
Value CompareTo(CallContext&, Arguments a) { return Value::Int(Compare(Get(a[0]), Get(a[1]))); }
Value Major(CallContext&, Arguments a) { return Value::Int(static_cast<int64_t>(Get(a[0]).major)); }
Value Minor(CallContext&, Arguments a) { return Value::Int(static_cast<int64_t>(Get(a[0]).minor)); }
Value Patch(CallContext&, Arguments a) { return Value::Int(static_cast<int64_t>(Get(a[0]).patch)); }

constexpr OverloadRow kRows[] = {
    {"semver", "string_to_semver", Style::kGlobal, "string", "kubernetes.Semver", &Parse, &TraversalCost<0>,
     &TraversalEstimate<0>},
    {"semver", "string_bool_to_semver", Style::kGlobal, "string,bool", "kubernetes.Semver", &Parse, &TraversalCost<0>,
     &TraversalEstimate<0>},
    {"isSemver", "is_semver_string", Style::kGlobal, "string", "bool", &IsSemver, &TraversalCost<0>,
     &TraversalEstimate<0>},
    {"isSemver", "is_semver_string_bool", Style::kGlobal, "string,bool", "bool", &IsSemver, &TraversalCost<0>,
     &TraversalEstimate<0>},
    {"isGreaterThan", "semver_is_greater_than", Style::kMember, "kubernetes.Semver,kubernetes.Semver", "bool",
     &IsGreater},
    {"isLessThan", "semver_is_less_than", Style::kMember, "kubernetes.Semver,kubernetes.Semver", "bool", &IsLess},
    {"compareTo", "semver_compare_to", Style::kMember, "kubernetes.Semver,kubernetes.Semver", "int", &CompareTo},
    {"major", "semver_major", Style::kMember, "kubernetes.Semver", "int", &Major},
    {"minor", "semver_minor", Style::kMember, "kubernetes.Semver", "int", &Minor},
    {"patch", "semver_patch", Style::kMember, "kubernetes.Semver", "int", &Patch},
};

}  // namespace

Library Semver() { return {.name = "kubernetes.semver", .introduced = 33, .rows = kRows}; }

}  // namespace atoll::cel::lib
