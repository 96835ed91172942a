#include "common/config/kubeconfig.h"

#include "absl/strings/escaping.h"
#include "common/base/file.h"
#include "common/base/strings.h"

namespace atoll::config {

// Names here are ours and need no quoting in YAML.
std::string ToYaml(const Kubeconfig& k) {
  std::string out = "apiVersion: v1\nclusters:\n";
  const std::string ca = absl::Base64Escape(k.ca_pem);
  for (const auto& [name, server] : k.clusters) {
    StrAppend(&out, "- cluster:\n    certificate-authority-data: ", ca, "\n    server: ", server, "\n  name: ", name,
              "\n");
  }
  StrAppend(&out, "contexts:\n");
  for (const auto& c : k.contexts)
    StrAppend(&out, "- context:\n    cluster: ", c.cluster, "\n    user: ", c.user, "\n  name: ", c.name, "\n");
  StrAppend(&out, "current-context: ", k.current_context, "\nkind: Config\npreferences: {}\nusers:\n");
  for (const auto& u : k.users) {
    StrAppend(&out, "- name: ", u.name, "\n  user:\n");
    if (!u.token.empty()) {
      StrAppend(&out, "    token: ", u.token, "\n");
    } else {
      StrAppend(&out, "    client-certificate-data: ", absl::Base64Escape(u.client_certificate_pem),
                "\n    client-key-data: ", absl::Base64Escape(u.client_key_pem), "\n");
    }
  }
  return out;
}

absl::Status Write(const Kubeconfig& kubeconfig, const std::string& file) {
  return WriteFileAtomic(file, ToYaml(kubeconfig), 0600);
}

}  // namespace atoll::config
