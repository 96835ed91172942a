#include <algorithm>
#include <charconv>
#include <optional>

#include "common/api/errors.h"
#include "common/api/selectors.h"
#include "common/api/validation.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::api {
namespace {

using Operator = LabelRequirement::Operator;

// As strconv.ParseInt: an optional sign, digits, 64 bits.
std::optional<int64_t> ParseInteger(std::string_view s) {
  if (s.starts_with('+')) {
    s.remove_prefix(1);
    if (s.starts_with('-')) return std::nullopt;
  }
  int64_t v = 0;
  const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), v);
  if (ec != std::errc() || end != s.data() + s.size() || s.empty()) return std::nullopt;
  return v;
}

void SortUnique(std::vector<std::string>* values) {
  std::sort(values->begin(), values->end());
  values->erase(std::unique(values->begin(), values->end()), values->end());
}

// Errors: InvalidArgument with the field errors as one text.
absl::Status CheckRequirement(const LabelRequirement& r) {
  std::vector<std::string> lines;
  const auto invalid = [&](std::string field, const json::Value& value, std::string_view why) {
    lines.push_back(FieldInvalid(std::move(field), value, why).Line());
  };
  if (const Messages m = CheckQualifiedName(r.key); !m.empty()) invalid("key", r.key, StrJoin(m, "; "));
  if (r.op == Operator::kGreaterThan || r.op == Operator::kLessThan) {
    for (size_t i = 0; i < r.values.size(); ++i) {
      if (!ParseInteger(r.values[i])) {
        invalid(StrCat("values[", i, "]"), r.values[i], "for 'Gt', 'Lt' operators, the value must be an integer");
      }
    }
  }
  for (size_t i = 0; i < r.values.size(); ++i) {
    const Messages m = CheckLabelValue(r.values[i]);
    if (!m.empty()) invalid(StrCat("values[", i, "][", r.key, "]"), r.values[i], StrJoin(m, "; "));
  }
  if (lines.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(lines.size() == 1 ? lines[0] : StrCat("[", StrJoin(lines, ", "), "]"));
}

enum class Token : uint8_t {
  kEnd,
  kWord,
  kComma,
  kOpen,
  kClose,
  kNot,
  kEqual,
  kDoubleEqual,
  kNotEqual,
  kGreater,
  kLess
};

struct Lexeme {
  Token token;
  std::string_view text;
};

std::vector<Lexeme> Lex(std::string_view s) {
  constexpr std::string_view kSpaces = " \t\r\n", kEnds = " \t\r\n=!(),><";
  std::vector<Lexeme> out;
  while (true) {
    s.remove_prefix(std::min(s.find_first_not_of(kSpaces), s.size()));
    if (s.empty()) break;
    size_t length = 1;
    Token token = Token::kWord;
    switch (s.front()) {
      case ',':
        token = Token::kComma;
        break;
      case '(':
        token = Token::kOpen;
        break;
      case ')':
        token = Token::kClose;
        break;
      case '>':
        token = Token::kGreater;
        break;
      case '<':
        token = Token::kLess;
        break;
      case '=':
        length = s.starts_with("==") ? 2 : 1;
        token = length == 2 ? Token::kDoubleEqual : Token::kEqual;
        break;
      case '!':
        length = s.starts_with("!=") ? 2 : 1;
        token = length == 2 ? Token::kNotEqual : Token::kNot;
        break;
      default:
        length = std::min(s.find_first_of(kEnds), s.size());
    }
    out.push_back({token, s.substr(0, length)});
    s.remove_prefix(length);
  }
  out.push_back({Token::kEnd, ""});
  return out;
}

// Reads requirements from lexemes; errors carry Kubernetes' words without the outer prefix.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexemes_(Lex(text)) {}

  absl::StatusOr<std::vector<LabelRequirement>> Parse() {
    std::vector<LabelRequirement> out;
    if (Now().token == Token::kEnd) return out;
    if (!StartsRequirement()) return Found("!, identifier, or 'end of string'");
    while (true) {
      absl::StatusOr<LabelRequirement> r = Requirement();
      if (!r.ok()) return absl::InvalidArgumentError(StrCat("unable to parse requirement: ", r.status().message()));
      out.push_back(*std::move(r));
      if (Now().token == Token::kEnd) return out;
      if (Now().token != Token::kComma) return Found("',' or 'end of string'");
      ++at_;
      if (!StartsRequirement()) return Found("identifier after ','");
    }
  }

 private:
  const Lexeme& Now() const { return lexemes_[at_]; }
  Lexeme Take() { return Now().token == Token::kEnd ? Now() : lexemes_[at_++]; }
  bool StartsRequirement() const { return Now().token == Token::kWord || Now().token == Token::kNot; }
  bool AtRequirementEnd() const { return Now().token == Token::kEnd || Now().token == Token::kComma; }
  absl::Status Found(std::string_view expected) const { return FoundText(Now().text, expected); }
  static absl::Status FoundText(std::string_view text, std::string_view expected) {
    return absl::InvalidArgumentError(StrCat("found '", text, "', expected: ", expected));
  }

  absl::StatusOr<LabelRequirement> Requirement() {
    LabelRequirement r;
    const bool negated = Now().token == Token::kNot;
    if (negated) ++at_;
    if (Now().token != Token::kWord) return Found("identifier");
    r.key = std::string(Take().text);
    if (const Messages m = CheckQualifiedName(r.key); !m.empty()) {
      return absl::InvalidArgumentError(FieldInvalid("<nil>", r.key, StrJoin(m, "; ")).Line());
    }
    if (negated || AtRequirementEnd()) {
      r.op = negated ? Operator::kDoesNotExist : Operator::kExists;
      return r;
    }
    RETURN_IF_ERROR(ReadOperator(&r));
    RETURN_IF_ERROR(r.op == Operator::kIn || r.op == Operator::kNotIn ? ReadSet(&r.values) : ReadValue(&r.values));
    SortUnique(&r.values);
    RETURN_IF_ERROR(CheckRequirement(r));
    return r;
  }

  absl::Status ReadOperator(LabelRequirement* r) {
    const Lexeme found = Take();
    switch (found.token) {
      case Token::kEqual:
      case Token::kDoubleEqual:
        r->op = Operator::kEquals;
        return absl::OkStatus();
      case Token::kNotEqual:
        r->op = Operator::kNotEquals;
        return absl::OkStatus();
      case Token::kGreater:
        r->op = Operator::kGreaterThan;
        return absl::OkStatus();
      case Token::kLess:
        r->op = Operator::kLessThan;
        return absl::OkStatus();
      case Token::kWord:
        if (found.text == "in" || found.text == "notin") {
          r->op = found.text == "in" ? Operator::kIn : Operator::kNotIn;
          return absl::OkStatus();
        }
        break;
      default:
        break;
    }
    return FoundText(found.text, "in, notin, =, ==, !=, gt, lt");
  }

  absl::Status ReadValue(std::vector<std::string>* values) {
    if (AtRequirementEnd()) {
      values->emplace_back();
      return absl::OkStatus();
    }
    if (Now().token != Token::kWord) return Found("identifier");
    values->emplace_back(Take().text);
    return absl::OkStatus();
  }

  // `(a,b)`; an empty place between commas or parentheses is the empty value.
  absl::Status ReadSet(std::vector<std::string>* values) {
    if (Now().token != Token::kOpen)
      return absl::InvalidArgumentError(StrCat("found '", Now().text, "' expected: '('"));
    ++at_;
    if (Now().token != Token::kWord && Now().token != Token::kComma && Now().token != Token::kClose) {
      return Found("',', ')' or identifier");
    }
    while (true) {
      if (Now().token == Token::kWord) {
        values->emplace_back(Take().text);
        if (Now().token != Token::kComma && Now().token != Token::kClose) return Found("',' or ')'");
      } else if (Now().token == Token::kComma || Now().token == Token::kClose) {
        values->emplace_back();
      } else {
        return Found("',', or identifier");
      }
      if (Take().token == Token::kClose) return absl::OkStatus();
    }
  }

  std::vector<Lexeme> lexemes_;
  size_t at_ = 0;
};

bool Contains(const std::vector<std::string>& sorted, std::string_view value) {
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), value);
  return it != sorted.end() && *it == value;
}

absl::StatusOr<LabelRequirement> FromExpression(const json::Value& e) {
  LabelRequirement r{.key = std::string(e.StringAt({"key"}))};
  const std::string_view op = e.StringAt({"operator"});
  if (op == "In" || op == "NotIn") {
    r.op = op == "In" ? Operator::kIn : Operator::kNotIn;
  } else if (op == "Exists" || op == "DoesNotExist") {
    r.op = op == "Exists" ? Operator::kExists : Operator::kDoesNotExist;
  } else {
    return absl::InvalidArgumentError(StrCat(GoQuote(op), " is not a valid label selector operator"));
  }
  if (const json::Value* list = e.Find("values"); list != nullptr && list->is_array()) {
    for (const json::Value& v : list->array()) r.values.emplace_back(v.StringOr());
  }
  const bool takes_values = r.op == Operator::kIn || r.op == Operator::kNotIn;
  if (takes_values == r.values.empty()) {
    json::Array printed(r.values.begin(), r.values.end());
    return absl::InvalidArgumentError(FieldInvalid("values", json::Value(std::move(printed)),
                                                   takes_values
                                                       ? "for 'in', 'notin' operators, values set can't be empty"
                                                       : "values set must be empty for exists and does not exist")
                                          .Line());
  }
  SortUnique(&r.values);
  RETURN_IF_ERROR(CheckRequirement(r));
  return r;
}

}  // namespace

bool LabelRequirement::Matches(std::optional<std::string_view> value) const {
  switch (op) {
    case Operator::kExists:
      return value.has_value();
    case Operator::kDoesNotExist:
      return !value.has_value();
    case Operator::kIn:
    case Operator::kEquals:
      return value.has_value() && Contains(values, *value);
    case Operator::kNotIn:
    case Operator::kNotEquals:
      return !value.has_value() || !Contains(values, *value);
    case Operator::kGreaterThan:
    case Operator::kLessThan:
      break;
  }
  if (!value.has_value() || values.size() != 1) return false;
  const std::optional<int64_t> actual = ParseInteger(*value), bound = ParseInteger(values[0]);
  return actual && bound && (op == Operator::kGreaterThan ? *actual > *bound : *actual < *bound);
}

absl::StatusOr<LabelSelector> LabelSelector::Parse(std::string_view text) {
  absl::StatusOr<std::vector<LabelRequirement>> requirements = Parser(text).Parse();
  if (!requirements.ok()) return BadRequest(ToStd(requirements.status().message()));
  LabelSelector out;
  out.requirements_ = *std::move(requirements);
  return out;
}

absl::StatusOr<LabelSelector> LabelSelector::FromObject(const json::Value* selector) {
  LabelSelector out;
  if (selector == nullptr || selector->is_null()) {
    out.nothing_ = true;
    return out;
  }
  if (const json::Value* labels = selector->Find("matchLabels"); labels != nullptr && labels->is_object()) {
    for (const auto& [key, value] : labels->object()) {
      LabelRequirement r{.key = key, .op = Operator::kEquals, .values = {std::string(value.StringOr())}};
      RETURN_IF_ERROR(CheckRequirement(r));
      out.requirements_.push_back(std::move(r));
    }
  }
  if (const json::Value* list = selector->Find("matchExpressions"); list != nullptr && list->is_array()) {
    for (const json::Value& e : list->array()) {
      ASSIGN_OR_RETURN(LabelRequirement r, FromExpression(e));
      out.requirements_.push_back(std::move(r));
    }
  }
  return out;
}

bool LabelSelector::MatchesLabels(const json::Value* labels) const {
  return MatchesLabels([labels](std::string_view key) -> std::optional<std::string_view> {
    const json::Value* found = labels == nullptr ? nullptr : labels->Find(key);
    if (found == nullptr) return std::nullopt;
    return found->StringOr();
  });
}

bool LabelSelector::MatchesLabels(
    absl::FunctionRef<std::optional<std::string_view>(std::string_view key)> value_of) const {
  if (nothing_) return false;
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const LabelRequirement& r) { return r.Matches(value_of(r.key)); });
}

}  // namespace atoll::api
