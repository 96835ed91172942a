#include "common/api/jsonpath.h"

#include <charconv>

#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"

namespace atoll::api {
namespace {

constexpr size_t kStepsMax = 64;

}  // namespace

class JsonPath::Parser {
 public:
  explicit Parser(std::string_view text) : whole_(text), rest_(text) {}

  absl::StatusOr<std::vector<Step>> Parse() {
    if (rest_.starts_with('{') && rest_.ends_with('}')) rest_ = rest_.substr(1, rest_.size() - 2);
    if (rest_.starts_with('$')) rest_.remove_prefix(1);
    ASSIGN_OR_RETURN(std::vector<Step> steps, Steps(/*in_filter=*/false));
    if (!rest_.empty()) return Fail("unexpected characters");
    return steps;
  }

 private:
  absl::Status Fail(std::string_view why) const {
    return absl::InvalidArgumentError(StrCat("invalid JSONPath \"", whole_, "\": ", why, rest_.empty() ? "" : " at \"",
                                             rest_, rest_.empty() ? "" : "\""));
  }
  bool Accept(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void SkipSpaces() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }

  absl::StatusOr<std::vector<Step>> Steps(bool in_filter) {
    std::vector<Step> steps;
    while (rest_.starts_with('.') || rest_.starts_with('[')) {
      if (steps.size() == kStepsMax) return Fail("too many steps");
      if (Accept("[")) {
        if (in_filter && rest_.starts_with('?')) return Fail("filters do not nest");
        ASSIGN_OR_RETURN(Step step, Bracket());
        steps.push_back(std::move(step));
        continue;
      }
      rest_.remove_prefix(1);
      if (Accept("*")) {
        steps.push_back({.kind = Step::Kind::kWildcard});
        continue;
      }
      std::string name = MemberName();
      if (!name.empty()) {
        steps.push_back({.kind = Step::Kind::kMember, .member = std::move(name)});
      } else if (!rest_.starts_with('[') && !rest_.empty()) {
        return Fail("a member name is missing");
      }
    }
    return steps;
  }

  // Up to the next step or operator; a backslash makes any character part of the name.
  std::string MemberName() {
    std::string name;
    while (!rest_.empty() && std::string_view(".[]()=!<> ,{}'\"").find(rest_.front()) == std::string_view::npos) {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      name.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    return name;
  }

  absl::StatusOr<Step> Bracket() {
    Step step;
    if (Accept("*")) {
      step.kind = Step::Kind::kWildcard;
    } else if (Accept("?(")) {
      ASSIGN_OR_RETURN(step, Filter());
    } else if (rest_.starts_with('\'') || rest_.starts_with('"')) {
      ASSIGN_OR_RETURN(step.member, Quoted());
    } else {
      step.kind = Step::Kind::kIndex;
      const auto [end, ec] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), step.index);
      if (ec != std::errc()) return Fail("an index is missing");
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    }
    if (!Accept("]")) return Fail("a closing bracket is missing");
    return step;
  }

  absl::StatusOr<std::string> Quoted() {
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    std::string out;
    while (!rest_.empty() && rest_.front() != quote) {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      out.push_back(rest_.front());
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) return Fail("a closing quote is missing");
    rest_.remove_prefix(1);
    return out;
  }

  absl::StatusOr<Step> Filter() {
    Step step{.kind = Step::Kind::kFilter};
    SkipSpaces();
    if (!Accept("@")) return Fail("a filter begins with @");
    ASSIGN_OR_RETURN(step.filter_path, Steps(/*in_filter=*/true));
    SkipSpaces();
    struct Operator {
      std::string_view text;
      Comparison comparison;
    };
    static constexpr Operator kOperators[] = {
        {"==", Comparison::kEqual},          {"!=", Comparison::kNotEqual}, {"<=", Comparison::kLessOrEqual},
        {">=", Comparison::kGreaterOrEqual}, {"<", Comparison::kLess},      {">", Comparison::kGreater},
    };
    for (const Operator& o : kOperators) {
      if (!Accept(o.text)) continue;
      step.comparison = o.comparison;
      SkipSpaces();
      RETURN_IF_ERROR(Literal(&step.literal));
      SkipSpaces();
      break;
    }
    if (!Accept(")")) return Fail("a closing parenthesis is missing");
    return step;
  }

  absl::Status Literal(json::Value* out) {
    if (rest_.starts_with('\'') || rest_.starts_with('"')) {
      ASSIGN_OR_RETURN(std::string s, Quoted());
      *out = json::Value(std::move(s));
      return absl::OkStatus();
    }
    const size_t n = std::min(rest_.find_first_of(" )"), rest_.size());
    absl::StatusOr<json::Value> v = json::Parse(rest_.substr(0, n), {.depth_max = 1});
    if (!v.ok()) return Fail("a string, number or boolean is missing");
    rest_.remove_prefix(n);
    *out = *std::move(v);
    return absl::OkStatus();
  }

  const std::string_view whole_;
  std::string_view rest_;
};

absl::StatusOr<JsonPath> JsonPath::Parse(std::string_view text) {
  JsonPath out;
  ASSIGN_OR_RETURN(out.steps_, Parser(text).Parse());
  return out;
}

bool JsonPath::Holds(const Step& filter, const json::Value& item) {
  std::vector<const json::Value*> found;
  Walk(filter.filter_path, 0, item, &found);
  if (found.empty()) return false;
  const json::Value &a = *found.front(), &b = filter.literal;
  switch (filter.comparison) {
    case Comparison::kExists:
      return true;
    case Comparison::kEqual:
      return a == b;
    case Comparison::kNotEqual:
      return !(a == b);
    default:
      break;
  }
  int order = 0;
  if (a.is_number() && b.is_number()) {
    order = a.number_value() < b.number_value() ? -1 : a.number_value() > b.number_value();
  } else if (a.is_string() && b.is_string()) {
    order = a.string().compare(b.string());
  } else {
    return false;
  }
  switch (filter.comparison) {
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessOrEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

void JsonPath::Walk(const std::vector<Step>& steps, size_t at, const json::Value& v,
                    std::vector<const json::Value*>* out) {
  if (at == steps.size()) {
    out->push_back(&v);
    return;
  }
  const Step& step = steps[at];
  if (step.kind == Step::Kind::kMember) {
    if (const json::Value* member = v.Find(step.member)) Walk(steps, at + 1, *member, out);
  } else if (step.kind == Step::Kind::kIndex) {
    if (!v.is_array()) return;
    const auto size = static_cast<int64_t>(v.array().size());
    const int64_t index = step.index < 0 ? step.index + size : step.index;
    if (index >= 0 && index < size) Walk(steps, at + 1, v.array()[static_cast<size_t>(index)], out);
  } else if (v.is_array()) {
    for (const json::Value& item : v.array()) {
      if (step.kind == Step::Kind::kWildcard || Holds(step, item)) Walk(steps, at + 1, item, out);
    }
  } else if (v.is_object() && step.kind == Step::Kind::kWildcard) {
    for (const auto& [key, member] : v.object()) Walk(steps, at + 1, member, out);
  }
}

std::vector<const json::Value*> JsonPath::Find(const json::Value& root) const {
  std::vector<const json::Value*> out;
  Walk(steps_, 0, root, &out);
  return out;
}

const json::Value* JsonPath::First(const json::Value& root) const {
  const std::vector<const json::Value*> all = Find(root);
  return all.empty() ? nullptr : all.front();
}

}  // namespace atoll::api
