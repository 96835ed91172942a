#include "shard/virtual/lifecycle/target.h"

#include <utility>

#include "common/http/message.h"

namespace atoll::virtual_workspaces {

std::optional<LifecycleTarget> ParseLifecycleTarget(std::string_view method, std::string_view request_target) {
  // /services/<workspace>/<id>/...
  size_t at = 0;
  for (int slash = 0; slash < 3; ++slash) {
    at = request_target.find('/', at);
    if (at == std::string_view::npos) return std::nullopt;
    ++at;
  }
  const size_t end = request_target.find_first_of("/?", at);
  if (end == std::string_view::npos || request_target[end] != '/') return std::nullopt;
  std::string id;
  if (!http::PercentDecode(request_target.substr(at, end - at), /*plus_is_space=*/false, &id) || id.empty())
    return std::nullopt;
  auto info = endpoints::ParseRequestInfo(method, request_target.substr(end));
  if (!info.ok() || !info->has_cluster || info->cluster.empty() || info->cluster.find(':') != std::string::npos)
    return std::nullopt;
  return LifecycleTarget{std::move(id), std::string(request_target.substr(end)), *std::move(info)};
}

std::pair<std::string_view, std::string_view> TypeOf(std::string_view id) {
  const size_t colon = id.rfind(':');
  if (colon == std::string_view::npos) return {"", id};
  return {id.substr(0, colon), id.substr(colon + 1)};
}

}  // namespace atoll::virtual_workspaces
