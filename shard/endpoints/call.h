// Call: one HTTP request on its way through the endpoints, and what each stop learned about it. Lives in
// ApiHandler::Handle's frame for the whole request, so every stop takes it by reference. Loop-owned.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/auth/user.h"
#include "common/http/message.h"
#include "common/http/server.h"
#include "shard/endpoints/flow/gate.h"
#include "shard/endpoints/negotiate.h"
#include "shard/endpoints/request_info.h"
#include "shard/registry/registry.h"

namespace atoll::endpoints {

class RequestAudit;

struct Call {
  Call(http::Request& request, http::ResponseWriter& out) : request(request), out(out) {}

  http::Request& request;
  http::ResponseWriter& out;
  std::string audit_id;
  RequestInfo info;
  registry::ClusterScope cluster;  // resolved; an empty id when the URL names no cluster
  auth::User user;
  registry::DefinitionPtr definition;          // once routed
  Representation representation;               // once negotiated
  std::shared_ptr<const registry::View> view;  // what a virtual workspace shows; null for everything
  // Whether the user may create what an update or patch addresses; asked when the write turns out to create it.
  std::function<Task<absl::Status>()> authorize_create;
  // Whether the user still may what was allowed when the call began; for what stays open.
  std::function<Task<bool>()> may_go_on;
  // Set by a virtual workspace that forwarded the call: whether its caller still may be in the cluster.
  std::function<Task<bool>()> may_stay;
  std::vector<std::string> warnings;  // for Warning headers; duplicates are removed on the way out

  RequestAudit* audit = nullptr;      // null: this process does not audit
  Gate::Seat seat;                    // held while it is served; a watch gives it back once it has begun
  std::string_view strict_transport;  // Strict-Transport-Security header; "" for none
  bool admitted = false;              // past the limits: answers say so

  // What was answered, for metrics.
  int code = 0;
  size_t response_bytes = 0;
  bool apply = false, dry_run = false;

  bool head() const { return request.method == "HEAD"; }
};

}  // namespace atoll::endpoints
