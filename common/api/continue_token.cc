#include "common/api/continue_token.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/api/errors.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::api {
namespace {

constexpr std::string_view kVersion = "meta.k8s.io/v1";

absl::Status Refuse(std::string_view why) {
  return BadRequest(StrCat("invalid continue token: continue key is not valid", why));
}

bool IsBase64Url(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Whether no element of `/a/b` is empty, "." or "..".
bool IsCleanPath(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view element = path.substr(0, path.find('/'));
    if (element.empty() || element == "." || element == "..") return false;
    path.remove_prefix(element.size());
  }
  return true;
}

}  // namespace

std::string EncodeContinue(const ContinueToken& token) {
  json::Object object{{"v", kVersion}, {"rv", token.revision}, {"start", token.start}};
  if (token.left > 0) object.Append("left", token.left);
  return absl::WebSafeBase64Escape(json::Write(json::Value(std::move(object))));
}

absl::StatusOr<ContinueToken> DecodeContinue(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsBase64Url(text[i])) return Refuse(StrCat(": illegal base64 data at input byte ", i));
  }
  std::string decoded;
  if (text.size() % 4 == 1 || !absl::WebSafeBase64Unescape(ToAbsl(text), &decoded)) {
    return Refuse(StrCat(": illegal base64 data at input byte ", text.size() / 4 * 4));
  }
  const absl::StatusOr<json::Value> object = json::Parse(decoded, {.depth_max = 8});
  if (!object.ok()) return Refuse(StrCat(": ", object.status().message()));
  const std::string_view version = object->StringAt({"v"});
  if (version != kVersion) return Refuse(StrCat(": server does not recognize this encoded version ", version));
  ContinueToken token{.revision = object->IntAt({"rv"}),
                      .start = std::string(object->StringAt({"start"})),
                      .left = std::max<int64_t>(object->IntAt({"left"}), 0)};
  if (token.revision == 0) return Refuse(StrCat(": incorrect encoded start resourceVersion (version ", kVersion, ")"));
  if (token.start.empty()) return Refuse(StrCat(": encoded start key empty (version ", kVersion, ")"));
  const std::string as_sent = token.start;
  if (token.start.front() != '/') token.start.insert(0, 1, '/');
  if (!IsCleanPath(token.start)) return Refuse(StrCat(": ", as_sent));
  return token;
}

}  // namespace atoll::api
