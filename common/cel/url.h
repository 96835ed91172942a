// URLs as Go's net/url takes them apart. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atoll::cel {

struct Url {
  std::string scheme, host;  // host with its port
  std::string path;          // as it was written, when that is a valid writing; else escaped again
  std::string raw_query;

  std::string Hostname() const;
  std::string Port() const;
  // In order of first appearance; what is no valid pair is left out.
  std::vector<std::pair<std::string, std::vector<std::string>>> Query() const;
};

// Go's url.ParseRequestURI, and then url.Parse into *out. False with Go's words: `parse "x": invalid URI for request`.
bool ParseRequestUrl(std::string_view text, Url* out, std::string* error);

}  // namespace atoll::cel
