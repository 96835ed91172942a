#include "shard/admission/certificates/plugin.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/tls/certificate_request.h"

namespace atoll::admission {
namespace {

constexpr std::string_view kGroup = "certificates.k8s.io";
constexpr std::string_view kRequests = "certificatesigningrequests";
constexpr std::string_view kClientSigner = "kubernetes.io/kube-apiserver-client";
constexpr std::string_view kMasters = "system:masters";

const json::Value* Condition(const json::Value& object, std::string_view type) {
  const json::Value* list = object.At({"status", "conditions"});
  if (list == nullptr || !list->is_array()) return nullptr;
  for (const json::Value& c : list->array()) {
    if (c.StringAt({"type"}) == type) return &c;
  }
  return nullptr;
}

bool Same(const json::Value* a, const json::Value* b) { return a == nullptr || b == nullptr ? a == b : *a == *b; }

bool AsksForMasters(const json::Value& object) {
  if (object.StringAt({"spec", "signerName"}) != kClientSigner) return false;
  std::string pem;
  absl::Base64Unescape(ToAbsl(object.StringAt({"spec", "request"})), &pem);
  auto request = tls::ReadCertificateRequest(pem);
  if (!request.ok()) return false;  // validation says so
  const auto& organizations = request->organizations;
  return std::find(organizations.begin(), organizations.end(), kMasters) != organizations.end();
}

class Certificates final : public Plugin {
 public:
  Certificates(authorization::Authorizer* authorizer, const Clock* clock) : authorizer_(*authorizer), clock_(*clock) {}

  Task<absl::Status> Mutate(Attributes& a) override {
    if (a.operation == Operation::kUpdate && (a.Is(kGroup, kRequests, "approval") || a.Is(kGroup, kRequests, "status")))
      StampConditions(*a.old_object, clock_.Now(), a.object);
    co_return absl::OkStatus();
  }

  Task<absl::Status> Validate(Attributes& a) override {
    if (a.operation == Operation::kCreate && a.Is(kGroup, kRequests) && AsksForMasters(*a.object)) {
      co_return Refuse(a, StrCat("use of ", kClientSigner, " signer with ", kMasters, " group is not allowed"));
    }
    if (a.operation != Operation::kUpdate) co_return absl::OkStatus();
    const bool approving = a.Is(kGroup, kRequests, "approval");
    if (!approving && !(a.Is(kGroup, kRequests, "status") && Signs(*a.object, *a.old_object)))
      co_return absl::OkStatus();
    const std::string signer(a.old_object->StringAt({"spec", "signerName"}));
    const std::string verb = approving ? "approve" : "sign";
    // The right to one signer, or to all of a domain.
    for (std::string name : {signer, StrCat(signer.substr(0, signer.find('/')), "/*")}) {
      authorization::Attributes asked{.user = a.ctx.user, .cluster = a.ctx.cluster, .verb = verb};
      asked.group = kGroup;
      asked.version = "*";
      asked.resource = "signers";
      asked.name = std::move(name);
      authorization::Decision decision = co_await authorizer_.Authorize(asked);
      if (decision.allowed()) co_return absl::OkStatus();
    }
    co_return Refuse(a, StrCat("user not permitted to ", verb, " requests with signerName \"", signer, "\""));
  }

 private:
  static absl::Status Refuse(const Attributes& a, std::string_view why) {
    return api::Forbidden(a.ctx.definition->gr(), api::Name(*a.object), why);
  }

  authorization::Authorizer& authorizer_;
  const Clock& clock_;
};

}  // namespace

void StampConditions(const json::Value& old, absl::Time now, json::Value* object) {
  json::Value* list = object->At({"status", "conditions"});
  if (list == nullptr || !list->is_array()) return;
  for (json::Value& c : list->array()) {
    if (!c.is_object()) continue;
    if (c.StringAt({"lastUpdateTime"}).empty()) c.Ensure({"lastUpdateTime"}) = api::FormatTime(now);
    if (!c.StringAt({"lastTransitionTime"}).empty()) continue;
    const json::Value* before = Condition(old, c.StringAt({"type"}));
    const bool kept = before != nullptr && before->StringAt({"status"}) == c.StringAt({"status"}) &&
                      !before->StringAt({"lastTransitionTime"}).empty();
    c.Ensure({"lastTransitionTime"}) =
        kept ? std::string(before->StringAt({"lastTransitionTime"})) : api::FormatTime(now);
  }
}

bool Signs(const json::Value& object, const json::Value& old) {
  return object.StringAt({"status", "certificate"}) != old.StringAt({"status", "certificate"}) ||
         !Same(Condition(object, "Failed"), Condition(old, "Failed"));
}

std::unique_ptr<Plugin> NewCertificates(authorization::Authorizer* authorizer, const Clock* clock) {
  return std::make_unique<Certificates>(authorizer, clock);
}

}  // namespace atoll::admission
