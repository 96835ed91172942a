// Flags of OpenID providers, under the names that Kubernetes' API server has.
#include <CLI/CLI.hpp>

#include "shard/server/flags.h"

namespace atoll::shard {

void BindAuthenticationFlags(CLI::App* app, Options* o) {
  app->add_option(
      "--authentication-config", o->authentication_config_file,
      "AuthenticationConfiguration of apiserver.config.k8s.io/v1: whose tokens are believed, and who may ask "
      "anonymously. Providers are read again when it changes");
  auth::OidcFlags& oidc = o->oidc;
  app->add_option("--oidc-issuer-url", oidc.issuer_url, "https URL of an OpenID provider whose tokens are believed");
  app->add_option("--oidc-client-id", oidc.client_id, "Audience that its tokens must have");
  app->add_option("--oidc-ca-file", oidc.ca_file, "Authority of its certificate; the machine's by default");
  app->add_option("--oidc-username-claim", oidc.username_claim, "Claim that is the user's name")->capture_default_str();
  app->add_option("--oidc-username-prefix", oidc.username_prefix,
                  "Before user names; the issuer's URL and # by default, unless the claim is email; - for none");
  app->add_option("--oidc-groups-claim", oidc.groups_claim, "Claim that lists the user's groups");
  app->add_option("--oidc-groups-prefix", oidc.groups_prefix, "Before group names");
  app->add_option("--oidc-signing-algs", oidc.signing_algs, "Algorithms that its tokens may be signed with")
      ->delimiter(',')
      ->capture_default_str();
  app->add_option("--oidc-required-claim", oidc.required_claims,
                  "claim=value that every token must have; may be repeated");
}

}  // namespace atoll::shard
