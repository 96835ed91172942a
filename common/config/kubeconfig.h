// Writing the kubeconfigs that `atoll start` hands out: inline credentials, so that a file works wherever it is copied.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace atoll::config {

struct KubeconfigUser {
  std::string name;
  std::string token;  // or
  std::string client_certificate_pem, client_key_pem;
};

struct Kubeconfig {
  std::string ca_pem;                                         // of every cluster
  std::vector<std::pair<std::string, std::string>> clusters;  // name, server URL
  std::vector<KubeconfigUser> users;
  struct Context {
    std::string name, cluster, user;
  };
  std::vector<Context> contexts;
  std::string current_context;
};

std::string ToYaml(const Kubeconfig& kubeconfig);
// Mode 0600, replaced atomically.
absl::Status Write(const Kubeconfig& kubeconfig, const std::string& file);

}  // namespace atoll::config
