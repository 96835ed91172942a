// The words of a 403 (spec/api-machinery.md 9.6).
#include "common/api/errors.h"
#include "common/base/strings.h"
#include "shard/authorization/authorizer.h"

namespace atoll::authorization {
namespace {

// A user name or path may end up in a browser.
std::string Sanitize(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

}  // namespace

absl::Status ForbiddenError(const Attributes& a, std::string_view reason) {
  std::string text = Cat("User ", api::GoQuote(a.user.name), " cannot ", a.verb);
  if (a.resource_request) {
    text += Cat(" resource ", api::GoQuote(a.subresource.empty() ? a.resource : a.resource + "/" + a.subresource),
                " in API group ", api::GoQuote(a.group),
                a.ns.empty() ? std::string(" at the cluster scope") : Cat(" in the namespace ", api::GoQuote(a.ns)));
  } else {
    text += Cat(" path ", api::GoQuote(a.path));
  }
  text = Sanitize(text);
  if (!reason.empty()) text += Cat(": ", reason);
  if (!a.resource_request) return api::Forbidden({}, "", text);
  return api::Forbidden({a.group, a.resource}, a.name, text);
}

}  // namespace atoll::authorization
