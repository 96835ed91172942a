// Asks a signer for a certificate.
#include <utility>

#include "common/base/strings.h"
#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/certificates/certificatesigningrequest/strategy.h"
#include "shard/resources/columns.h"

namespace atoll::resources {
namespace {

using json::Value;

Value ConditionCell(const Value& object) {
  bool approved = false, denied = false, failed = false;
  if (const Value* list = object.At({"status", "conditions"}); list != nullptr && list->is_array()) {
    for (const Value& c : list->array()) {
      std::string_view type = c.StringAt({"type"});
      approved = approved || type == "Approved";
      denied = denied || type == "Denied";
      failed = failed || type == "Failed";
    }
  }
  std::string text = denied ? "Denied" : approved ? "Approved" : "Pending";
  if (failed) text += ",Failed";
  if (!object.StringAt({"status", "certificate"}).empty()) text += ",Issued";
  return Value(std::move(text));
}

Value DurationCell(const Value& object) {
  int64_t seconds = object.IntAt({"spec", "expirationSeconds"});
  if (seconds <= 0) return Value("<none>");
  constexpr int64_t kMinute = 60, kHour = 3600, kDay = 24 * kHour;
  if (seconds < 3 * kHour) return Value(StrCat(seconds / kMinute, "m"));
  if (seconds < 2 * kDay) return Value(StrCat(seconds / kHour, "h"));
  return Value(StrCat(seconds / kDay, "d"));
}

}  // namespace

DefinitionPtr CertificateSigningRequestResource() {
  registry::ResourceDefinition d = Typed({"certificates.k8s.io", "v1", "certificatesigningrequests"},
                                         "CertificateSigningRequest", registry::Scope::kCluster);
  d.short_names = {"csr"};
  d.subresources = {{.name = "approval", .verbs = {"get", "patch", "update"}, .kind = {}}, StatusSubresource()};
  d.columns = {Age(), Text("SignerName", {"spec", "signerName"}), Text("Requestor", {"spec", "username"}),
               Computed("RequestedDuration", "string", DurationCell), Computed("Condition", "string", ConditionCell)};
  d.selectable_fields = {"spec.signerName"};
  d.strategy = std::make_shared<CertificateSigningRequestStrategy>();
  d.storage_version_hash = "8DaGkP8o5QE=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
