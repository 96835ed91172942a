#include "tools/atoll/ws/claims.h"

#include <set>

#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::cli {
namespace {

// Two claims are for the same thing when group, resource and identity agree.
bool SameResource(const json::Value& a, const json::Value& b) {
  for (std::string_view member : {"group", "resource", "identityHash"}) {
    if (a.StringAt({member}) != b.StringAt({member})) return false;
  }
  return true;
}

// `configmaps`, `widgets.example.io`, `widgets.example.io:<identity>`. Core resources have no identity.
std::string ClaimName(const json::Value& claim) {
  const std::string_view group = claim.StringAt({"group"}), identity = claim.StringAt({"identityHash"});
  std::string out(claim.StringAt({"resource"}));
  if (!group.empty()) StrAppend(&out, ".", group);
  if (!group.empty() && !identity.empty()) StrAppend(&out, ":", identity);
  return out;
}

std::set<std::string> Verbs(const json::Value* claim) {
  std::set<std::string> out;
  const json::Value* verbs = claim == nullptr ? nullptr : claim->Find("verbs");
  if (verbs == nullptr || !verbs->is_array()) return out;
  for (const json::Value& verb : verbs->array()) out.insert(std::string(verb.StringOr()));
  return out;
}

}  // namespace

std::string OpenClaims(const json::Value& binding) {
  std::string out;
  const json::Value* exported = binding.At({"status", "exportPermissionClaims"});
  if (exported == nullptr || !exported->is_array()) return out;
  const json::Value* specified = binding.At({"spec", "permissionClaims"});
  const std::string_view name = api::Name(binding);
  for (const json::Value& claim : exported->array()) {
    const json::Value* answer = nullptr;
    if (specified != nullptr && specified->is_array()) {
      for (const json::Value& s : specified->array()) {
        if (SameResource(claim, s)) answer = &s;
      }
    }
    const std::string_view state = answer == nullptr ? "" : answer->StringAt({"state"});
    const std::string claim_name = ClaimName(claim);
    if (answer == nullptr) {
      StrAppend(&out, "Warning: claim for ", claim_name, " exported but not specified on APIBinding ", name,
                "\nAdd this claim to the APIBinding's Spec.\n");
    }
    if (state != "Accepted" && state != "Rejected") {
      StrAppend(&out, "Warning: claim for ", claim_name, " specified on APIBinding ", name,
                " but not accepted or rejected.\n");
    }
    const std::set<std::string> wanted = Verbs(&claim), given = Verbs(answer);
    if (answer == nullptr || wanted != given) {
      // A claim that is not specified has neither verbs to show.
      StrAppend(&out, "Warning: allowed verbs (", StrJoin(given, ","), ") on claim for ", claim_name, " on APIBinding ",
                name, " do not match expected verbs (", answer == nullptr ? "" : StrJoin(wanted, ","), ").\n");
    }
  }
  return out;
}

absl::Status WarnOfOpenClaims(Session& session, Client& client, std::string_view path) {
  auto bindings = ListItems(client, session.Target(path, "/apis/apis.kcp.io/v1alpha2/apibindings"));
  if (bindings.status().code() == absl::StatusCode::kPermissionDenied || api::IsNotFound(bindings.status())) {
    return absl::OkStatus();
  }
  if (!bindings.ok()) return bindings.status();
  for (const json::Value& binding : *bindings) session.streams.err << OpenClaims(binding);
  return absl::OkStatus();
}

}  // namespace atoll::cli
