// Identity headers: how a front proxy tells a shard, over a connection with its own client certificate, who sent a
// request.
//
//   X-Remote-User: alice
//   X-Remote-Group: devs                      (one line a group)
//   X-Remote-Extra-Example.com%2fkey: value   (one line a value; the key percent-encoded)
//
// Whoever may set these is anybody, so a proxy strips every spelling of them from what it received before it stamps its
// own (compare GHSA-c8w2-fgvx-vhv4: an extra header that survived the stripping was believed further in).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/auth/user.h"
#include "common/http/message.h"

namespace atoll::auth {

struct IdentityHeaderNames {
  std::vector<std::string> user = {"X-Remote-User"};
  std::vector<std::string> group = {"X-Remote-Group"};
  std::vector<std::string> uid = {"X-Remote-Uid"};
  std::vector<std::string> extra_prefix = {"X-Remote-Extra-"};
};

// True when `name` is one of `names` to any reader: in any case, with '_' or '.' for '-' (CGI-like gateways fold them),
// percent-encoded any number of times, with surrounding white space. The default names count whether or not they are
// configured.
bool IsIdentityHeader(std::string_view name, const IdentityHeaderNames& names = {});

// Removes every identity header. Linear in the number of fields.
void StripIdentityHeaders(http::Headers* headers, const IdentityHeaderNames& names = {});

// Which groups of a user may pass to the shards. A pattern is a group, or a prefix followed by '*'.
struct GroupFilter {
  std::vector<std::string> pass_on;  // empty: all
  std::vector<std::string> drop;     // wins over pass_on
  bool Passes(std::string_view group) const;
};
// The reference's default drop list: what only a shard itself may grant.
const GroupFilter& DefaultGroupFilter();

// Strips what is there and stamps `user`, with the groups that pass `filter`.
void StampIdentityHeaders(const User& user, const GroupFilter& filter, http::Headers* headers);

// Reads the identity back. Empty name: there is none. Extra keys are lower-cased and percent-decoded.
User ReadIdentityHeaders(const http::Headers& headers, const IdentityHeaderNames& names = {});

}  // namespace atoll::auth
