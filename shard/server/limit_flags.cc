// Flags of limits, time-outs and shutdown, under the names that Kubernetes' API server has.
#include <CLI/CLI.hpp>
#include <functional>

#include "common/api/duration.h"
#include "common/base/strings.h"
#include "shard/server/flags.h"

namespace atoll::shard {

void BindDuration(CLI::App* app, const std::string& name, absl::Duration* into, const std::string& help) {
  app->add_option_function<std::string>(
         name,
         [name, into](const std::string& text) {
           auto duration = api::ParseGoDuration(text);
           if (!duration.ok()) throw CLI::ValidationError(name, std::string(duration.status().message()));
           *into = *duration;
         },
         help)
      ->default_str(absl::FormatDuration(*into));
}

void BindLimitFlags(CLI::App* app, endpoints::Limits* limits) {
  app->add_option("--max-requests-inflight", limits->max_requests_inflight,
                  "Reading requests served at once; others wait for their turn. 0: no bound")
      ->capture_default_str();
  app->add_option("--max-mutating-requests-inflight", limits->max_mutating_requests_inflight,
                  "Writing requests served at once; others wait for their turn. 0: no bound")
      ->capture_default_str();
  BindDuration(app, "--request-timeout", &limits->request_timeout,
               "Time to answer a request that is not a watch; 504 after it");
  app->add_option_function<int>(
         "--min-request-timeout", [limits](int seconds) { limits->min_request_timeout = absl::Seconds(seconds); },
         "Seconds that a watch lasts at least when its client names no time; up to twice as long")
      ->default_str(StrCat(absl::ToInt64Seconds(limits->min_request_timeout)));
  app->add_option("--goaway-chance", limits->goaway_chance,
                  "Part of HTTP/2 requests whose connection is ended, so that clients spread; at most 0.02")
      ->capture_default_str();
  BindDuration(app, "--shutdown-delay-duration", &limits->shutdown_delay,
               "How long to serve on, not ready, before connections are ended");
  app->add_option("--strict-transport-security-directives", limits->strict_transport_security,
                  "Strict-Transport-Security on every answer; empty: none")
      ->delimiter(',');
}

}  // namespace atoll::shard
