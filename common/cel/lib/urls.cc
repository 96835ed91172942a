// Kubernetes' URLs: `url('https://example.com:80/x').getHost()`.
#include "common/base/strings.h"
#include "common/cel/lib/costs.h"
#include "common/cel/lib/libraries.h"
#include "common/cel/url.h"

namespace atoll::cel::lib {
namespace {

class UrlValue final : public Opaque {
 public:
  static const Type* Of() {
    static const Type* type = Type::Named("kubernetes.URL");
    return type;
  }
  UrlValue(Url u, std::string_view text) : url(std::move(u)), written(text) {}
  const Type* type() const override { return Of(); }
  bool Equals(const Opaque& other) const override { return written == static_cast<const UrlValue&>(other).written; }

  const Url url;
  const std::string written;
};

const Url& Get(const Value& v) { return static_cast<const UrlValue&>(v.opaque()).url; }

Value Parse(CallContext& c, Arguments a) {
  Url url;
  std::string wrong;
  if (!ParseRequestUrl(a[0].text(), &url, &wrong)) {
    return c.Error(StrCat("URL parse error during conversion from string: ", wrong));
  }
  return Value::Of(c.arena().Own(std::make_unique<UrlValue>(std::move(url), a[0].text())));
}
Value IsUrl(CallContext&, Arguments a) {
  Url url;
  std::string wrong;
  return Value::Bool(ParseRequestUrl(a[0].text(), &url, &wrong));
}
Value Scheme(CallContext& c, Arguments a) { return c.NewString(Get(a[0]).scheme); }
Value Host(CallContext& c, Arguments a) { return c.NewString(Get(a[0]).host); }
Value Hostname(CallContext& c, Arguments a) { return c.NewString(Get(a[0]).Hostname()); }
Value Port(CallContext& c, Arguments a) { return c.NewString(Get(a[0]).Port()); }
Value Path(CallContext& c, Arguments a) { return c.NewString(Get(a[0]).path); }
Value Query(CallContext& c, Arguments a) {
  MapBuilder out(c.arena());
  for (const auto& [key, values] : Get(a[0]).Query()) {
    ListBuilder list(c.arena(), values.size());
    for (const std::string& value : values) list.Add(c.NewString(value));
    out.Insert(c.NewString(key), list.Build());
  }
  return out.Build();
}

constexpr OverloadRow kRows[] = {
    {"url", "string_to_url", Style::kGlobal, "string", "kubernetes.URL", &Parse, &TraversalCost<0>,
     &SameSizeEstimate<0>},
    {"isURL", "is_url_string", Style::kGlobal, "string", "bool", &IsUrl},
    {"getScheme", "url_get_scheme", Style::kMember, "kubernetes.URL", "string", &Scheme},
    {"getHost", "url_get_host", Style::kMember, "kubernetes.URL", "string", &Host},
    {"getHostname", "url_get_hostname", Style::kMember, "kubernetes.URL", "string", &Hostname},
    {"getPort", "url_get_port", Style::kMember, "kubernetes.URL", "string", &Port},
    {"getEscapedPath", "url_get_escaped_path", Style::kMember, "kubernetes.URL", "string", &Path},
    {"getQuery", "url_get_query", Style::kMember, "kubernetes.URL", "map(string,list(string))", &Query},
};

}  // namespace

Library Urls() { return {.name = "kubernetes.urls", .rows = kRows}; }

}  // namespace atoll::cel::lib
