// The flags of a shard, bound in one place for atoll-shard and `atoll start`.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "shard/server/options.h"

namespace CLI {
class App;
}

namespace atoll::shard {

// What of the command line does not go straight into Options; Finish turns it into them.
struct FlagValues {
  std::vector<std::string> batteries, feature_gates;
  std::string event_ttl, token_lifetime_max;  // Go durations
  std::string verbosity = "2";
};

void BindFlags(CLI::App* app, Options* options, FlagValues* values);
void BindLimitFlags(CLI::App* app, endpoints::Limits* limits);  // of BindFlags
void BindAuditFlags(CLI::App* app, audit::Options* options);    // of BindFlags
void BindAuthenticationFlags(CLI::App* app, Options* options);  // of BindFlags: those of OpenID providers
// A Go duration (`1m0s`), for flags that have one.
void BindDuration(CLI::App* app, const std::string& name, absl::Duration* into, const std::string& help);
// Errors name the flag. `warnings` receives what was accepted without effect.
absl::Status Finish(const FlagValues& values, Options* options, std::vector<std::string>* warnings);
// Accepts the reference's flags that have no meaning here (embedded etcd's) with a warning each.
void BindIgnoredFlags(CLI::App* app, std::vector<std::string>* warnings);

}  // namespace atoll::shard
