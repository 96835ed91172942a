#include "common/rpc/certificate_files.h"

#include <grpcpp/security/tls_certificate_provider.h>

#include <map>

#include "absl/synchronization/mutex.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/tls/certificates.h"

namespace atoll::rpc {

using Provider = grpc::experimental::CertificateProviderInterface;

absl::Status Check(const CertificateFiles& files) {
  tls::KeyPair pair;
  ASSIGN_OR_RETURN(pair.certificate_pem, ReadFile(files.certificate));
  ASSIGN_OR_RETURN(pair.key_pem, ReadFile(files.key));
  ASSIGN_OR_RETURN(std::string ca_pem, ReadFile(files.ca));
  if (auto pool = tls::TrustPool::FromPem(ca_pem); !pool.ok()) {
    return absl::InvalidArgumentError(StrCat(files.ca, ": ", ToStd(pool.status().message())));
  }
  if (auto context = tls::ServerContext::Create(pair); !context.ok()) {
    return absl::InvalidArgumentError(StrCat(files.certificate, ": ", ToStd(context.status().message())));
  }
  return absl::OkStatus();
}

std::shared_ptr<Provider> Follow(const CertificateFiles& files) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto& followed = *new std::map<std::string, std::weak_ptr<Provider>>();  // bounded by the flags of a process
  const std::string id = StrCat(files.certificate, "\n", files.key, "\n", files.ca);
  absl::MutexLock lock(&mutex);
  if (auto known = followed[id].lock()) return known;
  auto made = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.certificate, files.ca, static_cast<unsigned>(absl::ToInt64Seconds(files.refresh)));
  followed[id] = made;
  return made;
}

}  // namespace atoll::rpc
