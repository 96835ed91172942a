// Lexer: tokens of a CEL expression. Iterative; never fails: what is no token becomes an issue and is skipped.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/cel/issues.h"

namespace atoll::cel {

enum class Token : uint8_t {
  kEnd,
  kIdent,
  kEscapedIdent,
  kInt,
  kUint,
  kFloat,
  kString,
  kBytes,
  kTrue,
  kFalse,
  kNull,
  kIn,
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kAnd,
  kOr,
  kNot,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kLBracket,
  kRBracket,
  kLBrace,
  kRBrace,
  kLParen,
  kRParen,
  kDot,
  kComma,
  kQuestion,
  kColon,
};

struct Lexeme {
  Token token;
  uint32_t offset;
  std::string_view text;
};

// All tokens, kEnd last.
std::vector<Lexeme> Lex(const Source& source, std::vector<Issue>* issues);

// The value of a string literal's text (quotes, prefixes and escapes undone) into *out; what is wrong with it, or "".
std::string_view Unescape(std::string_view literal, bool bytes, std::string* out);

}  // namespace atoll::cel
