#include "shard/endpoints/request_metrics.h"

#include <charconv>

namespace atoll::endpoints {
namespace {

// One request's label values.
struct Labels {
  std::string_view verb, dry_run, group, version, resource, subresource, scope;
  char code_text[4] = {};
  std::string_view code;
};

std::string_view VerbLabel(const Call& call) {
  const std::string& v = call.info.verb;
  if (!call.info.resource_request) {
    const std::string& m = call.request.method;
    for (std::string_view known : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      if (m == known) return known;
    }
    return "other";
  }
  if (v == "get") return "GET";
  if (v == "list") return "LIST";
  if (v == "watch") return "WATCH";
  if (v == "create") return "POST";
  if (v == "update") return "PUT";
  if (v == "patch") return call.apply ? "APPLY" : "PATCH";
  if (v == "delete") return "DELETE";
  if (v == "deletecollection") return "DELETECOLLECTION";
  return "other";
}

Labels LabelsOf(const Call& call) {
  Labels l;
  l.verb = VerbLabel(call);
  l.dry_run = call.dry_run ? "All" : "";
  if (const auto* d = call.definition.get()) {
    const ResourceLabels r = ResourceLabels::Of(*d);
    l.group = r.group;
    l.version = r.version;
    l.resource = r.resource;
    l.subresource = call.info.subresource;  // one of the definition's own: routing has checked it
  }
  if (call.info.resource_request) {
    const bool one = !call.info.name.empty() || call.info.verb == "create";
    l.scope = one ? "resource" : !call.info.ns.empty() ? "namespace" : "cluster";
  }
  return l;
}

std::string_view CodeText(int code, char (&text)[4]) {
  auto [end, error] = std::to_chars(text, text + 3, code >= 100 && code <= 999 ? code : 0);
  return {text, static_cast<size_t>(end - text)};
}

std::vector<double> DurationBounds() {
  return {.005, .025, .05, .1, .2, .4, .6, .8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60};
}
std::vector<double> SliBounds() {
  return {.05, .1, .2, .4, .6, .8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60};
}

}  // namespace

ResourceLabels ResourceLabels::Of(const registry::ResourceDefinition& definition) {
  const std::string_view group = definition.gvr.group;
  if (definition.flavor != registry::Flavor::kTyped && !group.ends_with(".kcp.io"))
    return {"custom", "custom", "custom"};
  return {group, definition.gvr.version, definition.gvr.resource};
}

RequestMetrics::RequestMetrics(metrics::Registry* registry)
    : requests_(registry->NewCounter(
          "apiserver_request_total", "Requests answered.",
          {"verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component", "code"})),
      duration_(registry->NewHistogram(
          "apiserver_request_duration_seconds", "Time from a request's headers to the end of its answer.",
          DurationBounds(), {"verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component"})),
      sli_duration_(registry->NewHistogram(
          "apiserver_request_sli_duration_seconds", "The same without what the server is not to blame for.",
          SliBounds(), {"verb", "group", "version", "resource", "subresource", "scope", "component"})),
      response_sizes_(
          registry->NewHistogram("apiserver_response_sizes", "Bytes of response bodies, before compression.",
                                 {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9},
                                 {"verb", "group", "version", "resource", "subresource", "scope", "component"})),
      terminations_(
          registry->NewCounter("apiserver_request_terminations_total", "Requests refused to protect the server.",
                               {"verb", "group", "version", "resource", "subresource", "scope", "component", "code"})),
      long_running_(registry->NewGauge("apiserver_longrunning_requests", "Watches being served.",
                                       {"verb", "group", "version", "resource", "subresource", "scope", "component"})) {
}

void RequestMetrics::Record(const Call& call, absl::Duration took) {
  Labels l = LabelsOf(call);
  l.code = CodeText(call.code, l.code_text);
  const double seconds = absl::ToDoubleSeconds(took);
  requests_.With({l.verb, l.dry_run, l.group, l.version, l.resource, l.subresource, l.scope, "apiserver", l.code})
      .Add();
  if (call.info.verb == "watch") return;  // a watch's length is the client's choice
  duration_.With({l.verb, l.dry_run, l.group, l.version, l.resource, l.subresource, l.scope, "apiserver"})
      .Observe(seconds);
  sli_duration_.With({l.verb, l.group, l.version, l.resource, l.subresource, l.scope, "apiserver"}).Observe(seconds);
  response_sizes_.With({l.verb, l.group, l.version, l.resource, l.subresource, l.scope, "apiserver"})
      .Observe(static_cast<double>(call.response_bytes));
}

void RequestMetrics::Terminated(const Call& call) {
  Labels l = LabelsOf(call);
  terminations_.With({l.verb, l.group, l.version, l.resource, l.subresource, l.scope, "apiserver", "429"}).Add();
}

void RequestMetrics::WatchStarted(const Call& call, int delta) {
  // The definition is not known before routing; only the verb is.
  Labels l = LabelsOf(call);
  long_running_.With({l.verb, "", "", "", "", l.scope, "apiserver"}).Add(delta);
}

}  // namespace atoll::endpoints
