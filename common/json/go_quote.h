// Go's strconv.Quote: how Kubernetes prints strings in error texts.
#pragma once

#include <string>
#include <string_view>

namespace atoll::json {

// Printable characters as they are, `\n`-like escapes where Go has them, else `\x7f`, `\u00ad`, `\U000e0001`.
std::string GoQuote(std::string_view s);
// The same for one byte in single quotes, as encoding/json names the character it stumbled over.
std::string GoQuoteCharacter(unsigned char c);

}  // namespace atoll::json
