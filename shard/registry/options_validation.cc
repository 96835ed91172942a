#include "shard/registry/options_validation.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "common/api/errors.h"
#include "common/base/strings.h"

namespace atoll::registry {

namespace {

constexpr std::string_view kMatch = "resourceVersionMatch";

absl::Status Result(std::string_view kind, const api::FieldErrors& errors) {
  if (errors.empty()) return absl::OkStatus();
  return api::Invalid({"meta.k8s.io", "", std::string(kind)}, "", errors);
}

}  // namespace

std::string GoParseUintError(std::string_view text) {
  const bool digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return StrCat("strconv.ParseUint: parsing ", api::GoQuote(text), ": ",
                digits ? "value out of range" : "invalid syntax");
}

absl::StatusOr<store::Revision> ParseResourceVersion(std::string_view text) {
  if (text.empty()) return store::Revision{};
  store::Revision revision;
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(ToAbsl(text), &revision.value)) {
    return absl::InvalidArgumentError(
        api::FieldInvalid("resourceVersion", json::Value(text), GoParseUintError(text)).Line());
  }
  return revision;
}

void DefaultWatchOptions(ListOptions* options) {
  if (options->send_initial_events.has_value() || !options->resource_version_match.empty()) return;
  if (!options->resource_version.empty() && options->resource_version != "0") return;
  options->send_initial_events = true;
  options->resource_version_match = "NotOlderThan";
}

absl::Status ValidateWatchOptions(const ListOptions& o) {
  api::FieldErrors errors;
  const std::string& match = o.resource_version_match;
  if (!match.empty() && !o.send_initial_events.has_value()) {
    errors.push_back(api::FieldForbidden(
        std::string(kMatch), "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  }
  if (o.send_initial_events.has_value() && match != "NotOlderThan") {
    errors.push_back(
        match.empty() ? api::FieldForbidden(std::string(kMatch),
                                            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
                      : api::FieldNotSupported(std::string(kMatch), match, {"NotOlderThan"}));
  }
  if (!o.continue_token.empty() && !match.empty()) {
    errors.push_back(
        api::FieldForbidden(std::string(kMatch), "resourceVersionMatch is forbidden when continue is provided"));
  }
  return Result("ListOptions", errors);
}

absl::Status ValidateListOptions(const ListOptions& o) {
  api::FieldErrors errors;
  const std::string& match = o.resource_version_match;
  if (!match.empty()) {
    if (o.resource_version.empty()) {
      errors.push_back(api::FieldForbidden(std::string(kMatch),
                                           "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (!o.continue_token.empty()) {
      errors.push_back(
          api::FieldForbidden(std::string(kMatch), "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match != "Exact" && match != "NotOlderThan") {
      errors.push_back(api::FieldNotSupported(std::string(kMatch), match, {"Exact", "NotOlderThan", ""}));
    }
    if (match == "Exact" && o.resource_version == "0") {
      errors.push_back(api::FieldForbidden(std::string(kMatch),
                                           "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }
  }
  if (o.send_initial_events.has_value()) {
    errors.push_back(api::FieldForbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  return Result("ListOptions", errors);
}

void CheckPropagationPolicy(std::string_view policy, api::FieldErrors* errors) {
  if (policy == "Foreground" || policy == "Background" || policy == "Orphan") return;
  errors->push_back(
      api::FieldNotSupported("propagationPolicy", json::Value(policy), {"Foreground", "Background", "Orphan", "nil"}));
}

absl::Status ValidateDeleteOptions(const DeleteOptions& o) {
  api::FieldErrors errors;
  if (!o.propagation_policy.empty()) CheckPropagationPolicy(o.propagation_policy, &errors);
  return Result("DeleteOptions", errors);
}

}  // namespace atoll::registry
