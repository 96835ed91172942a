// Kubernetes' IP addresses and CIDRs, as Go's net/netip reads and prints them.
#include <array>
#include <cstring>

#include "absl/strings/numbers.h"
#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/json/go_quote.h"

namespace atoll::cel::lib {
namespace {

struct Address {
  std::array<uint8_t, 16> bytes{};
  int size = 0;  // 4 or 16

  bool operator==(const Address&) const = default;
};

// What is wrong with an address, and where.
struct Fault {
  std::string_view why, at;
};

bool ParseV4(std::string_view s, uint8_t* out, Fault* fault) {
  const auto fail = [&](std::string_view why, std::string_view at = {}) {
    *fault = {why, at};
    return false;
  };
  int field = 0, digits = 0, value = 0;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] >= '0' && s[i] <= '9') {
      if (digits == 1 && value == 0) return fail("IPv4 field has octet with leading zero");
      value = value * 10 + (s[i] - '0');
      ++digits;
      if (value > 255) return fail("IPv4 field has value >255");
    } else if (s[i] == '.') {
      if (digits == 0 || i + 1 == s.size()) return fail("IPv4 field must have at least one digit", s.substr(i));
      if (field == 3) return fail("IPv4 address too long");
      out[field++] = static_cast<uint8_t>(value);
      digits = value = 0;
    } else {
      return fail("unexpected character", s.substr(i));
    }
  }
  if (field < 3) return fail("IPv4 address too short");
  out[3] = static_cast<uint8_t>(value);
  return true;
}

int Hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

bool ParseV6(std::string_view s, uint8_t* out, Fault* fault) {
  const auto fail = [&](std::string_view why, std::string_view at = {}) {
    *fault = {why, at};
    return false;
  };
  int at = 0, gap = -1;
  if (s.starts_with("::")) {
    gap = 0;
    s.remove_prefix(2);
    if (s.empty()) return true;
  }
  while (at < 16) {
    size_t digits = 0;
    uint32_t group = 0;
    for (; digits < s.size() && Hex(s[digits]) >= 0; ++digits) {
      if (digits >= 4) return fail("each group must have 4 or less digits", s);
      group = group * 16 + static_cast<uint32_t>(Hex(s[digits]));
    }
    if (digits == 0) return fail("each colon-separated field must have at least one digit", s);
    if (digits < s.size() && s[digits] == '.') {
      if (gap < 0 && at != 12) return fail("embedded IPv4 address must replace the final 2 fields of the address", s);
      if (at + 4 > 16) return fail("too many hex fields to fit an embedded IPv4 at the end of the address", s);
      if (!ParseV4(s, out + at, fault)) return false;
      s = {};
      at += 4;
      break;
    }
    out[at++] = static_cast<uint8_t>(group >> 8);
    out[at++] = static_cast<uint8_t>(group);
    s.remove_prefix(digits);
    if (s.empty()) break;
    if (s[0] != ':') return fail("unexpected character, want colon", s);
    if (s.size() == 1) return fail("colon must be followed by more characters", s);
    s.remove_prefix(1);
    if (s[0] == ':') {
      if (gap >= 0) return fail("multiple :: in address", s);
      gap = at;
      s.remove_prefix(1);
      if (s.empty()) break;
    }
  }
  if (!s.empty()) return fail("trailing garbage after address", s);
  if (at < 16) {
    if (gap < 0) return fail("address string too short");
    const int behind = at - gap;
    std::memmove(out + 16 - behind, out + gap, static_cast<size_t>(behind));
    std::memset(out + gap, 0, static_cast<size_t>(16 - at));
  } else if (gap >= 0) {
    return fail("the :: must expand to at least one field of zeros");
  }
  return true;
}

// Without a zone. False with Go's words.
bool ParseAddress(std::string_view s, Address* out, std::string* error) {
  Fault fault;
  const size_t first = s.find_first_of(".:%");
  *out = Address();
  bool good = false;
  if (first == std::string_view::npos) {
    fault.why = "unable to parse IP";
  } else if (s[first] == '%') {
    fault.why = "missing IPv6 address";
  } else {
    out->size = s[first] == '.' ? 4 : 16;
    good = out->size == 4 ? ParseV4(s, out->bytes.data(), &fault) : ParseV6(s, out->bytes.data(), &fault);
  }
  if (good) return true;
  *error = StrCat("ParseAddr(", json::GoQuote(s), "): ", fault.why);
  if (!fault.at.empty()) StrAppend(error, " (at ", json::GoQuote(fault.at), ")");
  return false;
}

bool IsMapped(const Address& a) {
  static constexpr uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return a.size == 16 && std::memcmp(a.bytes.data(), kPrefix, sizeof kPrefix) == 0;
}

std::string ToString(const Address& a) {
  const auto& b = a.bytes;
  if (a.size == 4) return StrCat(int{b[0]}, ".", int{b[1]}, ".", int{b[2]}, ".", int{b[3]});
  // The longest run of two or more zero groups is left out, the first of equals.
  int best = -1, length = 1;
  for (int i = 0; i < 8;) {
    int j = i;
    while (j < 8 && b[static_cast<size_t>(2 * j)] == 0 && b[static_cast<size_t>(2 * j + 1)] == 0) ++j;
    if (j - i > length) {
      best = i;
      length = j - i;
    }
    i = std::max(j, i + 1);
  }
  std::string out;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    StrAppend(&out, absl::Hex(b[static_cast<size_t>(2 * i)] << 8 | b[static_cast<size_t>(2 * i + 1)]));
  }
  return out;
}

class IpValue final : public Opaque {
 public:
  static const Type* Of() {
    static const Type* type = Type::Named("net.IP");
    return type;
  }
  explicit IpValue(const Address& a) : address(a) {}
  const Type* type() const override { return Of(); }
  bool Equals(const Opaque& other) const override { return address == static_cast<const IpValue&>(other).address; }
  uint64_t CostSize() const override { return static_cast<uint64_t>(address.size); }

  const Address address;
};

class CidrValue final : public Opaque {
 public:
  static const Type* Of() {
    static const Type* type = Type::Named("net.CIDR");
    return type;
  }
  CidrValue(const Address& a, int n) : address(a), bits(n) {}
  const Type* type() const override { return Of(); }
  bool Equals(const Opaque& other) const override {
    const auto& o = static_cast<const CidrValue&>(other);
    return address == o.address && bits == o.bits;
  }
  uint64_t CostSize() const override { return static_cast<uint64_t>((bits + 7) / 8); }

  const Address address;
  const int bits;
};

const Address& Ip(const Value& v) { return static_cast<const IpValue&>(v.opaque()).address; }
const CidrValue& Cidr(const Value& v) { return static_cast<const CidrValue&>(v.opaque()); }

bool ReadIp(std::string_view s, Address* out, std::string* error) {
  const size_t zone = s.find('%');
  std::string why;
  if (!ParseAddress(s.substr(0, zone), out, &why)) {
    *error = StrCat("IP Address ", json::GoQuote(s), " parse error during conversion from string: ", why);
    return false;
  }
  if (zone != std::string_view::npos) {
    *error = StrCat("IP address ", json::GoQuote(s), " with zone value is not allowed");
    return false;
  }
  if (IsMapped(*out)) {
    *error = StrCat("IPv4-mapped IPv6 address ", json::GoQuote(s), " is not allowed");
    return false;
  }
  return true;
}

bool ReadCidr(std::string_view s, Address* out, int* bits, std::string* error) {
  const auto fail = [&](std::string_view why) {
    *error = StrCat("network address parse error during conversion from string: netip.ParsePrefix(", json::GoQuote(s),
                    "): ", why);
    return false;
  };
  const size_t slash = s.rfind('/');
  if (slash == std::string_view::npos) return fail("no '/'");
  if (s.substr(0, slash).find('%') != std::string_view::npos) return fail("IPv6 zones cannot be present in a prefix");
  std::string why;
  if (!ParseAddress(s.substr(0, slash), out, &why)) return fail(why);
  const std::string_view length = s.substr(slash + 1);
  const bool digits = !length.empty() && length.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || (length.size() > 1 && length[0] == '0') || length.size() > 3) {
    return fail(StrCat("bad bits after slash: ", json::GoQuote(length)));
  }
  *bits = std::stoi(std::string(length));
  if (*bits > out->size * 8) return fail("prefix length out of range");
  if (IsMapped(*out)) {
    *error = StrCat("IPv4-mapped IPv6 address ", json::GoQuote(s), " is not allowed");
    return false;
  }
  return true;
}

Value MakeIp(CallContext& c, const Address& a) { return Value::Of(c.arena().Own(std::make_unique<IpValue>(a))); }
Value MakeCidr(CallContext& c, const Address& a, int bits) {
  return Value::Of(c.arena().Own(std::make_unique<CidrValue>(a, bits)));
}

Value ParseIp(CallContext& c, Arguments a) {
  Address address;
  std::string error;
  return ReadIp(a[0].text(), &address, &error) ? MakeIp(c, address) : c.Error(error);
}
Value IsIp(CallContext&, Arguments a) {
  Address address;
  std::string error;
  return Value::Bool(ReadIp(a[0].text(), &address, &error));
}
Value IsCanonical(CallContext& c, Arguments a) {
  Address address;
  std::string error;
  if (!ReadIp(a[0].text(), &address, &error)) return c.Error(error);
  return Value::Bool(ToString(address) == a[0].text());
}
Value IpToString(CallContext& c, Arguments a) { return c.NewString(ToString(Ip(a[0]))); }
Value Family(CallContext&, Arguments a) { return Value::Int(Ip(a[0]).size == 4 ? 4 : 6); }

bool Unspecified(const Address& a) { return a.bytes == decltype(a.bytes){}; }
bool Loopback(const Address& a) {
  if (a.size == 4) return a.bytes[0] == 127;
  Address one{.bytes = {}, .size = 16};
  one.bytes[15] = 1;
  return a == one;
}
bool Multicast(const Address& a) { return a.size == 4 ? (a.bytes[0] & 0xF0) == 0xE0 : a.bytes[0] == 0xFF; }
bool LinkLocalMulticast(const Address& a) {
  return a.size == 4 ? a.bytes[0] == 224 && a.bytes[1] == 0 && a.bytes[2] == 0
                     : a.bytes[0] == 0xFF && (a.bytes[1] & 0x0F) == 0x02;
}
bool LinkLocalUnicast(const Address& a) {
  return a.size == 4 ? a.bytes[0] == 169 && a.bytes[1] == 254 : a.bytes[0] == 0xFE && (a.bytes[1] & 0xC0) == 0x80;
}
bool GlobalUnicast(const Address& a) {
  const bool broadcast =
      a.size == 4 && a.bytes[0] == 255 && a.bytes[1] == 255 && a.bytes[2] == 255 && a.bytes[3] == 255;
  return !broadcast && !Unspecified(a) && !Loopback(a) && !Multicast(a) && !LinkLocalUnicast(a);
}
template <bool (*kPredicate)(const Address&)>
Value Is(CallContext&, Arguments a) {
  return Value::Bool(kPredicate(Ip(a[0])));
}

Value ParseCidr(CallContext& c, Arguments a) {
  Address address;
  int bits;
  std::string error;
  if (ReadCidr(a[0].text(), &address, &bits, &error)) return MakeCidr(c, address, bits);
  return c.Error(StrCat("network address parse error during conversion from string: ", error));
}
Value IsCidr(CallContext&, Arguments a) {
  Address address;
  int bits;
  std::string error;
  return Value::Bool(ReadCidr(a[0].text(), &address, &bits, &error));
}

bool SameBits(const Address& a, const Address& b, int bits) {
  for (int i = 0; i < bits; i += 8) {
    const int mask = bits - i >= 8 ? 0xFF : 0xFF << (8 - (bits - i)) & 0xFF;
    const size_t at = static_cast<size_t>(i / 8);
    if (((a.bytes[at] ^ b.bytes[at]) & mask) != 0) return false;
  }
  return true;
}
bool Holds(const CidrValue& cidr, const Address& a, int bits) {
  return cidr.address.size == a.size && cidr.bits <= bits && SameBits(cidr.address, a, cidr.bits);
}
Value ContainsIp(CallContext&, Arguments a) { return Value::Bool(Holds(Cidr(a[0]), Ip(a[1]), Ip(a[1]).size * 8)); }
Value ContainsIpString(CallContext&, Arguments a) {
  Address address;
  std::string error;
  if (!ReadIp(a[1].text(), &address, &error)) return Value::NoSuchOverload();
  return Value::Bool(Holds(Cidr(a[0]), address, address.size * 8));
}
Value ContainsCidr(CallContext&, Arguments a) {
  return Value::Bool(Holds(Cidr(a[0]), Cidr(a[1]).address, Cidr(a[1]).bits));
}
Value ContainsCidrString(CallContext& c, Arguments a) {
  Address address;
  int bits;
  std::string error;
  if (!ReadCidr(a[1].text(), &address, &bits, &error)) {
    return c.Error(StrCat("network address parse error during conversion from string: ", error));
  }
  return Value::Bool(Holds(Cidr(a[0]), address, bits));
}
Value CidrIp(CallContext& c, Arguments a) { return MakeIp(c, Cidr(a[0]).address); }
Value PrefixLength(CallContext&, Arguments a) { return Value::Int(Cidr(a[0]).bits); }
Value Masked(CallContext& c, Arguments a) {
  Address out = Cidr(a[0]).address;
  for (int i = Cidr(a[0]).bits; i < out.size * 8; ++i) {
    out.bytes[static_cast<size_t>(i / 8)] &= static_cast<uint8_t>(~(0x80 >> (i % 8)));
  }
  return MakeCidr(c, out, Cidr(a[0]).bits);
}
Value CidrToString(CallContext& c, Arguments a) {
  return c.NewString(StrCat(ToString(Cidr(a[0]).address), "/", Cidr(a[0]).bits));
}

// ---- costs: an address is 4 or 16 bytes; a prefix is compared twice its length
// ------------------------------------------

template <bool kCidr, bool kString>
uint64_t ContainsCost(Arguments a, const Value&) {
  const uint64_t size = CostSize(a[0]);
  uint64_t cost = Scaled(size + size, kStringTraversalFactor);
  if (kCidr) cost += Scaled(size, kStringTraversalFactor) + 1;
  if (kString) cost += Scaled(CostSize(a[1]), kStringTraversalFactor);
  return cost;
}
template <bool kCidr, bool kString>
CallEstimate ContainsEstimate(const EstimateContext& c, std::span<const Operand> a) {
  const Range size{4, 16};
  Range cost = (size + size) * kStringTraversalFactor;
  if (kCidr) cost = cost + size * kStringTraversalFactor + Range::Fixed(1);
  if (kString) cost = cost + c.Size(a[1]) * kStringTraversalFactor;
  return {.cost = cost, .size = {}};
}

constexpr OverloadRow kRows[] = {
    {"ip", "string_to_ip", Style::kGlobal, "string", "net.IP", &ParseIp, &TraversalCost<0>, &TraversalEstimate<0>},
    {"isIP", "is_ip", Style::kGlobal, "string", "bool", &IsIp, &TraversalCost<0>, &TraversalEstimate<0>},
    {"ip.isCanonical", "ip_is_canonical", Style::kGlobal, "string", "bool", &IsCanonical, &TraversalCost<0, 2>,
     &TraversalEstimate<0, 2>},
    {"string", "ip_to_string", Style::kGlobal, "net.IP", "string", &IpToString},
    {"family", "ip_family", Style::kMember, "net.IP", "int", &Family},
    {"isUnspecified", "ip_is_unspecified", Style::kMember, "net.IP", "bool", &Is<&Unspecified>},
    {"isLoopback", "ip_is_loopback", Style::kMember, "net.IP", "bool", &Is<&Loopback>},
    {"isLinkLocalMulticast", "ip_is_link_local_multicast", Style::kMember, "net.IP", "bool", &Is<&LinkLocalMulticast>},
    {"isLinkLocalUnicast", "ip_is_link_local_unicast", Style::kMember, "net.IP", "bool", &Is<&LinkLocalUnicast>},
    {"isGlobalUnicast", "ip_is_global_unicast", Style::kMember, "net.IP", "bool", &Is<&GlobalUnicast>},

    {"cidr", "string_to_cidr", Style::kGlobal, "string", "net.CIDR", &ParseCidr, &TraversalCost<0>,
     &TraversalEstimate<0>},
    {"isCIDR", "is_cidr", Style::kGlobal, "string", "bool", &IsCidr, &TraversalCost<0>, &TraversalEstimate<0>},
    {"containsIP", "cidr_contains_ip_string", Style::kMember, "net.CIDR,string", "bool", &ContainsIpString,
     &ContainsCost<false, true>, &ContainsEstimate<false, true>},
    {"containsIP", "cidr_contains_ip_ip", Style::kMember, "net.CIDR,net.IP", "bool", &ContainsIp,
     &ContainsCost<false, false>, &ContainsEstimate<false, false>},
    {"containsCIDR", "cidr_contains_cidr_string", Style::kMember, "net.CIDR,string", "bool", &ContainsCidrString,
     &ContainsCost<true, true>, &ContainsEstimate<true, true>},
    {"containsCIDR", "cidr_contains_cidr", Style::kMember, "net.CIDR,net.CIDR", "bool", &ContainsCidr,
     &ContainsCost<true, false>, &ContainsEstimate<true, false>},
    {"ip", "cidr_ip", Style::kMember, "net.CIDR", "net.IP", &CidrIp},
    {"prefixLength", "cidr_prefix_length", Style::kMember, "net.CIDR", "int", &PrefixLength},
    {"masked", "cidr_masked", Style::kMember, "net.CIDR", "net.CIDR", &Masked},
    {"string", "cidr_to_string", Style::kGlobal, "net.CIDR", "string", &CidrToString},
};

}  // namespace

Library Network() { return {.name = "kubernetes.net", .introduced = 30, .rows = kRows}; }

}  // namespace atoll::cel::lib
