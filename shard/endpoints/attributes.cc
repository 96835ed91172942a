#include "shard/endpoints/attributes.h"

namespace atoll::endpoints {

authorization::Attributes AttributesOf(const Call& call) {
  const RequestInfo& info = call.info;
  authorization::Attributes a{.user = call.user, .cluster = call.cluster};
  a.verb = info.verb;
  a.resource_request = info.resource_request;
  a.path = info.path;
  if (!info.resource_request) return a;
  a.group = info.group;
  a.version = info.version;
  a.resource = info.resource;
  a.subresource = info.subresource;
  a.ns = info.ns;
  a.name = info.name;
  return a;
}

}  // namespace atoll::endpoints
