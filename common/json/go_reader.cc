#include "common/json/go_reader.h"

#include <charconv>
#include <cmath>

#include "absl/strings/charconv.h"
#include "common/base/strings.h"
#include "common/json/go_quote.h"
#include "common/json/object_builder.h"
#include "common/json/utf8.h"

namespace atoll::json {
namespace {

// Recursive descent, at most `depth_max` deep. After a failure `error_` is set and every caller returns false.
class Reader {
 public:
  Reader(std::string_view text, const ParseOptions& options) : text_(text), options_(options) {}

  absl::StatusOr<Value> Read() {
    Value v;
    if (!ReadValue(&v, nullptr, 0)) return absl::InvalidArgumentError(error_);
    SkipSpace();
    if (at_ < text_.size()) {
      Unexpected("after top-level value");
      return absl::InvalidArgumentError(error_);
    }
    // Go checks the grammar of the whole text before it looks at any number's size.
    if (!range_error_.empty()) return absl::InvalidArgumentError(range_error_);
    return v;
  }

 private:
  bool Fail(std::string message) {
    error_ = std::move(message);
    return false;
  }
  // The character at hand does not fit, or the text ends here.
  bool Unexpected(std::string_view where) {
    if (at_ >= text_.size()) return Fail("unexpected end of JSON input");
    return Fail(StrCat("invalid character ", GoQuoteCharacter(static_cast<unsigned char>(text_[at_])), " ", where));
  }
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
      ++at_;
  }
  bool Looking(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool LookingAtDigit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  bool ReadValue(Value* out, const PathFrame* at, int depth) {
    SkipSpace();
    if (at_ >= text_.size()) return Unexpected("");
    switch (text_[at_]) {
      case '{':
        return ReadObject(out, at, depth + 1);
      case '[':
        return ReadArray(out, at, depth + 1);
      case '"': {
        std::string s;
        if (!ReadString(&s)) return false;
        *out = Value(std::move(s));
        return true;
      }
      case 't':
        *out = Value(true);
        return ReadLiteral("true");
      case 'f':
        *out = Value(false);
        return ReadLiteral("false");
      case 'n':
        *out = Value();
        return ReadLiteral("null");
      default:
        break;
    }
    if (text_[at_] == '-' || LookingAtDigit()) return ReadNumber(out);
    return Unexpected("looking for beginning of value");
  }

  bool ReadLiteral(std::string_view literal) {
    for (char c : literal) {
      if (!Looking(c)) return Unexpected(StrCat("in literal ", literal, " (expecting '", c, "')"));
      ++at_;
    }
    return true;
  }

  void SkipDigits() {
    while (LookingAtDigit()) ++at_;
  }

  bool ReadNumber(Value* out) {
    const size_t begin = at_;
    bool integral = true;
    if (Looking('-')) ++at_;
    if (Looking('0')) {
      ++at_;
    } else if (LookingAtDigit()) {
      SkipDigits();
    } else {
      return Unexpected("in numeric literal");
    }
    if (Looking('.')) {
      integral = false;
      ++at_;
      if (!LookingAtDigit()) return Unexpected("after decimal point in numeric literal");
      SkipDigits();
    }
    if (Looking('e') || Looking('E')) {
      integral = false;
      ++at_;
      if (Looking('+') || Looking('-')) ++at_;
      if (!LookingAtDigit()) return Unexpected("in exponent of numeric literal");
      SkipDigits();
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    const char* const end = number.data() + number.size();
    int64_t i = 0;
    if (integral && std::from_chars(number.data(), end, i).ec == std::errc()) {
      *out = Value(i);
      return true;
    }
    double d = 0;
    const auto result = absl::from_chars(number.data(), end, d);
    if (result.ec == std::errc::result_out_of_range && std::fabs(d) > 1 && range_error_.empty()) {
      range_error_ = StrCat("json: cannot unmarshal number ", number, " into Go value of type float64");
    }
    *out = Value(d);
    return true;
  }

  bool ReadHex4(char32_t* code) {
    *code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      int digit = 0;
      if (c >= '0' && c <= '9') {
        digit = c - '0';
      } else if (c >= 'a' && c <= 'f') {
        digit = c - 'a' + 10;
      } else if (c >= 'A' && c <= 'F') {
        digit = c - 'A' + 10;
      } else {
        return Unexpected("in \\u hexadecimal character escape");
      }
      *code = *code * 16 + static_cast<char32_t>(digit);
    }
    return true;
  }

  // After `\u`. A high surrogate joins a low one that follows; any other surrogate reads as U+FFFD.
  bool ReadUnicodeEscape(std::string* out) {
    char32_t code = 0;
    if (!ReadHex4(&code)) return false;
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
      const size_t second = at_;
      at_ += 2;
      char32_t low = 0;
      if (!ReadHex4(&low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      } else {
        at_ = second;
      }
    }
    AppendRune(out, code);
    return true;
  }

  bool ReadEscape(std::string* out) {
    ++at_;  // the backslash
    static constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (Looking('u')) {
      ++at_;
      return ReadUnicodeEscape(out);
    }
    const size_t which = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (which == std::string_view::npos) return Unexpected("in string escape code");
    out->push_back(kMeanings[which]);
    ++at_;
    return true;
  }

  bool ReadString(std::string* out) {
    ++at_;  // the quote
    while (true) {
      if (at_ >= text_.size() || static_cast<unsigned char>(text_[at_]) < 0x20) return Unexpected("in string literal");
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      if (text_[at_] == '\\') {
        if (!ReadEscape(out)) return false;
        continue;
      }
      const Rune r = DecodeRune(text_, at_);
      AppendRune(out, r.code_point);
      at_ += static_cast<size_t>(r.bytes);
    }
  }

  bool ReadArray(Value* out, const PathFrame* at, int depth) {
    if (depth > options_.depth_max) return Fail("exceeded max depth");
    ++at_;
    Array items;
    SkipSpace();
    if (!Looking(']')) {
      while (true) {
        const PathFrame frame{.up = at, .index = items.size(), .is_index = true};
        if (!ReadValue(&items.emplace_back(), &frame, depth)) return false;
        SkipSpace();
        if (Looking(']')) break;
        if (!Looking(',')) return Unexpected("after array element");
        ++at_;
      }
    }
    ++at_;
    *out = Value(std::move(items));
    return true;
  }

  bool ReadObject(Value* out, const PathFrame* at, int depth) {
    if (depth > options_.depth_max) return Fail("exceeded max depth");
    ++at_;
    ObjectBuilder members(at, options_.duplicates);
    SkipSpace();
    if (!Looking('}')) {
      while (true) {
        SkipSpace();
        if (!Looking('"')) return Unexpected("looking for beginning of object key string");
        std::string key;
        if (!ReadString(&key)) return false;
        SkipSpace();
        if (!Looking(':')) return Unexpected("after object key");
        ++at_;
        const PathFrame frame{.up = at, .key = key};
        Value* member = members.Member(key);
        if (!ReadValue(member, &frame, depth)) return false;
        SkipSpace();
        if (Looking('}')) break;
        if (!Looking(',')) return Unexpected("after object key:value pair");
        ++at_;
      }
    }
    ++at_;
    *out = Value(members.Take());
    return true;
  }

  const std::string_view text_;
  const ParseOptions& options_;
  size_t at_ = 0;
  std::string error_, range_error_;
};

}  // namespace

absl::StatusOr<Value> ReadLikeGo(std::string_view text, const ParseOptions& options) {
  return Reader(text, options).Read();
}

}  // namespace atoll::json
