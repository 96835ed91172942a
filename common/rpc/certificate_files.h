// CertificateFiles: where an end of gRPC finds what it shows and what it trusts. The files are read again when they
// change: connections made from then on use what they say now, those that stand are left. A process replaces a file by
// renaming, so that none is read half.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/tls/context.h"

namespace grpc::experimental {
class CertificateProviderInterface;
}

namespace atoll::rpc {

struct CertificateFiles {
  std::string certificate, key;  // PEM
  std::string ca;                // PEM, of the other ends
  absl::Duration refresh = absl::Seconds(30);
};

// Reads them once; for an error that names the file and says what is wrong with it. gRPC itself would only log it.
absl::Status Check(const CertificateFiles& files);

// What gRPC asks for certificates. One thread for each set of files in the process, however many ends use it; ends with
// the last of them.
std::shared_ptr<grpc::experimental::CertificateProviderInterface> Follow(const CertificateFiles& files);

}  // namespace atoll::rpc
