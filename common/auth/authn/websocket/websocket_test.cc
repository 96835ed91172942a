#include "common/auth/authn/websocket/websocket.h"

#include <catch2/catch.hpp>

#include "common/auth/testing_run.h"
#include "common/base/encoding.h"
#include "common/base/strings.h"

namespace atoll::auth {
namespace {

class OneToken final : public TokenAuthenticator {
 public:
  Task<absl::StatusOr<std::optional<User>>> AuthenticateToken(std::string token, std::vector<std::string>) override {
    if (token != "t0ken?") co_return std::optional<User>();
    co_return std::optional<User>(User{.name = "ann"});
  }
};

TEST_CASE("A token as a sub-protocol", "[auth]") {
  const std::string prefix = "base64url.bearer.authorization.k8s.io.";
  const std::string good = StrCat(prefix, Base64Encode("t0ken?", Base64::kUrlRaw));
  struct Case {
    const char* name;
    std::string protocols;
    const char* upgrade;
    const char* user;  // "": nobody; "!": refused
  };
  for (const Case& c : std::vector<Case>{{"none", "", "websocket", ""},
                                         {"no token", "a", "websocket", ""},
                                         {"good", StrCat(good, ", base64.binary.k8s.io"), "websocket", "ann"},
                                         {"good, second", StrCat("a,", good), "websocket", "ann"},
                                         {"alone", good, "websocket", "!"},
                                         {"two tokens", StrCat(good, ",", good, ",a"), "websocket", "!"},
                                         {"not base64", StrCat(prefix, "==!,a"), "websocket", "!"},
                                         {"empty", StrCat(prefix, ",a"), "websocket", "!"},
                                         {"wrong", StrCat(prefix, "QQ,a"), "websocket", "!"},
                                         {"no WebSocket", StrCat(good, ",a"), "", ""}}) {
    DYNAMIC_SECTION(c.name) {
      OneToken tokens;
      WebSocketAuthenticator authenticator(&tokens);
      http::Request request;
      request.upgrade = c.upgrade;
      if (!c.protocols.empty()) request.headers.Add("sec-websocket-protocol", c.protocols);
      auto user = testing::RunNow(authenticator.Authenticate(request));
      if (std::string_view(c.user) == "!") {
        CHECK(absl::IsUnauthenticated(user.status()));
      } else {
        REQUIRE(user.ok());
        CHECK((user->has_value() ? (*user)->name : "") == c.user);
      }
    }
  }
}

}  // namespace
}  // namespace atoll::auth
