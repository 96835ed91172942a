#include "common/auth/authn/anonymous/anonymous.h"

#include <algorithm>

namespace atoll::auth {
namespace {

std::string_view WithinCluster(std::string_view path) {
  constexpr std::string_view kPrefix = "/clusters/";
  if (!path.starts_with(kPrefix)) return path;
  path.remove_prefix(kPrefix.size());
  path.remove_prefix(std::min(path.find('/'), path.size()));
  return path;
}

}  // namespace

Task<absl::StatusOr<std::optional<User>>> AnonymousAuthenticator::Authenticate(const http::Request& request) {
  if (!paths_.empty() && std::find(paths_.begin(), paths_.end(), WithinCluster(request.path())) == paths_.end())
    co_return absl::UnauthenticatedError("nobody may ask this anonymously");
  co_return std::optional<User>(
      User{.name = std::string(kAnonymous), .uid = "", .groups = {std::string(kUnauthenticated)}, .extra = {}});
}

}  // namespace atoll::auth
