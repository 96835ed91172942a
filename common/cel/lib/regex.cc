// Kubernetes' regex library: find, findAll.
#include <re2/re2.h>

#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/json/utf8.h"

namespace atoll::cel::lib {
namespace {

// The first match in `text` from `*at` on; moves *at behind it.
bool NextMatch(const re2::RE2& regex, std::string_view text, size_t* at, size_t* begin, size_t* end) {
  re2::StringPiece match;
  if (*at > text.size() ||
      !regex.Match(re2::StringPiece(text.data(), text.size()), *at, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
    return false;
  }
  *begin = static_cast<size_t>(match.data() - text.data());
  *end = *begin + match.size();
  return true;
}

const re2::RE2* RegexOrError(CallContext& c, std::string_view pattern, Value* error) {
  Value wrong;
  const re2::RE2* regex = c.Regex(pattern, &wrong);
  if (regex == nullptr) *error = c.Error(StrCat("Illegal regex: ", wrong.text()));
  return regex;
}

Value Find(CallContext& c, Arguments a) {
  Value error;
  const re2::RE2* regex = RegexOrError(c, a[1].text(), &error);
  if (regex == nullptr) return error;
  size_t at = 0, begin, end;
  if (!NextMatch(*regex, a[0].text(), &at, &begin, &end)) return Value::String("");
  return Value::String(a[0].text().substr(begin, end - begin));
}

Value FindAll(CallContext& c, Arguments a) {
  Value error;
  const re2::RE2* regex = RegexOrError(c, a[1].text(), &error);
  if (regex == nullptr) return error;
  const std::string_view text = a[0].text();
  int64_t left = a.size() == 3 ? a[2].int_value() : -1;
  ListBuilder out(c.arena());
  size_t at = 0, begin, end, previous = std::string_view::npos;
  while (left != 0 && NextMatch(*regex, text, &at, &begin, &end)) {
    // As Go: an empty match right behind the one before it is none.
    if (begin != end || begin != previous) {
      out.Add(Value::String(text.substr(begin, end - begin)));
      --left;
      previous = end;
    }
    at = end > at || begin != end ? end : at + static_cast<size_t>(json::DecodeRune(text, at).bytes);
    if (begin == end) {
      if (end >= text.size()) break;
      at = end + static_cast<size_t>(json::DecodeRune(text, end).bytes);
    }
  }
  return out.Build();
}

CallEstimate FindEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range text = c.Size(a[0]);
  return {.cost = RegexEstimate(text, c.Size(a[1])), .size = Range{0, text.max}};
}

constexpr OverloadRow kRows[] = {
    {"find", "string_find_string", Style::kMember, "string,string", "string", &Find, &RegexCost, &FindEstimate},
    {"findAll", "string_find_all_string", Style::kMember, "string,string", "list(string)", &FindAll, &RegexCost,
     &FindEstimate},
    {"findAll", "string_find_all_string_int", Style::kMember, "string,string,int", "list(string)", &FindAll, &RegexCost,
     &FindEstimate},
};

}  // namespace

Library Regex() { return {.name = "kubernetes.regex", .rows = kRows}; }

}  // namespace atoll::cel::lib
