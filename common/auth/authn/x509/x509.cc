#include "common/auth/authn/x509/x509.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/strings.h"

namespace atoll::auth {
namespace {

constexpr char kCredentialId[] = "authentication.kubernetes.io/credential-id";
// A subject attribute that carries the user's uid.
constexpr char kUidOid[] = "1.3.6.1.4.1.57683.2";

struct Leaf {
  std::string uid;
  absl::Time not_after = absl::InfinitePast();
};

Leaf ParseLeaf(std::string_view der) {
  Leaf out;
  const auto* p = reinterpret_cast<const unsigned char*>(der.data());
  std::unique_ptr<X509, void (*)(X509*)> leaf(d2i_X509(nullptr, &p, static_cast<long>(der.size())), X509_free);
  if (!leaf) return out;
  tm t{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf.get()), &t) == 1) out.not_after = absl::FromTM(t, absl::UTCTimeZone());
  std::unique_ptr<ASN1_OBJECT, void (*)(ASN1_OBJECT*)> oid(OBJ_txt2obj(kUidOid, 1), ASN1_OBJECT_free);
  X509_NAME* subject = X509_get_subject_name(leaf.get());
  const int at = X509_NAME_get_index_by_OBJ(subject, oid.get(), -1);
  if (at < 0) return out;
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size >= 0) {
    out.uid.assign(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
    OPENSSL_free(utf8);
  }
  return out;
}

}  // namespace

struct X509Authenticator::Impl {
  using Outcome = absl::StatusOr<std::optional<User>>;
  struct Entry {
    Outcome outcome;
    absl::Time until;
  };

  explicit Impl(Options o) : options(std::move(o)) {}

  Outcome Verify(const http::PeerCertificates& certificates, absl::Time* not_after) const {
    auto subject = options.trust->VerifyClient(certificates);
    if (!subject.ok()) return subject.status();
    if (subject->common_name.empty()) return std::optional<User>();
    Leaf leaf = ParseLeaf(certificates.chain_der.front());
    *not_after = leaf.not_after;
    User user{.name = std::move(subject->common_name),
              .uid = std::move(leaf.uid),
              .groups = std::move(subject->organizations),
              .extra = {}};
    user.extra[kCredentialId] = {Cat("X509SHA256=", certificates.leaf_sha256)};
    return std::optional<User>(std::move(user));
  }

  const Options options;
  absl::Mutex mutex;
  absl::flat_hash_map<std::string, Entry> cache ABSL_GUARDED_BY(mutex);
};

X509Authenticator::X509Authenticator(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
X509Authenticator::~X509Authenticator() = default;

Task<absl::StatusOr<std::optional<User>>> X509Authenticator::Authenticate(const http::Request& request) {
  if (request.peer_certificates == nullptr || request.peer_certificates->chain_der.empty())
    co_return std::optional<User>();
  const http::PeerCertificates& certificates = *request.peer_certificates;
  const absl::Time now = impl_->options.clock->Now();
  {
    absl::MutexLock lock(&impl_->mutex);
    auto it = impl_->cache.find(certificates.leaf_sha256);
    if (it != impl_->cache.end() && now < it->second.until) co_return it->second.outcome;
  }
  absl::Time not_after = absl::InfiniteFuture();
  auto outcome = impl_->Verify(certificates, &not_after);
  {
    absl::MutexLock lock(&impl_->mutex);
    if (impl_->cache.size() >= impl_->options.cache_entries_max) impl_->cache.clear();
    impl_->cache.insert_or_assign(certificates.leaf_sha256,
                                  Impl::Entry{outcome, std::min(not_after, now + impl_->options.cache_ttl)});
  }
  co_return outcome;
}

}  // namespace atoll::auth
