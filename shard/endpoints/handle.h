// ApiHandler: the one path of every API request through a shard, readable top to bottom in handle.cc.
//
//   Audit-ID -> request info -> GOAWAY? -> deadline (400; 504 from here on) -> which cluster -> active? -> who (401) ->
//   audit -> as whom -> room and turn (429) -> may they (403) -> what (404, 405) -> verb
//
// The order decides which error wins (spec/api-machinery.md 1.2, spec/tenancy.md 1.10). One instance a process, called
// on every loop; thread-safe. What it points to outlives it.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "common/audit/auditor.h"
#include "common/auth/authenticator.h"
#include "common/auth/cluster_tokens.h"
#include "common/http/server.h"
#include "common/loop/task.h"
#include "common/metrics/metrics.h"
#include "shard/authorization/authorizer.h"
#include "shard/endpoints/deadline/deadline.h"
#include "shard/endpoints/flow/flow_control.h"
#include "shard/endpoints/health.h"
#include "shard/endpoints/hooks.h"
#include "shard/endpoints/issuer.h"
#include "shard/endpoints/limits.h"
#include "shard/endpoints/per_loop.h"
#include "shard/endpoints/request_metrics.h"
#include "shard/endpoints/serve.h"
#include "shard/registry/clusters.h"

namespace atoll::endpoints {

class ApiHandler {
 public:
  struct Options {
    ApiServer* api = nullptr;
    auth::Authenticator* authenticator = nullptr;
    auth::ClusterTokens* cluster_tokens = nullptr;  // asked about tokens that it does not know; may be null
    authorization::Authorizer* authorizer = nullptr;
    const registry::Clusters* clusters = nullptr;
    const PathResolver* paths = nullptr;
    VirtualWorkspaces* virtual_workspaces = nullptr;  // null: /services is empty
    HomeWorkspaces* homes = nullptr;                  // null: nobody has one
    MountForwarder* mounts = nullptr;                 // null: mounts answer 404
    const HealthChecks* health = nullptr;
    const IssuerDiscovery* issuer = nullptr;  // null: keys are not published
    audit::Auditor* auditor = nullptr;        // null: nothing is recorded
    metrics::Registry* metrics = nullptr;
    const Clock* clock = nullptr;
    Limits limits;
    int loops = 1;             // that call Handle: the limits are shared out among them
    std::string version_json;  // /version, see version.h
  };
  explicit ApiHandler(Options options);

  // An http::Handler.
  Task<void> Handle(http::Request request, http::ResponseWriter& out);
  // Ends watches, refuses new requests (429) except probes and metrics.
  void Drain();

 private:
  Task<void> ServeToEnd(Call& call, DeadlineWriter& writer);
  Task<void> Serve(Call& call, DeadlineWriter& writer);
  // Each answers the client and returns false when the request ends there.
  Task<bool> ResolveCluster(Call& call);
  Task<bool> CheckActive(Call& call);
  Task<bool> Authenticate(Call& call);
  Task<bool> BeginAudit(Call& call);
  void AnnotateCluster(Call& call) const;
  Task<bool> Impersonate(Call& call);
  Task<bool> SetDeadline(Call& call, DeadlineWriter& writer);
  Task<bool> Enter(Call& call);
  Task<bool> Authorize(Call& call);
  Task<absl::Status> AuthorizeCreate(Call& call);
  Task<bool> MayGoOn(Call& call);
  Task<void> Dispatch(Call& call);
  Task<void> ServeIndex(Call& call);

  Options options_;
  const std::string strict_transport_;
  FlowControl flow_;
  PerLoop<Deadlines> deadlines_;
  RequestMetrics metrics_;
  std::atomic<bool> draining_{false};
};

}  // namespace atoll::endpoints
