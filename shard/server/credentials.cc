#include "shard/server/credentials.h"

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/config/kubeconfig.h"
#include "common/json/yaml.h"

namespace atoll::shard {
namespace {

// The token of user shard-admin in an earlier kubeconfig; "" when there is none.
std::string TokenInKubeconfig(const std::string& file) {
  auto text = ReadFile(file);
  if (!text.ok()) return "";
  auto config = json::ParseYaml(*text);
  if (!config.ok()) return "";
  const json::Value* users = config->Find("users");
  if (users == nullptr || !users->is_array()) return "";
  for (const json::Value& user : users->array()) {
    if (user.StringAt({"name"}) == "shard-admin") return std::string(user.StringAt({"user", "token"}));
  }
  return "";
}

auth::User NewUser(std::string name, std::vector<std::string> groups, Random& random) {
  auth::User user;
  user.name = std::move(name);
  user.uid = random.Uuid();
  user.groups = std::move(groups);
  return user;
}

}  // namespace

absl::StatusOr<AdminCredentials> NewAdminCredentials(const config::RootDirectory& root,
                                                     const std::string& kubeconfig_path, Random& random) {
  AdminCredentials out;
  const std::string store = root.File(".admin-token-store");
  if (auto stored = ReadFile(store); stored.ok()) {
    out.shard_admin_token = TokenInKubeconfig(kubeconfig_path);
    if (out.shard_admin_token.empty()) {
      return absl::FailedPreconditionError(
          StrCat("cannot create the 'admin.kubeconfig' file with an empty token for the shard-admin user: remove ",
                 store, " and restart"));
    }
    const auth::SecretDigest digest = auth::SecretDigest::Of(out.shard_admin_token);
    if (digest.raw() != *stored) {
      return absl::FailedPreconditionError(StrCat("admin token in file \"", kubeconfig_path,
                                                  "\" is not valid anymore. Remove file \"", store, "\" and restart"));
    }
  } else {
    out.shard_admin_token = random.Uuid();
    const auth::SecretDigest digest = auth::SecretDigest::Of(out.shard_admin_token);
    RETURN_IF_ERROR(WriteFileAtomic(store, digest.raw(), 0600));
  }
  out.kcp_admin_token = random.Uuid();
  out.tokens.push_back(
      {auth::SecretDigest::Of(out.shard_admin_token), NewUser("shard-admin", {std::string(auth::kMasters)}, random)});
  out.tokens.push_back(
      {auth::SecretDigest::Of(out.kcp_admin_token), NewUser("kcp-admin", {std::string(auth::kKcpAdmin)}, random)});
  return out;
}

absl::Status WriteAdminKubeconfig(const AdminCredentials& credentials, const std::string& ca_pem,
                                  const std::string& base_url, const std::string& file) {
  config::Kubeconfig k;
  k.ca_pem = ca_pem;
  k.clusters = {
      {"base", base_url}, {"root", base_url + "/clusters/root"}, {"system:admin", base_url + "/clusters/system:admin"}};
  k.users = {{"kcp-admin", credentials.kcp_admin_token, "", ""},
             {"shard-admin", credentials.shard_admin_token, "", ""}};
  k.contexts = {{"base", "base", "kcp-admin"},
                {"root", "root", "kcp-admin"},
                {"shard-base", "base", "shard-admin"},
                {"system:admin", "system:admin", "shard-admin"}};
  k.current_context = "root";
  return config::Write(k, file);
}

}  // namespace atoll::shard
