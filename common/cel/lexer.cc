#include "common/cel/lexer.h"

#include "common/base/strings.h"
#include "common/json/utf8.h"

namespace atoll::cel {
namespace {

constexpr size_t kIssuesMax = 100;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Scanner {
 public:
  Scanner(const Source& source, std::vector<Issue>* issues) : source_(source), s_(source.text()), issues_(issues) {}

  std::vector<Lexeme> Run() {
    std::vector<Lexeme> out;
    while (true) {
      SkipBlank();
      if (at_ >= s_.size()) break;
      const size_t begin = at_;
      Token token;
      if (Next(&token)) out.push_back({token, static_cast<uint32_t>(begin), s_.substr(begin, at_ - begin)});
    }
    out.push_back({Token::kEnd, static_cast<uint32_t>(s_.size()), "<EOF>"});
    return out;
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < s_.size() ? s_[at_ + ahead] : '\0'; }

  void SkipBlank() {
    while (at_ < s_.size()) {
      const char c = s_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '/' && Peek(1) == '/') {
        while (at_ < s_.size() && s_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  bool Next(Token* token) {
    const char c = Peek();
    failed_at_ = kNoFailure;
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number(token);
    if (const size_t length = StringLength(at_); length > 0) {
      *token = (c == 'b' || c == 'B') ? Token::kBytes : Token::kString;
      at_ += length;
      return true;
    }
    if (failed_at_ != kNoFailure && !IsLetter(c)) {
      if (!s_.substr(at_).starts_with("'''") && !s_.substr(at_).starts_with("\"\"\"")) {
        return Unknown(End(failed_at_));
      }
      *token = Token::kString;  // an empty one; the third quote begins another
      at_ += 2;
      return true;
    }
    if (IsLetter(c) || c == '_') return Identifier(token);
    if (c == '`') return EscapedIdentifier(token);
    return Operator(token);
  }

  bool Number(Token* token) {
    if (Peek() == '0' && Peek(1) == 'x' && HexDigit(Peek(2)) >= 0) {
      at_ += 2;
      while (HexDigit(Peek()) >= 0) ++at_;
      *token = Token::kInt;
    } else {
      *token = Token::kInt;
      while (IsDigit(Peek())) ++at_;
      if (Peek() == '.' && IsDigit(Peek(1))) {
        ++at_;
        while (IsDigit(Peek())) ++at_;
        *token = Token::kFloat;
      }
      if (Peek() == 'e' || Peek() == 'E') {
        const size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 2 : 1;
        if (IsDigit(Peek(sign))) {
          at_ += sign;
          while (IsDigit(Peek())) ++at_;
          *token = Token::kFloat;
        }
      }
    }
    if (*token == Token::kInt && (Peek() == 'u' || Peek() == 'U')) {
      ++at_;
      *token = Token::kUint;
    }
    return true;
  }

  bool Identifier(Token* token) {
    const size_t begin = at_;
    while (IsLetter(Peek()) || IsDigit(Peek()) || Peek() == '_') ++at_;
    const std::string_view text = s_.substr(begin, at_ - begin);
    *token = text == "true"    ? Token::kTrue
             : text == "false" ? Token::kFalse
             : text == "null"  ? Token::kNull
             : text == "in"    ? Token::kIn
                               : Token::kIdent;
    return true;
  }

  bool EscapedIdentifier(Token* token) {
    size_t end = at_ + 1;
    while (end < s_.size() && (IsLetter(s_[end]) || IsDigit(s_[end]) ||
                               std::string_view("_.-/ ").find(s_[end]) != std::string_view::npos)) {
      ++end;
    }
    if (end >= s_.size() || s_[end] != '`' || end == at_ + 1) return Unknown(End(end));
    at_ = end + 1;
    *token = Token::kEscapedIdent;
    return true;
  }

  bool Operator(Token* token) {
    struct Row {
      std::string_view text;
      Token token;
    };
    static constexpr Row kRows[] = {
        {"==", Token::kEq},    {"!=", Token::kNe},     {"<=", Token::kLe},      {">=", Token::kGe},
        {"&&", Token::kAnd},   {"||", Token::kOr},     {"<", Token::kLt},       {">", Token::kGt},
        {"!", Token::kNot},    {"+", Token::kPlus},    {"-", Token::kMinus},    {"*", Token::kStar},
        {"/", Token::kSlash},  {"%", Token::kPercent}, {"[", Token::kLBracket}, {"]", Token::kRBracket},
        {"{", Token::kLBrace}, {"}", Token::kRBrace},  {"(", Token::kLParen},   {")", Token::kRParen},
        {".", Token::kDot},    {",", Token::kComma},   {"?", Token::kQuestion}, {":", Token::kColon},
    };
    for (const Row& row : kRows) {
      if (s_.substr(at_).starts_with(row.text)) {
        at_ += row.text.size();
        *token = row.token;
        return true;
      }
    }
    // What begins like an operator of two characters takes the next one along.
    const bool half = s_[at_] == '|' || s_[at_] == '&' || s_[at_] == '=';
    return Unknown(End(half ? at_ + 1 : at_));
  }

  // Behind the code point at `at`.
  size_t End(size_t at) const {
    return at >= s_.size() ? s_.size() : at + static_cast<size_t>(json::DecodeRune(s_, at).bytes);
  }

  // Says so, and goes on at `end`.
  bool Unknown(size_t end) {
    if (issues_->size() < kIssuesMax) {
      issues_->push_back(source_.At(static_cast<uint32_t>(at_), StrCat("Syntax error: token recognition error at: '",
                                                                       s_.substr(at_, end - at_), "'")));
    }
    at_ = end;
    return false;
  }

  // Of the string or bytes literal at `at`; 0 when there is none, or it is not closed: then failed_at_ says where it
  // ended to be one.
  size_t StringLength(size_t at) {
    size_t i = at;
    const auto peek = [&](size_t ahead) { return i + ahead < s_.size() ? s_[i + ahead] : '\0'; };
    if (peek(0) == 'b' || peek(0) == 'B') ++i;
    const bool raw = peek(0) == 'r' || peek(0) == 'R';
    if (raw) ++i;
    const char quote = peek(0);
    if (quote != '"' && quote != '\'') return 0;
    const bool triple = peek(1) == quote && peek(2) == quote;
    i += triple ? 3 : 1;
    for (; i < s_.size(); ++i) {
      const char c = s_[i];
      if (c == '\\' && !raw) {
        const size_t length = EscapeLength(i);
        if (length == 0) return Broken(i + 1);
        i += length - 1;
      } else if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
        return i + (triple ? 3 : 1) - at;
      } else if (!triple && (c == '\n' || c == '\r')) {
        return Broken(i);
      }
    }
    return Broken(s_.size());
  }
  size_t Broken(size_t at) {
    failed_at_ = at;
    return 0;
  }

  size_t EscapeLength(size_t at) const {
    const char c = at + 1 < s_.size() ? s_[at + 1] : '\0';
    const auto digits = [&](size_t n, int base) -> size_t {
      for (size_t i = 0; i < n; ++i) {
        const int digit = at + 2 + i < s_.size() ? HexDigit(s_[at + 2 + i]) : -1;
        if (digit < 0 || digit >= base) return 0;
      }
      return n + 2;
    };
    switch (c) {
      case 'a':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
      case 'v':
      case '"':
      case '\'':
      case '\\':
      case '?':
      case '`':
        return 2;
      case 'x':
      case 'X':
        return digits(2, 16);
      case 'u':
        return digits(4, 16);
      case 'U':
        return digits(8, 16);
      case '0':
      case '1':
      case '2':
      case '3':
        return digits(2, 8);
      default:
        return 0;
    }
  }

  const Source& source_;
  const std::string_view s_;
  std::vector<Issue>* const issues_;
  size_t at_ = 0;
  static constexpr size_t kNoFailure = static_cast<size_t>(-1);
  size_t failed_at_ = kNoFailure;
};

}  // namespace

std::vector<Lexeme> Lex(const Source& source, std::vector<Issue>* issues) { return Scanner(source, issues).Run(); }

std::string_view Unescape(std::string_view literal, bool bytes, std::string* out) {
  if (bytes) literal.remove_prefix(1);
  const bool raw = literal.front() == 'r' || literal.front() == 'R';
  if (raw) literal.remove_prefix(1);
  const char quote = literal.front();
  const size_t quotes = literal.size() >= 6 && literal[1] == quote && literal[2] == quote ? 3 : 1;
  literal = literal.substr(quotes, literal.size() - 2 * quotes);
  for (size_t i = 0; i < literal.size(); ++i) {
    const char c = literal[i];
    if (c == '\r') {  // line ends are normalized
      out->push_back('\n');
      if (i + 1 < literal.size() && literal[i + 1] == '\n') ++i;
      continue;
    }
    if (c != '\\' || raw) {
      out->push_back(c);
      continue;
    }
    const char kind = literal[++i];
    uint32_t code = 0;
    size_t length = 0;
    uint32_t base = 16;
    switch (kind) {
      case 'a':
        out->push_back('\a');
        continue;
      case 'b':
        out->push_back('\b');
        continue;
      case 'f':
        out->push_back('\f');
        continue;
      case 'n':
        out->push_back('\n');
        continue;
      case 'r':
        out->push_back('\r');
        continue;
      case 't':
        out->push_back('\t');
        continue;
      case 'v':
        out->push_back('\v');
        continue;
      case 'x':
      case 'X':
        length = 2;
        break;
      case 'u':
        length = 4;
        break;
      case 'U':
        length = 8;
        break;
      case '0':
      case '1':
      case '2':
      case '3':
        code = static_cast<uint32_t>(kind - '0');
        length = 2;
        base = 8;
        break;
      default:
        out->push_back(kind);
        continue;
    }
    if (bytes && (kind == 'u' || kind == 'U')) return "unable to unescape string";
    for (; length > 0; --length) code = code * base + static_cast<uint32_t>(HexDigit(literal[++i]));
    if (bytes) {
      out->push_back(static_cast<char>(code));
    } else {
      if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return "invalid unicode code point";
      json::AppendRune(out, code);
    }
  }
  return "";
}

}  // namespace atoll::cel
