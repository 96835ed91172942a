#include "shard/server/server.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/audit/auditor.h"
#include "common/auth/authn/all.h"
#include "common/auth/jwt.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/random.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/config/file_follower.h"
#include "common/config/pki.h"
#include "common/config/root_directory.h"
#include "common/http/server.h"
#include "common/index/workspace_index.h"
#include "common/log/log.h"
#include "common/loop/asio_loop.h"
#include "common/loop/sync.h"
#include "common/metrics/metrics.h"
#include "common/store/kv/engine.h"
#include "common/store/store.h"
#include "shard/admission/all.h"
#include "shard/authorization/bootstrap/bootstrap.h"
#include "shard/authorization/chain.h"
#include "shard/authorization/policy_cache.h"
#include "shard/authorization/reviews/reviews.h"
#include "shard/authorization/store_policies.h"
#include "shard/bootstrap/bootstrap.h"
#include "shard/controllers/all.h"
#include "shard/controllers/framework/runner.h"
#include "shard/dynamic/custom_resources.h"
#include "shard/dynamic/follower.h"
#include "shard/dynamic/resolver.h"
#include "shard/endpoints/handle.h"
#include "shard/endpoints/version.h"
#include "shard/endpoints/watch_metrics.h"
#include "shard/quota/ledger.h"
#include "shard/registry/in_process_client.h"
#include "shard/registry/registry.h"
#include "shard/registry/resolver_builtin.h"
#include "shard/replication/local_index.h"
#include "shard/replication/replica.h"
#include "shard/resources/all.h"
#include "shard/resources/schemas.h"
#include "shard/server/credentials.h"
#include "shard/server/fleet.h"
#include "shard/server/home_workspaces.h"
#include "shard/server/local_paths.h"
#include "shard/server/metrics.h"
#include "shard/server/service_accounts.h"
#include "shard/server/workspace_authentication.h"
#include "shard/storage/owner_index.h"
#include "shard/virtual/all.h"

namespace atoll::shard {
namespace {

std::string HostOf(const Options& o) {
  if (!o.external_hostname.empty()) return o.external_hostname;
  return o.bind_address == "0.0.0.0" || o.bind_address == "::" ? "localhost" : o.bind_address;
}

absl::StatusOr<std::shared_ptr<const tls::TrustPool>> ReadPool(const std::string& file, std::string_view flag) {
  auto pem = ReadFile(file);
  if (!pem.ok()) return absl::Status(pem.status().code(), ToAbsl(StrCat(flag, ": ", ToStd(pem.status().message()))));
  auto pool = tls::TrustPool::FromPem(*pem);
  if (!pool.ok()) return absl::InvalidArgumentError(StrCat(flag, ": ", file, ": ", ToStd(pool.status().message())));
  return *std::move(pool);
}

}  // namespace

// Members in the order they are made; destroyed in reverse.
struct Server::Impl {
  explicit Impl(Options o) : options(std::move(o)) {}

  Options options;
  std::string base_url;
  std::unique_ptr<config::RootDirectory> root;
  tls::KeyPair serving_pair;
  std::string serving_ca_pem;
  AdminCredentials credentials;

  metrics::Registry metrics;
  std::unique_ptr<BlockingPool> pool;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<AsioLoop> control_loop;  // controllers, followers
  std::vector<std::unique_ptr<AsioLoop>> loops;

  registry::Clusters clusters;
  index::WorkspaceIndex workspace_index;
  tenancy::Catalog catalog;
  std::vector<registry::DefinitionPtr> definitions;
  std::unique_ptr<registry::BuiltinResolver> builtin;
  dynamic::CustomResources custom;
  std::unique_ptr<dynamic::CustomResourceFollower> custom_follower;
  std::unique_ptr<dynamic::CustomResolver> resolver;
  admission::Chain admission_chain;
  quota::QuotaIndex quotas;
  std::unique_ptr<quota::QuotaLedger> ledger;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<registry::InProcessClient> client;

  std::unique_ptr<authorization::PolicyCache> policies;
  std::unique_ptr<authorization::PolicyInvalidator> invalidator;
  std::unique_ptr<authorization::RootExportPolicies> export_policies;
  std::unique_ptr<authorization::Chain> authorizer;

  std::unique_ptr<LocalServiceAccounts> local_accounts;
  std::unique_ptr<auth::ServiceAccountLookup> service_accounts;  // the fleet's
  std::unique_ptr<auth::JwtSigner> signer;
  json::Value jwks;  // the public half of what signs
  auth::Authentication authentication;
  auth::JwtIssuers* jwt_issuers = nullptr;                            // of `authentication`
  std::unique_ptr<WorkspaceAuthentication> workspace_authentication;  // gate WorkspaceAuthentication
  std::optional<auth::AnonymousConfig> anonymous;
  std::vector<std::unique_ptr<config::FileFollower>> followers;  // of the control loop
  registry::Connectors connectors;

  std::unique_ptr<replication::LocalIndex> local_index;
  std::unique_ptr<tenancy::LocalClusterAdmin> local_admin;
  std::unique_ptr<tenancy::ClusterAdmins> admins;
  std::unique_ptr<tenancy::ContentRemover> content;
  std::unique_ptr<Fleet> fleet;
  std::unique_ptr<controllers::QueueMetrics> queue_metrics;
  std::vector<std::unique_ptr<controllers::ControllerRunner>> runners;

  std::unique_ptr<audit::Auditor> auditor;
  std::unique_ptr<LocalPaths> paths;
  endpoints::HealthChecks health;
  std::unique_ptr<endpoints::IssuerDiscovery> issuer;
  std::unique_ptr<endpoints::WatchMetrics> watch_metrics;
  std::unique_ptr<endpoints::ApiServer> api;
  std::unique_ptr<virtual_workspaces::All> virtual_workspaces;
  std::unique_ptr<LocalHomeWorkspaces> homes;
  std::atomic<endpoints::ApiServer*> serving_api{nullptr};  // `api`, once it is there
  std::unique_ptr<endpoints::ApiHandler> handler;
  std::shared_ptr<tls::ServerContext> tls;
  std::vector<std::unique_ptr<http::Server>> servers;
  int port = 0;
  bool stopped = false;
  std::atomic<bool> shutting_down{false};
  std::atomic<bool> controllers_started{false};  // `runners` is complete and does not change any more

  absl::Status Start();
  absl::Status OpenFiles();
  absl::Status OpenStore();
  absl::Status Authenticate();
  absl::Status ReadProviders(auth::AuthenticationOptions* o);
  absl::Status ReloadProviders(const std::string& text);
  std::vector<std::string> OwnIssuers() const { return {options.service_account_issuer, "kubernetes/serviceaccount"}; }
  void Follow(config::FileFollower::Options follow);
  absl::Status BuildApi();
  absl::Status Load();
  absl::Status Listen();
  // Open watches ask again whether they may go on. Any thread.
  void RightsChanged(const LogicalClusterId* cluster) {
    auto* serving = serving_api.load();
    if (serving == nullptr) return;
    serving->RecheckWatches(cluster);
    virtual_workspaces->RecheckWatches(cluster);
    const auto info = cluster == nullptr ? nullptr : clusters.Find(*cluster);
    if (info != nullptr && info->inactive) serving->EndWildcardWatches();
  }
  void StartControllers();
  bootstrap::Options BootstrapOptions() const;
  Fleet::ServiceAccounts LocalAccounts() const {
    return {local_accounts.get(), [this](const LogicalClusterId& id) { return clusters.Find(id) != nullptr; }};
  }
  registry::DefinitionPtr Definition(const api::Gvr& gvr) const;
  void Stop(absl::Duration grace);
};

registry::DefinitionPtr Server::Impl::Definition(const api::Gvr& gvr) const {
  for (const auto& d : definitions) {
    if (d->gvr == gvr) return d;
  }
  return nullptr;
}

absl::Status Server::Impl::Start() {
  RETURN_IF_ERROR(options.Validate());
  RETURN_IF_ERROR(OpenFiles());
  control_loop = std::make_unique<AsioLoop>("control");
  control_loop->Start();
  for (int i = 0; i < options.loops; ++i) {
    loops.push_back(std::make_unique<AsioLoop>(StrCat("io-", i)));
    loops.back()->Start();
  }
  RETURN_IF_ERROR(OpenStore());
  definitions = resources::BuiltinResources();
  // The port must be known before anything states a URL.
  RETURN_IF_ERROR(Listen());
  RETURN_IF_ERROR(BuildApi());
  RETURN_IF_ERROR(Authenticate());
  RETURN_IF_ERROR(Load());
  StartControllers();
  controllers_started = true;
  control_loop->RunBlocking([](Impl* self) -> Task<void> {
    for (auto& follower : self->followers) follower->Start();
    co_return;
  }(this));
  if (options.write_kubeconfig) {
    RETURN_IF_ERROR(WriteAdminKubeconfig(credentials, serving_ca_pem, base_url, options.kubeconfig_path));
  }
  LOG_INFO("shard", "ready", {{"shard", options.shard_name}, {"url", base_url}, {"clusters", clusters.size()}});
  return absl::OkStatus();
}

absl::Status Server::Impl::OpenFiles() {
  ASSIGN_OR_RETURN(root, config::RootDirectory::Open(options.root_directory));
  if (options.kubeconfig_path.empty()) options.kubeconfig_path = root->File("admin.kubeconfig");
  config::Pki pki(root->path());
  if (options.tls_cert_file.empty()) {
    ASSIGN_OR_RETURN(tls::KeyPair ca, pki.Authority("serving-ca"));
    serving_ca_pem = ca.certificate_pem;
    ASSIGN_OR_RETURN(serving_pair,
                     pki.Certificate("serving-ca", "apiserver", config::ServerNames("atoll-shard", HostOf(options))));
  } else {
    ASSIGN_OR_RETURN(serving_pair.certificate_pem, ReadFile(options.tls_cert_file));
    ASSIGN_OR_RETURN(serving_pair.key_pem, ReadFile(options.tls_private_key_file));
    serving_ca_pem = serving_pair.certificate_pem;
    if (!options.root_ca_file.empty()) {
      ASSIGN_OR_RETURN(serving_ca_pem, ReadFile(options.root_ca_file));
    }
  }
  if (options.client_ca_file.empty()) {
    RETURN_IF_ERROR(pki.Authority("client-ca").status());
    options.client_ca_file = root->File("client-ca.crt");
  }
  if (options.service_account_key_file.empty()) {
    RETURN_IF_ERROR(pki.ServiceAccountKey().status());
    options.service_account_key_file = root->File("sa.key");
  }
  if (options.write_kubeconfig) {
    ASSIGN_OR_RETURN(credentials, NewAdminCredentials(*root, options.kubeconfig_path, SystemRandom()));
  }
  return absl::OkStatus();
}

absl::Status Server::Impl::OpenStore() {
  pool = std::make_unique<BlockingPool>(BlockingPool::Options{});
  store::kv::EngineOptions engine_options;
  engine_options.directory = root->File("store");
  ASSIGN_OR_RETURN(std::unique_ptr<store::kv::Engine> engine,
                   store::kv::OpenEngine(options.storage_engine, engine_options));
  store::StoreOptions store_options;
  store_options.log_bytes_max = options.store_log_bytes;
  ASSIGN_OR_RETURN(store, store::Store::Open(std::move(engine), store_options, pool.get()));
  return storage::EnsureOwnerIndex(*store);
}

// Binds one listener a loop on one port. Until the handler is there, requests are answered 503.
absl::Status Server::Impl::Listen() {
  ASSIGN_OR_RETURN(tls, tls::ServerContext::Create(serving_pair));
  Follow({.what = "serving certificate",
          .files = {options.tls_cert_file.empty() ? root->File("apiserver.crt") : options.tls_cert_file,
                    options.tls_private_key_file.empty() ? root->File("apiserver.key") : options.tls_private_key_file},
          .contents = {serving_pair.certificate_pem, serving_pair.key_pem},
          .changed = [this](const std::vector<std::string>& contents) {
            return tls->Reload({contents[0], contents[1]});
          }});
  port = options.secure_port;
  for (auto& loop : loops) {
    http::ServerOptions o;
    o.bind_address = options.bind_address;
    o.port = port;
    o.share_port = loops.size() > 1;
    auto dispatch = [this](http::Request request, http::ResponseWriter& out) -> Task<void> {
      return handler->Handle(std::move(request), out);
    };
    auto server = http::NewServer(*loop, tls, o, dispatch);
    servers.push_back(std::move(server));
  }
  return absl::OkStatus();
}

absl::Status Server::Impl::BuildApi() {
  builtin = std::make_unique<registry::BuiltinResolver>(definitions, &clusters);
  resolver = std::make_unique<dynamic::CustomResolver>(builtin.get(), &custom);
  RETURN_IF_ERROR(quotas.Load(*store));
  ledger = std::make_unique<quota::QuotaLedger>(
      quota::QuotaLedger::Options{.store = store.get(),
                                  .pool = pool.get(),
                                  .index = &quotas,
                                  .resource_quotas = Definition({"", "v1", "resourcequotas"})});
  registry = registry::Registry::Create({.store = store.get(),
                                         .pool = pool.get(),
                                         .admission = &admission_chain,
                                         .ledger = ledger.get(),
                                         .clock = &SystemClock(),
                                         .random = &SystemRandom()});
  client = std::make_unique<registry::InProcessClient>(registry.get(), resolver.get());

  authorization::PolicyCache::Options cache;
  cache.load = [this](const LogicalClusterId& cluster) { return authorization::LoadRbac(*store, cluster); };
  cache.pool = pool.get();
  cache.fallback = authorization::BootstrapPolicy();
  policies = std::make_unique<authorization::PolicyCache>(std::move(cache));
  invalidator = std::make_unique<authorization::PolicyInvalidator>(
      store.get(), policies.get(), [this](const LogicalClusterId* cluster) { RightsChanged(cluster); });
  export_policies = std::make_unique<authorization::RootExportPolicies>(&clusters);
  // On the loop that owns what it makes.
  absl::StatusOr<std::unique_ptr<Fleet>> made;
  control_loop->RunBlocking([](Impl* self, absl::StatusOr<std::unique_ptr<Fleet>>* out) -> Task<void> {
    *out = Fleet::Create({.options = &self->options,
                          .store = self->store.get(),
                          .pool = self->pool.get(),
                          .loop = self->control_loop.get(),
                          .catalog = &self->catalog,
                          .client = self->client.get()});
    co_return;
  }(this, &made));
  RETURN_IF_ERROR(made.status());
  fleet = *std::move(made);
  authorization::Chain::Options chain;
  chain.clusters = &clusters;
  chain.policies = policies.get();
  chain.bootstrap = authorization::BootstrapPolicy();
  chain.replicas = fleet->replicas();
  chain.exports = export_policies.get();
  authorizer = std::make_unique<authorization::Chain>(std::move(chain));

  admission::AddAll({.store = store.get(),
                     .clusters = &clusters,
                     .catalog = &catalog,
                     .authorizer = authorizer.get(),
                     .roles = authorizer.get()},
                    &admission_chain);
  return absl::OkStatus();
}

// --authentication-config, or --oidc-*.
absl::Status Server::Impl::ReadProviders(auth::AuthenticationOptions* o) {
  o->jwt_issuers = std::make_unique<auth::JwtIssuers>(*control_loop, &SystemClock());
  jwt_issuers = o->jwt_issuers.get();
  const std::string& file = options.authentication_config_file;
  if (options.oidc.given()) {
    if (!file.empty()) return absl::InvalidArgumentError("--oidc-issuer-url: goes not with --authentication-config");
    ASSIGN_OR_RETURN(auth::JwtIssuerConfig provider, options.oidc.ToConfig(OwnIssuers()));
    return jwt_issuers->Set({std::move(provider)});
  }
  if (file.empty()) return absl::OkStatus();
  auto about = [&file](const absl::Status& status) {
    return absl::InvalidArgumentError(StrCat("--authentication-config: ", file, ": ", ToStd(status.message())));
  };
  auto text = ReadFile(file);
  if (!text.ok()) return about(text.status());
  auto read = auth::AuthenticationConfiguration::Parse(*text, OwnIssuers());
  if (!read.ok()) return about(read.status());
  if (read->anonymous) {
    o->anonymous = read->anonymous->enabled;
    o->anonymous_paths = read->anonymous->paths;
  }
  anonymous = std::move(read->anonymous);
  Follow({.what = "--authentication-config",
          .files = {file},
          .contents = {*std::move(text)},
          .changed = [this](const std::vector<std::string>& contents) { return ReloadProviders(contents.front()); }});
  return jwt_issuers->Set(read->jwt);
}

absl::Status Server::Impl::ReloadProviders(const std::string& text) {
  ASSIGN_OR_RETURN(auth::AuthenticationConfiguration read,
                   auth::AuthenticationConfiguration::Parse(text, OwnIssuers()));
  if (read.anonymous != anonymous)
    return absl::FailedPreconditionError("anonymous: changes take effect with a restart only");
  return jwt_issuers->Set(read.jwt);
}

void Server::Impl::Follow(config::FileFollower::Options follow) {
  followers.push_back(std::make_unique<config::FileFollower>(*control_loop, *pool, std::move(follow)));
}

absl::Status Server::Impl::Authenticate() {
  local_accounts = std::make_unique<LocalServiceAccounts>(client.get());
  service_accounts = fleet->NewServiceAccounts(LocalAccounts());
  ASSIGN_OR_RETURN(std::string key, ReadFile(options.service_account_key_file));
  ASSIGN_OR_RETURN(signer, auth::JwtSigner::FromPem(key));
  ASSIGN_OR_RETURN(std::unique_ptr<auth::JwtVerifier> verifier, auth::JwtVerifier::FromPems({key}));

  auth::AuthenticationOptions o;
  ASSIGN_OR_RETURN(o.client_ca, ReadPool(options.client_ca_file, "--client-ca-file"));
  if (!options.requestheader_client_ca_file.empty()) {
    ASSIGN_OR_RETURN(o.request_header_ca,
                     ReadPool(options.requestheader_client_ca_file, "--requestheader-client-ca-file"));
    o.request_header_allowed_names = options.requestheader_allowed_names;
  }
  if (!options.token_auth_file.empty()) {
    ASSIGN_OR_RETURN(std::string csv, ReadFile(options.token_auth_file));
    auto tokens = auth::TokenFileAuthenticator::FromCsv(csv);
    if (!tokens.ok())
      return absl::InvalidArgumentError(
          StrCat("--token-auth-file: ", options.token_auth_file, ": ", ToStd(tokens.status().message())));
    o.token_file = *std::move(tokens);
  }
  o.admin_tokens = credentials.tokens;
  jwks = verifier->Jwks();
  o.service_accounts.keys = std::move(verifier);
  o.service_accounts.issuers = OwnIssuers();
  if (options.api_audiences.empty()) options.api_audiences = {options.service_account_issuer};
  o.service_accounts.api_audiences = options.api_audiences;
  o.service_accounts.lookup = options.service_account_lookup ? service_accounts.get() : nullptr;
  o.anonymous = options.anonymous_auth;
  RETURN_IF_ERROR(ReadProviders(&o));
  authentication = auth::NewAuthentication(std::move(o));
  if (auto gate = options.feature_gates.find("WorkspaceAuthentication");
      gate == options.feature_gates.end() || gate->second) {
    workspace_authentication =
        std::make_unique<WorkspaceAuthentication>(WorkspaceAuthentication::Options{.clusters = &clusters,
                                                                                   .catalog = &catalog,
                                                                                   .loop = control_loop.get(),
                                                                                   .clock = &SystemClock(),
                                                                                   .own_issuers = OwnIssuers()});
  }

  authorization::ReviewOptions reviews;
  reviews.authorizer = authorizer.get();
  reviews.tokens = authentication.tokens;
  reviews.cluster_tokens = workspace_authentication.get();
  reviews.service_accounts = service_accounts.get();
  reviews.signer = signer.get();
  reviews.issuer = options.service_account_issuer;
  reviews.api_audiences = options.api_audiences;
  reviews.token_lifetime_max = options.service_account_token_lifetime_max;
  authorization::AddReviewConnectors(reviews, &connectors);
  return absl::OkStatus();
}

bootstrap::Options Server::Impl::BootstrapOptions() const {
  bootstrap::Options o;
  o.store = store.get();
  o.definitions = definitions;
  o.clock = &SystemClock();
  o.random = &SystemRandom();
  o.shard_name = options.shard_name;
  o.base_url = options.shard_base_url.empty() ? base_url : options.shard_base_url;
  o.external_url = options.shard_external_url.empty() ? o.base_url : options.shard_external_url;
  o.virtual_workspace_url =
      options.shard_virtual_workspace_url.empty() ? o.base_url : options.shard_virtual_workspace_url;
  o.rpc_address = fleet->rpc_address();
  o.root_ca_pem = serving_ca_pem;
  o.region = options.region;
  o.workspace_types = options.workspace_types;
  o.home_creator_groups = options.home_creator_groups;
  return o;
}

absl::Status Server::Impl::Load() {
  base_url = StrCat("https://", HostOf(options), ":", port);
  tenancy::LocalClusterAdmin::Options admin;
  admin.store = store.get();
  admin.client = client.get();
  admin.clusters = &clusters;
  admin.catalog = &catalog;
  admin.definitions = [this](const api::Gvr& gvr) { return Definition(gvr); };
  admin.new_cluster.shard_name = options.shard_name;
  admin.new_cluster.root_ca_pem = serving_ca_pem;
  admin.clock = &SystemClock();
  admin.random = &SystemRandom();
  admin.new_cluster.external_url = options.shard_external_url.empty()
                                       ? (options.shard_base_url.empty() ? base_url : options.shard_base_url)
                                       : options.shard_external_url;
  local_admin = std::make_unique<tenancy::LocalClusterAdmin>(std::move(admin));
  admins = fleet->NewClusterAdmins(local_admin.get());
  content = std::make_unique<tenancy::ContentRemover>(*store, *pool, *client, *resolver);
  RETURN_IF_ERROR(fleet->Listen(local_admin.get(), LocalAccounts()));

  RETURN_IF_ERROR(bootstrap::Run(BootstrapOptions()));

  absl::Status loaded;
  control_loop->RunBlocking([](Impl* self, absl::Status* out) -> Task<void> {
    self->invalidator->Start(*self->control_loop);
    // What this shard knows of itself, from its own log.
    self->local_index = std::make_unique<replication::LocalIndex>(
        *self->control_loop, replication::LocalIndex::Options{.shard = self->options.shard_name,
                                                              .store = self->store.get(),
                                                              .pool = self->pool.get(),
                                                              .index = &self->workspace_index,
                                                              .clusters = &self->clusters,
                                                              .catalog = &self->catalog,
                                                              .restricted = [self](const LogicalClusterId& cluster) {
                                                                self->RightsChanged(&cluster);
                                                              }});
    *out = co_await self->local_index->Load();
    if (out->ok()) self->local_index->Start();
    self->custom_follower = std::make_unique<dynamic::CustomResourceFollower>(*self->control_loop, self->store.get(),
                                                                              self->pool.get(), &self->custom);
    if (out->ok()) *out = co_await self->custom_follower->Load();
    if (out->ok()) *out = co_await self->fleet->Start(bootstrap::ShardObject(self->BootstrapOptions()));
  }(this, &loaded));
  RETURN_IF_ERROR(loaded);

  paths = std::make_unique<LocalPaths>(&workspace_index, &clusters, store.get(), options.shard_name);
  health.Add("index", [this] { return local_index->status(); });
  health.Add("custom-resources", [this] { return custom_follower->status(); });
  health.Add("log", [] { return absl::OkStatus(); });
  health.Add("store",
             [this] { return store->failed() ? absl::UnavailableError("the disk failed") : absl::OkStatus(); });
  // A restart makes no space: the process is alive, but not ready.
  health.Add(
      "store-space", [this] { return store->full() ? absl::UnavailableError("the disk is full") : absl::OkStatus(); },
      endpoints::HealthChecks::In::kReadyOnly);
  health.Add(
      "informer-sync",
      [this] {
        const bool synced = controllers_started &&
                            std::all_of(runners.begin(), runners.end(), [](const auto& r) { return r->synced(); });
        return synced ? absl::OkStatus() : absl::UnavailableError("controllers are reading");
      },
      endpoints::HealthChecks::In::kReadyOnly);
  health.Add(
      "shutdown",
      [this] { return shutting_down ? absl::UnavailableError("the process is shutting down") : absl::OkStatus(); },
      endpoints::HealthChecks::In::kReadyOnly);

  watch_metrics = std::make_unique<endpoints::WatchMetrics>(&metrics);
  api = std::make_unique<endpoints::ApiServer>(
      endpoints::ApiServer::Options{.registry = registry.get(),
                                    .resolver = resolver.get(),
                                    .connectors = &connectors,
                                    .definitions = &resources::BuiltinSchemas(),
                                    .clock = &SystemClock(),
                                    .server_address = StrCat(HostOf(options), ":", port),
                                    .watch_metrics = watch_metrics.get(),
                                    .watch_timeout_min = options.limits.min_request_timeout});
  custom.SetOnChange([this](const LogicalClusterId& cluster, const api::GroupResource& resource) {
    api->EndWatches(cluster, resource);
  });
  control_loop->RunBlocking([](Impl* self) -> Task<void> {
    self->custom_follower->Start();
    co_return;
  }(this));
  issuer = std::make_unique<endpoints::IssuerDiscovery>(endpoints::IssuerDiscovery::Options{
      .issuer = options.service_account_issuer,
      .jwks_uri = options.service_account_jwks_uri.empty() ? StrCat(BootstrapOptions().external_url, "/openid/v1/jwks")
                                                           : options.service_account_jwks_uri,
      .jwks = jwks});
  virtual_workspaces = std::make_unique<virtual_workspaces::All>(
      virtual_workspaces::Context{.registry = registry.get(),
                                  .resolver = resolver.get(),
                                  .definitions = &resources::BuiltinSchemas(),
                                  .client = client.get(),
                                  .authorizer = authorizer.get(),
                                  .clusters = &clusters,
                                  .catalog = &catalog,
                                  .clock = &SystemClock(),
                                  .server_address = StrCat(HostOf(options), ":", port)});
  serving_api = api.get();
  endpoints::ApiHandler::Options h;
  h.issuer = issuer.get();
  h.api = api.get();
  h.authenticator = authentication.requests.get();
  h.cluster_tokens = workspace_authentication.get();
  h.authorizer = authorizer.get();
  h.clusters = &clusters;
  h.paths = paths.get();
  h.virtual_workspaces = virtual_workspaces.get();
  if (options.home_workspaces) {
    homes = std::make_unique<LocalHomeWorkspaces>(local_admin.get(), &catalog, authorizer.get(), &SystemClock());
    h.homes = homes.get();
  }
  h.health = &health;
  h.metrics = &metrics;
  h.clock = &SystemClock();
  ASSIGN_OR_RETURN(auditor, audit::Auditor::Create(options.audit, *control_loop, &metrics, &SystemClock()));
  h.auditor = auditor.get();
  h.limits = options.limits;
  h.loops = options.loops;
  h.version_json = endpoints::VersionJson({});
  handler = std::make_unique<endpoints::ApiHandler>(std::move(h));
  AddShardMetrics({.registry = &metrics,
                   .store = store.get(),
                   .clusters = &clusters,
                   .index = &workspace_index,
                   .shard = options.shard_name});

  // Everything is there: accept.
  for (size_t i = 0; i < servers.size(); ++i) {
    absl::Status started;
    loops[i]->RunBlocking([](http::Server* server, absl::Status* out) -> Task<void> {
      *out = server->Start();
      co_return;
    }(servers[i].get(), &started));
    if (absl::IsAlreadyExists(started)) {
      return absl::AlreadyExistsError(
          StrCat("port ", port, " on ", options.bind_address, " is in use; choose another with --secure-port"));
    }
    RETURN_IF_ERROR(started);
  }
  return absl::OkStatus();
}

void Server::Impl::StartControllers() {
  if (!options.controllers) return;
  queue_metrics = std::make_unique<controllers::QueueMetrics>(&metrics, &control_loop->clock());
  controllers::Context c;
  c.store = store.get();
  c.pool = pool.get();
  c.resolver = resolver.get();
  c.client = client.get();
  c.custom = &custom;
  c.clusters = &clusters;
  c.catalog = &catalog;
  c.admins = admins.get();
  c.content = content.get();
  c.clock = &SystemClock();
  c.random = &SystemRandom();
  c.quotas = &quotas;
  c.token_signer = signer.get();
  c.event_ttl = options.event_ttl;
  c.shard_name = options.shard_name;
  c.replica_scope = replication::ReplicaScope();
  c.root_ca_pem = serving_ca_pem;
  control_loop->RunBlocking([](Impl* self, controllers::Context context) -> Task<void> {
    for (auto& controller : controllers::All(context)) {
      self->runners.push_back(std::make_unique<controllers::ControllerRunner>(
          *self->control_loop, *self->store, *self->pool, *self->queue_metrics, std::move(controller)));
      self->runners.back()->Start();
    }
    co_return;
  }(this, std::move(c)));
}

void Server::Impl::Stop(absl::Duration grace) {
  if (std::exchange(stopped, true)) return;
  shutting_down = true;
  if (grace > absl::ZeroDuration() && options.limits.shutdown_delay > absl::ZeroDuration() && control_loop != nullptr) {
    // Load balancers look at /readyz and send their clients elsewhere, while whoever comes is still served.
    control_loop->RunBlocking(atoll::SleepFor(options.limits.shutdown_delay));
  }
  if (handler != nullptr) handler->Drain();
  for (size_t i = 0; i < servers.size(); ++i) {
    loops[i]->RunBlocking([](http::Server* server, absl::Duration d) -> Task<void> { co_await server->Drain(d); }(
                                                                         servers[i].get(), grace));
  }
  if (control_loop != nullptr) {
    control_loop->RunBlocking([](Impl* self) -> Task<void> {
      for (auto& follower : self->followers) co_await follower->Stop();
      for (auto& runner : self->runners) co_await runner->Stop();
      if (self->fleet != nullptr) co_await self->fleet->Stop();
      if (self->local_index != nullptr) co_await self->local_index->Stop();
      self->local_index.reset();  // it belongs to this loop
      if (self->custom_follower != nullptr) co_await self->custom_follower->Stop();
      self->custom_follower.reset();
      if (self->invalidator != nullptr) co_await self->invalidator->Stop();
      if (self->auditor != nullptr) co_await self->auditor->Stop();
    }(this));
  }
  if (fleet != nullptr) fleet->StopServing();
  if (control_loop != nullptr) {
    control_loop->RunBlocking([](Impl* self) -> Task<void> {
      self->fleet.reset();  // what it holds belongs to this loop
      co_return;
    }(this));
  }
  if (store != nullptr) store->Stop();
  servers.clear();
  for (auto& loop : loops) loop->Stop();
  if (control_loop != nullptr) control_loop->Stop();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Options options) {
  std::unique_ptr<Server> server(new Server(std::make_unique<Impl>(std::move(options))));
  RETURN_IF_ERROR(server->impl_->Start());
  return server;
}

void Server::Stop(absl::Duration grace) { impl_->Stop(grace); }
int Server::port() const { return impl_->port; }
int Server::rpc_port() const { return impl_->fleet == nullptr ? 0 : impl_->fleet->rpc_port(); }
const std::string& Server::base_url() const { return impl_->base_url; }

}  // namespace atoll::shard
