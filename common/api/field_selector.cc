#include <algorithm>

#include "common/api/errors.h"
#include "common/api/selectors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/utf8.h"

namespace atoll::api {
namespace {

// Commas part terms unless a backslash precedes them.
std::vector<std::string_view> SplitTerms(std::string_view text) {
  std::vector<std::string_view> terms;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ',') {
      terms.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  terms.push_back(text.substr(start));
  return terms;
}

absl::StatusOr<std::string> Unescape(std::string_view value) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ',' || value[i] == '=') {
      return BadRequest(StrCat("invalid field selector: unescaped character in value: ", value[i]));
    }
    if (value[i] == '\\') {
      ++i;
      if (i == value.size() || (value[i] != '\\' && value[i] != ',' && value[i] != '=')) {
        const int bytes = json::DecodeRune(value, i).bytes;
        return BadRequest(
            StrCat("invalid field selector: invalid escape sequence: \\", value.substr(i, static_cast<size_t>(bytes))));
      }
    }
    out.push_back(value[i]);
  }
  return out;
}

}  // namespace

absl::StatusOr<FieldSelector> FieldSelector::Parse(std::string_view text) {
  FieldSelector out;
  std::vector<std::string_view> terms = SplitTerms(text);
  std::sort(terms.begin(), terms.end());
  for (std::string_view term : terms) {
    if (term.empty()) continue;
    size_t at = 0;  // of the first operator: !=, == or =
    while (at < term.size() && term[at] != '=' && !term.substr(at).starts_with("!=")) ++at;
    if (at == term.size()) return BadRequest(StrCat("invalid selector: '", text, "'; can't understand '", term, "'"));
    FieldRequirement r{.field = std::string(term.substr(0, at)), .equal = term[at] == '='};
    const std::string_view rest = term.substr(at);
    ASSIGN_OR_RETURN(r.value, Unescape(rest.substr(rest.starts_with("!=") || rest.starts_with("==") ? 2 : 1)));
    out.requirements_.push_back(std::move(r));
  }
  return out;
}

bool FieldSelector::Matches(absl::FunctionRef<std::string(std::string_view field)> value_of) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const FieldRequirement& r) { return (value_of(r.field) == r.value) == r.equal; });
}

const std::string* FieldSelector::ExactValue(std::string_view field) const {
  for (const FieldRequirement& r : requirements_) {
    if (r.equal && r.field == field) return &r.value;
  }
  return nullptr;
}

absl::Status UnsupportedFieldLabel(std::string_view field) {
  return BadRequest(StrCat("field label not supported: ", field));
}

absl::Status UnknownFieldSelector(std::string_view field) {
  return BadRequest(
      StrCat(GoQuote(field), " is not a known field selector: only \"metadata.name\", \"metadata.namespace\""));
}

}  // namespace atoll::api
