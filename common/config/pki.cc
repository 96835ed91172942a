#include "common/config/pki.h"

#include <algorithm>

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::config {
namespace {

absl::StatusOr<tls::KeyPair> ReadPair(const std::string& base) {
  tls::KeyPair pair;
  ASSIGN_OR_RETURN(pair.certificate_pem, ReadFile(base + ".crt"));
  ASSIGN_OR_RETURN(pair.key_pem, ReadFile(base + ".key"));
  return pair;
}

absl::Status WritePair(const std::string& base, const tls::KeyPair& pair) {
  RETURN_IF_ERROR(WriteFileAtomic(base + ".key", pair.key_pem, 0600));
  return WriteFileAtomic(base + ".crt", pair.certificate_pem, 0644);
}

}  // namespace

absl::StatusOr<tls::KeyPair> Pki::Authority(std::string_view name) const {
  const std::string base = StrCat(directory_, "/", name);
  if (auto pair = ReadPair(base); pair.ok()) return pair;
  ASSIGN_OR_RETURN(tls::KeyPair made, tls::NewCertificateAuthority(StrCat("atoll-", name)));
  RETURN_IF_ERROR(WritePair(base, made));
  return made;
}

absl::StatusOr<tls::KeyPair> Pki::Certificate(std::string_view authority, std::string_view file,
                                              const tls::LeafOptions& options) const {
  const std::string base = StrCat(directory_, "/", file);
  if (auto pair = ReadPair(base); pair.ok()) {
    auto until = tls::NotAfter(pair->certificate_pem);
    if (until.ok() && *until - SystemClock().Now() > options.lifetime / 10) return pair;
  }
  ASSIGN_OR_RETURN(tls::KeyPair made, Issue(authority, options));
  RETURN_IF_ERROR(WritePair(base, made));
  return made;
}

absl::StatusOr<tls::KeyPair> Pki::Issue(std::string_view authority, const tls::LeafOptions& options) const {
  ASSIGN_OR_RETURN(tls::KeyPair ca, Authority(authority));
  return tls::IssueCertificate(ca, options);
}

absl::StatusOr<std::string> Pki::ServiceAccountKey() const {
  const std::string file = directory_ + "/sa.key";
  if (auto key = ReadFile(file); key.ok()) return key;
  ASSIGN_OR_RETURN(std::string key, tls::NewRsaKey(2048));
  RETURN_IF_ERROR(WriteFileAtomic(file, key, 0600));
  return key;
}

tls::LeafOptions ServerNames(std::string_view common_name, std::string_view host) {
  tls::LeafOptions o;
  o.subject.common_name = std::string(common_name);
  o.dns_names = {"localhost"};
  o.ip_addresses = {"127.0.0.1", "::1"};
  const bool address =
      host.find_first_not_of("0123456789.") == std::string_view::npos || host.find(':') != std::string_view::npos;
  auto& names = address ? o.ip_addresses : o.dns_names;
  if (!host.empty() && host != "0.0.0.0" && host != "::" && std::find(names.begin(), names.end(), host) == names.end())
    names.emplace_back(host);
  o.server = true;
  return o;
}

tls::LeafOptions ClientSubject(std::string_view common_name, std::vector<std::string> organizations) {
  tls::LeafOptions o;
  o.subject.common_name = std::string(common_name);
  o.subject.organizations = std::move(organizations);
  o.client = true;
  return o;
}

}  // namespace atoll::config
