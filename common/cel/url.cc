#include "common/cel/url.h"

#include <algorithm>

#include "common/base/strings.h"
#include "common/json/go_quote.h"

namespace atoll::cel {
namespace {

int Hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsUnreserved(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || std::string_view("-_.~").find(c) != std::string_view::npos;
}
// What a path may hold without an escape.
bool IsPlainInPath(char c) {
  return IsUnreserved(c) || std::string_view("$&+,/:;=@").find(c) != std::string_view::npos;
}

std::string Escape(std::string_view path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    if (IsPlainInPath(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

// False with the broken escape in *wrong.
bool Unescape(std::string_view s, bool query, std::string* out, std::string* wrong) {
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '%') {
      if (i + 2 >= s.size() || Hex(s[i + 1]) < 0 || Hex(s[i + 2]) < 0) {
        *wrong = std::string(s.substr(i, 3));
        return false;
      }
      out->push_back(static_cast<char>(Hex(s[i + 1]) * 16 + Hex(s[i + 2])));
      i += 2;
    } else {
      out->push_back(query && s[i] == '+' ? ' ' : s[i]);
    }
  }
  return true;
}

bool IsPort(std::string_view s) {
  if (s.empty()) return true;
  return s[0] == ':' && s.substr(1).find_first_not_of("0123456789") == std::string_view::npos;
}

class Parser {
 public:
  Parser(std::string_view text, bool request, Url* out) : text_(text), request_(request), out_(*out) {}

  // What is wrong, or "".
  std::string Run() {
    for (const char c : text_) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "net/url: invalid control character in URL";
    }
    std::string_view rest = text_;
    if (rest.empty()) return request_ ? "empty url" : "";
    if (rest == "*") {
      out_.path = "*";
      return "";
    }
    if (std::string wrong = Scheme(&rest); !wrong.empty()) return wrong;
    if (const size_t mark = rest.find('?'); mark != std::string_view::npos) {
      out_.raw_query = rest.substr(mark + 1);
      rest = rest.substr(0, mark);
    }
    if (!rest.starts_with('/')) {
      if (!out_.scheme.empty()) return "";  // opaque
      if (request_) return "invalid URI for request";
      const std::string_view segment = rest.substr(0, rest.find('/'));
      if (segment.find(':') != std::string_view::npos) return "first path segment in URL cannot contain colon";
    }
    if ((!out_.scheme.empty() || (!request_ && !rest.starts_with("///"))) && rest.starts_with("//")) {
      const size_t slash = std::min(rest.find('/', 2), rest.size());
      if (std::string wrong = Authority(rest.substr(2, slash - 2)); !wrong.empty()) return wrong;
      rest = rest.substr(slash);
    }
    return Path(rest);
  }

 private:
  std::string Scheme(std::string_view* rest) {
    for (size_t i = 0; i < rest->size(); ++i) {
      const char c = (*rest)[i];
      if (IsLetter(c)) continue;
      if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
        if (i == 0) return "";
        continue;
      }
      if (c != ':') return "";
      if (i == 0) return "missing protocol scheme";
      out_.scheme = rest->substr(0, i);
      for (char& s : out_.scheme) {
        if (s >= 'A' && s <= 'Z') s = static_cast<char>(s + 0x20);
      }
      rest->remove_prefix(i + 1);
      return "";
    }
    return "";
  }

  std::string Authority(std::string_view authority) {
    const size_t at = authority.rfind('@');
    std::string_view host = authority;
    if (at != std::string_view::npos) {
      for (const char c : authority.substr(0, at)) {
        if (!IsUnreserved(c) && std::string_view("!$&'()*+,;=%@:").find(c) == std::string_view::npos) {
          return "net/url: invalid userinfo";
        }
      }
      host = authority.substr(at + 1);
    }
    std::string_view name = host;
    if (host.starts_with('[')) {
      const size_t close = host.rfind(']');
      if (close == std::string_view::npos) return "missing ']' in host";
      if (!IsPort(host.substr(close + 1))) {
        return StrCat("invalid port ", json::GoQuote(host.substr(close + 1)), " after host");
      }
      name = {};
      const size_t zone = host.substr(0, close).find("%25");
      if (zone != std::string_view::npos) {
        std::string wrong, plain;
        if (!Unescape(host.substr(zone, close - zone), false, &plain, &wrong)) {
          return StrCat("invalid URL escape ", json::GoQuote(wrong));
        }
        out_.host = StrCat(host.substr(0, zone), plain, host.substr(close));
        return "";
      }
    } else if (const size_t colon = host.rfind(':'); colon != std::string_view::npos) {
      if (!IsPort(host.substr(colon))) return StrCat("invalid port ", json::GoQuote(host.substr(colon)), " after host");
    }
    for (size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      if (c == '%') {
        // Only bytes beyond ASCII may be escaped in a host.
        if (i + 2 >= name.size() || Hex(name[i + 1]) < 0 || Hex(name[i + 2]) < 0 || Hex(name[i + 1]) < 8) {
          return StrCat("invalid URL escape ", json::GoQuote(name.substr(i, 3)));
        }
      } else if (static_cast<unsigned char>(c) < 0x80 && !IsUnreserved(c) &&
                 std::string_view("!$&'()*+,;=:[]<>\"").find(c) == std::string_view::npos) {
        return StrCat("invalid character ", json::GoQuote(std::string_view(&c, 1)), " in host name");
      }
    }
    std::string wrong;
    if (!Unescape(host, false, &out_.host, &wrong)) return StrCat("invalid URL escape ", json::GoQuote(wrong));
    return "";
  }

  std::string Path(std::string_view written) {
    std::string plain, wrong;
    if (!Unescape(written, false, &plain, &wrong)) return StrCat("invalid URL escape ", json::GoQuote(wrong));
    const bool valid = std::all_of(written.begin(), written.end(), [](char c) {
      return IsPlainInPath(c) || std::string_view("!'()*[]%").find(c) != std::string_view::npos;
    });
    out_.path = valid || plain == "*" ? std::string(written) : Escape(plain);
    return "";
  }

  const std::string_view text_;
  const bool request_;
  Url& out_;
};

}  // namespace

std::string Url::Hostname() const {
  std::string_view name = host;
  const size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && IsPort(name.substr(colon))) name = name.substr(0, colon);
  if (name.size() >= 2 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
  return std::string(name);
}

std::string Url::Port() const {
  const size_t colon = host.rfind(':');
  return colon != std::string::npos && IsPort(std::string_view(host).substr(colon)) ? host.substr(colon + 1) : "";
}

std::vector<std::pair<std::string, std::vector<std::string>>> Url::Query() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  std::string_view rest = raw_query;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string key, value, wrong;
    if (!Unescape(pair.substr(0, equals), true, &key, &wrong) ||
        !Unescape(pair.substr(std::min(equals + 1, pair.size())), true, &value, &wrong)) {
      continue;
    }
    const auto at = std::find_if(out.begin(), out.end(), [&](const auto& entry) { return entry.first == key; });
    if (at != out.end()) {
      at->second.push_back(std::move(value));
    } else {
      out.push_back({std::move(key), {std::move(value)}});
    }
  }
  return out;
}

bool ParseRequestUrl(std::string_view text, Url* out, std::string* error) {
  const auto fail = [&](std::string_view of, std::string_view why) {
    *error = StrCat("parse ", json::GoQuote(of), ": ", why);
    return false;
  };
  Url request;
  if (const std::string wrong = Parser(text, /*request=*/true, &request).Run(); !wrong.empty()) {
    return fail(text, wrong);
  }
  *out = Url();
  const std::string_view without_fragment = text.substr(0, text.find('#'));
  const std::string wrong = Parser(without_fragment, /*request=*/false, out).Run();
  return wrong.empty() || fail(without_fragment, wrong);
}

}  // namespace atoll::cel
