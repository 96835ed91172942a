#include "common/cel/parser.h"

#include <charconv>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "common/base/strings.h"
#include "common/cel/ast_builder.h"
#include "common/cel/lexer.h"

namespace atoll::cel {
namespace {

// What may begin an operand, as error texts list it, with what else may stand there.
struct Expected {
  std::string_view closing, comma, question;  // `']', `, `',', `, `'?', ` or nothing
};
constexpr Expected kOperand{"", "", ""}, kOptionalOperand{"", "", "'?', "}, kListStart{"']', ", "',', ", "'?', "},
    kMapStart{"'}', ", "',', ", "'?', "}, kArguments{"')', ", "", ""};

std::string ListOf(const Expected& e) {
  const bool list = e.closing == kListStart.closing, map = e.closing == kMapStart.closing,
             arguments = e.closing == kArguments.closing;
  return StrCat("{'[', ", list ? e.closing : "", "'{', ", map ? e.closing : "", "'(', ", arguments ? e.closing : "",
                "'.', ", e.comma, "'-', '!', ", e.question,
                "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}");
}

bool BeginsOperand(Token token) {
  switch (token) {
    case Token::kLBracket:
    case Token::kLBrace:
    case Token::kLParen:
    case Token::kDot:
    case Token::kMinus:
    case Token::kNot:
    case Token::kTrue:
    case Token::kFalse:
    case Token::kNull:
    case Token::kFloat:
    case Token::kInt:
    case Token::kUint:
    case Token::kString:
    case Token::kBytes:
    case Token::kIdent:
      return true;
    default:
      return false;
  }
}

constexpr std::string_view kReserved[] = {"as",        "break", "const",  "continue", "else", "false", "for",
                                          "function",  "if",    "import", "in",       "let",  "loop",  "package",
                                          "namespace", "null",  "return", "true",     "var",  "void",  "while"};

bool IsReserved(std::string_view name) {
  for (const std::string_view r : kReserved) {
    if (name == r) return true;
  }
  return false;
}

struct BinaryOperator {
  Token token;
  int precedence;  // higher binds tighter
  std::string_view function;
};
constexpr BinaryOperator kBinary[] = {
    {Token::kLt, 1, "_<_"},    {Token::kLe, 1, "_<=_"},  {Token::kGe, 1, "_>=_"},   {Token::kGt, 1, "_>_"},
    {Token::kEq, 1, "_==_"},   {Token::kNe, 1, "_!=_"},  {Token::kIn, 1, "@in"},    {Token::kPlus, 2, "_+_"},
    {Token::kMinus, 2, "_-_"}, {Token::kStar, 3, "_*_"}, {Token::kSlash, 3, "_/_"}, {Token::kPercent, 3, "_%_"},
};

const BinaryOperator* FindBinary(Token token) {
  for (const BinaryOperator& row : kBinary) {
    if (row.token == token) return &row;
  }
  return nullptr;
}

// A method that fails has said why and returns kNoNode; nothing is parsed after that.
class Parser {
 public:
  Parser(const Source& source, const ParseOptions& options, std::vector<Lexeme> lexemes, Ast* ast,
         std::vector<Issue>* issues)
      : source_(source), options_(options), lexemes_(std::move(lexemes)), build_(ast), issues_(issues) {}

  bool Run() {
    const NodeId root = Expression();
    if (root == kNoNode) return false;
    if (!At(Token::kEnd)) {
      const bool last = lexemes_[at_ + 1].token == Token::kEnd;
      return Syntax(StrCat(last ? "extraneous" : "mismatched", " input '", Now().text, "' expecting <EOF>")) != kNoNode;
    }
    build_.ast().root = root;
    return issues_->empty();
  }

 private:
  const Lexeme& Now() const { return lexemes_[at_]; }
  bool At(Token token) const { return Now().token == token; }
  bool Take(Token token) {
    if (!At(token)) return false;
    ++at_;
    return true;
  }
  NodeId Fail(uint32_t offset, std::string message) {
    issues_->push_back(source_.At(offset, std::move(message)));
    return kNoNode;
  }
  NodeId Syntax(std::string_view what) { return Fail(Now().offset, StrCat("Syntax error: ", what)); }
  NodeId TooDeep() {
    issues_->push_back({-1, -1, StrCat("expression recursion limit exceeded: ", kDepthMax)});
    return kNoNode;
  }
  // The token that closes or separates.
  bool Expect(Token token, std::string_view text) {
    if (Take(token)) return true;
    // As if it had been there, could it go on with what is there?
    const bool closing = token == Token::kRParen || token == Token::kRBracket || token == Token::kRBrace;
    const bool fits = closing ? At(Token::kEnd) || FindBinary(Now().token) != nullptr || At(Token::kAnd) ||
                                    At(Token::kOr) || At(Token::kDot) || (At(Token::kComma) && depth_ > 1) ||
                                    At(Token::kQuestion)
                              : BeginsOperand(Now().token);
    const bool next = !At(Token::kEnd) && lexemes_[at_ + 1].token == token;
    Syntax(next   ? StrCat("extraneous input '", Now().text, "' expecting '", text, "'")
           : fits ? StrCat("missing '", text, "' at '", Now().text, "'")
                  : StrCat("mismatched input '", Now().text, "' expecting '", text, "'"));
    return false;
  }
  // The end of a list or map: behind an element a comma could stand, too.
  bool Closed(Token token, std::string_view text, bool separated) {
    if (separated || At(token)) return Expect(token, text);
    const bool next = !At(Token::kEnd) && lexemes_[at_ + 1].token == token;
    Syntax(StrCat(next ? "extraneous" : "mismatched", " input '", Now().text, "' expecting {'", text, "', ','}"));
    return false;
  }
  NodeId NoOperand() {
    const Expected expected = expected_;
    const Token next = At(Token::kEnd) ? Token::kEnd : lexemes_[at_ + 1].token;
    const bool extraneous = BeginsOperand(next) || (expected.closing == kArguments.closing && next == Token::kRParen) ||
                            (expected.closing == kListStart.closing && next == Token::kRBracket) ||
                            (expected.closing == kMapStart.closing && next == Token::kRBrace);
    return Syntax(
        StrCat(extraneous ? "extraneous" : "mismatched", " input '", Now().text, "' expecting ", ListOf(expected)));
  }
  NodeId Checked(NodeId node) {
    return node != kNoNode && build_.height_max() > AstBuilder::kHeightMax ? TooDeep() : node;
  }

  // `expected`: what error texts say may stand at its beginning.
  NodeId Expression(const Expected& expected = kOperand) {
    if (++depth_ > kDepthMax) return TooDeep();
    expected_ = expected;
    const NodeId out = Conditional();
    --depth_;
    return out;
  }

  NodeId Conditional() {
    const NodeId condition = Logic(Token::kOr);
    if (condition == kNoNode || !At(Token::kQuestion)) return condition;
    const uint32_t offset = Now().offset;
    ++at_;
    const NodeId yes = Logic(Token::kOr);
    if (yes == kNoNode || !Expect(Token::kColon, ":")) return kNoNode;
    const NodeId no = Expression();
    if (no == kNoNode) return kNoNode;
    return Checked(build_.Call(offset, "_?_:_", {condition, yes, no}));
  }

  // `a || b || c` and, within, `a && b && c`: a balanced tree, as high as the logarithm of its terms.
  NodeId Logic(Token token) {
    const bool is_or = token == Token::kOr;
    std::vector<NodeId> terms;
    std::vector<uint32_t> operators;
    while (true) {
      const NodeId term = is_or ? Logic(Token::kAnd) : Binary(1);
      if (term == kNoNode) return kNoNode;
      terms.push_back(term);
      if (!At(token)) break;
      operators.push_back(Now().offset);
      ++at_;
    }
    if (operators.empty()) return terms[0];
    return Checked(Balanced(is_or ? "_||_" : "_&&_", terms, operators, 0, operators.size() - 1));
  }

  NodeId Balanced(std::string_view function, const std::vector<NodeId>& terms, const std::vector<uint32_t>& operators,
                  size_t low, size_t high) {
    const size_t middle = (low + high + 1) / 2;
    const NodeId left = middle == low ? terms[middle] : Balanced(function, terms, operators, low, middle - 1);
    const NodeId right = middle == high ? terms[middle + 1] : Balanced(function, terms, operators, middle + 1, high);
    return build_.Call(operators[middle], function, {left, right});
  }

  NodeId Binary(int precedence) {
    NodeId left = precedence == 3 ? Unary() : Binary(precedence + 1);
    while (left != kNoNode) {
      const BinaryOperator* op = FindBinary(Now().token);
      if (op == nullptr || op->precedence != precedence) return left;
      const uint32_t offset = Now().offset;
      ++at_;
      const NodeId right = precedence == 3 ? Unary() : Binary(precedence + 1);
      if (right == kNoNode) return kNoNode;
      left = Checked(build_.Call(offset, op->function, {left, right}));
    }
    return kNoNode;
  }

  NodeId Unary() {
    const Token token = Now().token;
    if (token != Token::kNot && token != Token::kMinus) return Member();
    const uint32_t offset = Now().offset;
    size_t count = 0;
    const bool number_next =
        token == Token::kMinus && (lexemes_[at_ + 1].token == Token::kInt || lexemes_[at_ + 1].token == Token::kFloat);
    if (number_next) return Member();
    while (At(token)) {
      ++at_;
      ++count;
    }
    const NodeId operand = Member();
    if (operand == kNoNode || count % 2 == 0) return operand;
    return Checked(build_.Call(offset, token == Token::kNot ? "!_" : "-_", {operand}));
  }

  NodeId Member() {
    NodeId node = Primary();
    while (node != kNoNode) {
      if (At(Token::kDot)) {
        node = Selection(node);
      } else if (At(Token::kLBracket)) {
        const uint32_t offset = Now().offset;
        ++at_;
        const bool optional = Take(Token::kQuestion);
        if (optional && !options_.optional_syntax) return Fail(offset, "unsupported syntax '[?'");
        const NodeId index = Expression(optional ? kOperand : kOptionalOperand);
        if (index == kNoNode || !Expect(Token::kRBracket, "]")) return kNoNode;
        node = build_.Call(offset, optional ? "_[?_]" : "_[_]", {node, index});
      } else {
        return node;
      }
      node = Checked(node);
    }
    return kNoNode;
  }

  NodeId Selection(NodeId operand) {
    const uint32_t dot = Now().offset;
    ++at_;
    const bool optional = Take(Token::kQuestion);
    const Lexeme name = Now();
    if (name.token != Token::kIdent && name.token != Token::kEscapedIdent) {
      if (name.token == Token::kEnd) return Syntax("no viable alternative at input '.'");
      return Syntax(name.token == Token::kTrue || name.token == Token::kFalse || name.token == Token::kNull
                        ? StrCat("mismatched input '", name.text, "' expecting IDENTIFIER")
                        : StrCat("no viable alternative at input '.", name.text, "'"));
    }
    ++at_;
    if (optional && !options_.optional_syntax) return Fail(dot, "unsupported syntax '.?'");
    const std::string_view field =
        name.token == Token::kEscapedIdent ? name.text.substr(1, name.text.size() - 2) : name.text;
    if (optional) {
      return build_.Call(dot, "_?._", {operand, build_.Literal(name.offset, Value::String(field))});
    }
    if (name.token == Token::kIdent && At(Token::kLParen)) return CallOf(operand, name.text);
    return build_.Select(dot, operand, field);
  }

  // At its parenthesis.
  NodeId CallOf(NodeId target, std::string_view function) {
    const uint32_t offset = Now().offset;
    ++at_;
    std::vector<NodeId> arguments;
    if (!At(Token::kRParen)) {
      do {
        arguments.push_back(Expression(arguments.empty() ? kArguments : kOperand));
        if (arguments.back() == kNoNode) return kNoNode;
      } while (Take(Token::kComma));
    }
    if (!Expect(Token::kRParen, ")")) return kNoNode;
    MacroResult macro = ExpandMacro(options_.macros, function, target, arguments, offset, build_);
    if (!macro.expanded) return build_.Call(offset, function, target, arguments);
    if (macro.node == kNoNode) return Fail(build_.ast()[macro.error_at].offset, std::move(macro.error));
    return macro.node;
  }

  NodeId Primary() {
    const Lexeme now = Now();
    if (BeginsOperand(now.token)) expected_ = kOperand;
    switch (now.token) {
      case Token::kLParen: {
        ++at_;
        const NodeId inner = Expression();
        return inner == kNoNode || !Expect(Token::kRParen, ")") ? kNoNode : inner;
      }
      case Token::kLBracket:
        return List();
      case Token::kLBrace:
        return Map();
      case Token::kDot:
      case Token::kIdent:
        return Name();
      case Token::kMinus:
      case Token::kInt:
      case Token::kFloat:
        return Number();
      case Token::kUint: {
        ++at_;
        const bool hex = now.text.starts_with("0x");
        std::string_view digits = now.text.substr(0, now.text.size() - 1);
        if (hex) digits.remove_prefix(2);
        uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
        if (error != std::errc()) return Fail(now.offset, "invalid uint literal");
        return build_.Literal(now.offset, Value::Uint(value));
      }
      case Token::kString:
      case Token::kBytes: {
        ++at_;
        std::string text;
        const bool bytes = now.token == Token::kBytes;
        if (const std::string_view wrong = Unescape(now.text, bytes, &text); !wrong.empty()) {
          return Fail(now.offset, std::string(wrong));
        }
        return build_.Literal(now.offset, bytes ? Value::Bytes(text) : Value::String(text));
      }
      case Token::kTrue:
      case Token::kFalse:
        ++at_;
        return build_.Literal(now.offset, Value::Bool(now.token == Token::kTrue));
      case Token::kNull:
        ++at_;
        return build_.Literal(now.offset, Value::Null());
      default:
        return NoOperand();
    }
  }

  NodeId Number() {
    const uint32_t offset = Now().offset;
    const bool negative = Take(Token::kMinus);
    const Lexeme number = Now();
    ++at_;
    if (number.token == Token::kFloat) {
      double value = 0;
      const std::string text = StrCat(negative ? "-" : "", number.text);
      if (!absl::SimpleAtod(text, &value) || value - value != 0) return Fail(offset, "invalid double literal");
      return build_.Literal(offset, Value::Double(value));
    }
    const bool hex = number.text.starts_with("0x");
    const std::string text = StrCat(negative ? "-" : "", hex ? number.text.substr(2) : number.text);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (error != std::errc()) return Fail(offset, "invalid int literal");
    return build_.Literal(offset, Value::Int(value));
  }

  // An identifier, a call, or, when names and dots end in a brace, a struct.
  NodeId Name() {
    const bool rooted = Take(Token::kDot);
    const Lexeme name = Now();
    if (name.token != Token::kIdent) {
      return Syntax(StrCat("mismatched input '", name.text, "' expecting IDENTIFIER"));
    }
    size_t brace = at_ + 1;
    while (lexemes_[brace].token == Token::kDot && lexemes_[brace + 1].token == Token::kIdent) brace += 2;
    if (lexemes_[brace].token == Token::kLBrace) return Struct(rooted, brace);
    ++at_;
    if (IsReserved(name.text)) {
      return Fail(rooted ? lexemes_[at_ - 2].offset : name.offset, StrCat("reserved identifier: ", name.text));
    }
    const std::string full = StrCat(rooted ? "." : "", name.text);
    if (At(Token::kLParen)) return CallOf(kNoNode, full);
    return build_.Ident(name.offset, full);
  }

  NodeId List() {
    const uint32_t offset = Now().offset;
    ++at_;
    std::vector<NodeId> elements;
    std::vector<uint8_t> optional;
    bool separated = true;
    while (!At(Token::kRBracket) && !(elements.empty() && At(Token::kComma))) {
      if (!elements.empty() && !BeginsOperand(Now().token) && !At(Token::kQuestion)) break;
      if (!TakeOptional(&optional)) return kNoNode;
      elements.push_back(Expression(elements.empty() ? kListStart : kOperand));
      if (elements.back() == kNoNode) return kNoNode;
      separated = Take(Token::kComma);
      if (!separated) break;
    }
    if (elements.empty()) Take(Token::kComma);
    if (!Closed(Token::kRBracket, "]", separated)) return kNoNode;
    return Checked(build_.List(offset, elements, optional));
  }

  NodeId Map() {
    const uint32_t offset = Now().offset;
    ++at_;
    std::vector<NodeId> entries;
    std::vector<uint8_t> optional;
    bool separated = true;
    while (!At(Token::kRBrace) && !(entries.empty() && At(Token::kComma))) {
      if (!entries.empty() && !BeginsOperand(Now().token) && !At(Token::kQuestion)) break;
      if (!TakeOptional(&optional)) return kNoNode;
      optional.push_back(optional.back());
      optional[optional.size() - 2] = 0;
      const NodeId key = Expression(entries.empty() ? kMapStart : kOperand);
      if (key == kNoNode || !Expect(Token::kColon, ":")) return kNoNode;
      const NodeId value = Expression();
      if (value == kNoNode) return kNoNode;
      entries.push_back(key);
      entries.push_back(value);
      separated = Take(Token::kComma);
      if (!separated) break;
    }
    if (entries.empty()) Take(Token::kComma);
    if (!Closed(Token::kRBrace, "}", separated)) return kNoNode;
    return Checked(build_.Map(offset, entries, optional));
  }

  NodeId Struct(bool rooted, size_t brace) {
    std::string name = rooted ? "." : "";
    for (; at_ < brace; ++at_) name += Now().text;
    const uint32_t offset = Now().offset;
    ++at_;
    std::vector<std::string_view> fields;
    std::vector<NodeId> values;
    std::vector<uint8_t> optional;
    while (!At(Token::kRBrace)) {
      if (!TakeOptional(&optional)) return kNoNode;
      const Lexeme field = Now();
      if (field.token != Token::kIdent && field.token != Token::kEscapedIdent) {
        return Syntax(
            StrCat("mismatched input '", field.text, "' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}"));
      }
      ++at_;
      fields.push_back(field.token == Token::kEscapedIdent ? field.text.substr(1, field.text.size() - 2) : field.text);
      if (!Expect(Token::kColon, ":")) return kNoNode;
      values.push_back(Expression());
      if (values.back() == kNoNode) return kNoNode;
      if (!Take(Token::kComma)) break;
    }
    if (!Expect(Token::kRBrace, "}")) return kNoNode;
    return Checked(build_.Struct(offset, name, fields, values, optional));
  }

  bool TakeOptional(std::vector<uint8_t>* marks) {
    const uint32_t offset = Now().offset;
    marks->push_back(Take(Token::kQuestion) ? 1 : 0);
    if (marks->back() == 0 || options_.optional_syntax) return true;
    Fail(offset, "unsupported syntax '?'");
    return false;
  }

  const Source& source_;
  const ParseOptions& options_;
  const std::vector<Lexeme> lexemes_;
  AstBuilder build_;
  std::vector<Issue>* const issues_;
  size_t at_ = 0;
  int depth_ = 0;
  Expected expected_ = kOperand;
};

}  // namespace

bool Parse(const Source& source, const ParseOptions& options, Ast* ast, std::vector<Issue>* issues) {
  const int64_t size = CodePoints(source.text());
  if (size > static_cast<int64_t>(kCodePointsMax)) {
    issues->push_back(
        {-1, -1, StrCat("expression code point size exceeds limit: size: ", size, ", limit ", kCodePointsMax)});
    return false;
  }
  std::vector<Lexeme> lexemes = Lex(source, issues);
  return Parser(source, options, std::move(lexemes), ast, issues).Run();
}

}  // namespace atoll::cel
