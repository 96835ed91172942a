#include "shard/endpoints/options.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_format.h"
#include "common/api/duration.h"
#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "shard/endpoints/text.h"
#include "shard/registry/options_validation.h"

namespace atoll::endpoints {
namespace {

constexpr size_t kFieldManagerBytesMax = 128;

const char* KindName(WriteKind kind) {
  switch (kind) {
    case WriteKind::kCreate:
      return "CreateOptions";
    case WriteKind::kUpdate:
      return "UpdateOptions";
    default:
      return "PatchOptions";
  }
}

absl::Status InvalidOptions(std::string_view kind, const api::FieldErrors& errors) {
  return api::Invalid({"meta.k8s.io", "v1", std::string(kind)}, "", errors);
}

api::FieldError UnsupportedText(std::string field, std::string_view value, const std::vector<std::string>& supported) {
  return api::FieldNotSupported(std::move(field), json::Value(value), supported);
}

void CheckDryRun(const std::vector<std::string>& values, api::FieldErrors* errors) {
  for (const std::string& value : values) {
    if (value == "All") continue;
    json::Array all(values.begin(), values.end());
    errors->push_back(api::FieldNotSupported("dryRun", json::Value(std::move(all)), {"All"}));
    return;
  }
}

void CheckFieldManager(std::string_view manager, api::FieldErrors* errors) {
  if (manager.size() > kFieldManagerBytesMax) {
    errors->push_back(api::FieldTooLong("fieldManager", kFieldManagerBytesMax));
    return;
  }
  for (size_t i = 0; i < manager.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(manager[i]);
    if (c >= 0x20 && c != 0x7f) continue;
    errors->push_back(api::FieldInvalid(
        "fieldManager", json::Value(manager),
        absl::StrFormat("invalid character U+%04X (at position %d)", static_cast<int>(c), static_cast<int>(i))));
    return;
  }
}

void SetFieldValidation(std::string_view value, registry::WriteOptions* options, api::FieldErrors* errors) {
  using FieldValidation = registry::WriteOptions::FieldValidation;
  if (value.empty() || value == "Warn") {
    options->field_validation = FieldValidation::kWarn;
  } else if (value == "Ignore") {
    options->field_validation = FieldValidation::kIgnore;
  } else if (value == "Strict") {
    options->field_validation = FieldValidation::kStrict;
  } else {
    errors->push_back(UnsupportedText("fieldValidation", value, {"", "Ignore", "Strict", "Warn"}));
  }
}

// What Go's strconv says of a text that is no integer.
std::string NumberError(std::string_view text) {
  std::string_view digits = text;
  ConsumePrefix(&digits, "-");
  const bool number = !digits.empty() && std::all_of(digits.begin(), digits.end(), IsDigit);
  return Cat("strconv.ParseInt: parsing ", api::GoQuote(text), number ? ": value out of range" : ": invalid syntax");
}

absl::StatusOr<int64_t> Integer(const Query& query, std::string_view key) {
  std::string_view text = query.Get(key);
  int64_t value = 0;
  if (!text.empty() && !ParseNumber(text, &value)) return api::BadRequest(NumberError(text));
  return value;
}

// A delete's options as they stand in the query or in the body, before they are judged. What a deletion here cannot
// make use of is read for its type only: gracePeriodSeconds, since no resource has a graceful deletion.
// ignoreStoreReadErrorWithClusterBreakingPotential is dropped unread, as where its feature gate is off.
struct RawDeleteOptions {
  std::vector<std::string> dry_run;
  std::optional<bool> orphan_dependents;
  std::optional<std::string> propagation_policy;
};

absl::StatusOr<RawDeleteOptions> DeleteOptionsOfBody(const json::Value& body, registry::DeleteOptions* options) {
  if (!body.is_object()) return api::BadRequest("the object provided is unrecognized (must be of type DeleteOptions)");
  RawDeleteOptions raw;
  if (std::string_view kind = body.StringAt({"kind"}); !kind.empty() && kind != "DeleteOptions") {
    return api::BadRequest(Cat("decoded object cannot be converted to DeleteOptions: kind is ", api::GoQuote(kind)));
  }
  if (const json::Value* grace = body.Find("gracePeriodSeconds");
      grace != nullptr && !grace->is_null() && !grace->is_int()) {
    return api::BadRequest(Cat("json: cannot unmarshal ", grace->is_string() ? "string" : "number",
                               " into Go struct field DeleteOptions.gracePeriodSeconds of type int64"));
  }
  if (const json::Value* uid = body.At({"preconditions", "uid"}); uid != nullptr && uid->is_string())
    options->uid = uid->string();
  if (const json::Value* rv = body.At({"preconditions", "resourceVersion"}); rv != nullptr && rv->is_string()) {
    options->resource_version = rv->string();
  }
  if (const json::Value* dry_run = body.Find("dryRun"); dry_run != nullptr && dry_run->is_array()) {
    for (const json::Value& v : dry_run->array()) raw.dry_run.emplace_back(v.StringOr());
  }
  if (const json::Value* orphan = body.Find("orphanDependents"); orphan != nullptr && orphan->is_bool()) {
    raw.orphan_dependents = orphan->bool_value();
  }
  if (const json::Value* policy = body.Find("propagationPolicy"); policy != nullptr && policy->is_string())
    raw.propagation_policy = policy->string();
  return raw;
}

absl::StatusOr<RawDeleteOptions> DeleteOptionsOfQuery(const Query& query) {
  RawDeleteOptions raw;
  RETURN_IF_ERROR(Integer(query, "gracePeriodSeconds").status());
  raw.dry_run = query.GetAll("dryRun");
  if (query.Has("orphanDependents")) raw.orphan_dependents = query.Bool("orphanDependents");
  if (query.Has("propagationPolicy")) raw.propagation_policy = std::string(query.Get("propagationPolicy"));
  return raw;
}

}  // namespace

std::string DefaultFieldManager(std::string_view user_agent) {
  std::string manager;
  for (char c : user_agent.substr(0, user_agent.find('/'))) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && manager.size() < kFieldManagerBytesMax)
      manager.push_back(c);
  }
  return manager.empty() ? "unknown" : manager;
}

absl::StatusOr<registry::WriteOptions> ParseWriteOptions(WriteKind kind, const Query& query,
                                                         std::string_view user_agent) {
  registry::WriteOptions options;
  api::FieldErrors errors;
  const bool patch = kind == WriteKind::kPatch || kind == WriteKind::kApply;
  std::string_view manager = query.Get("fieldManager");
  if (patch) {
    options.force = query.Bool("force");
    if (kind == WriteKind::kApply && manager.empty()) {
      errors.push_back(api::FieldRequired("fieldManager", "is required for apply patch"));
    }
    if (kind == WriteKind::kPatch && query.Has("force")) {
      errors.push_back(api::FieldForbidden("force", "may not be specified for non-apply patch"));
    }
  }
  CheckFieldManager(manager, &errors);
  std::vector<std::string> dry_run = query.GetAll("dryRun");
  CheckDryRun(dry_run, &errors);
  SetFieldValidation(query.Get("fieldValidation"), &options, &errors);
  if (!errors.empty()) return InvalidOptions(KindName(kind), errors);
  options.dry_run = !dry_run.empty();
  options.field_manager = manager.empty() ? DefaultFieldManager(user_agent) : std::string(manager);
  return options;
}

absl::StatusOr<registry::ListOptions> ParseListOptions(const Query& query) {
  registry::ListOptions options;
  options.label_selector = std::string(query.Get("labelSelector"));
  options.field_selector = std::string(query.Get("fieldSelector"));
  options.resource_version = std::string(query.Get("resourceVersion"));
  options.resource_version_match = std::string(query.Get("resourceVersionMatch"));
  options.continue_token = std::string(query.Get("continue"));
  options.allow_bookmarks = query.Bool("allowWatchBookmarks");
  if (query.Has("sendInitialEvents")) options.send_initial_events = query.Bool("sendInitialEvents");
  ASSIGN_OR_RETURN(options.limit, Integer(query, "limit"));
  ASSIGN_OR_RETURN(int64_t timeout_seconds, Integer(query, "timeoutSeconds"));
  if (timeout_seconds > 0) options.timeout = absl::Seconds(timeout_seconds);

  return options;
}

absl::StatusOr<registry::DeleteOptions> ParseDeleteOptions(const Query& query, const json::Value& body) {
  registry::DeleteOptions options;
  RawDeleteOptions raw;
  if (body.is_null()) {
    ASSIGN_OR_RETURN(raw, DeleteOptionsOfQuery(query));
  } else {
    ASSIGN_OR_RETURN(raw, DeleteOptionsOfBody(body, &options));
  }
  api::FieldErrors errors;
  if (raw.orphan_dependents && raw.propagation_policy) {
    errors.push_back(api::FieldInvalid("propagationPolicy", json::Value(*raw.propagation_policy),
                                       "orphanDependents and deletionPropagation cannot be both set"));
  }
  if (raw.propagation_policy) registry::CheckPropagationPolicy(*raw.propagation_policy, &errors);
  CheckDryRun(raw.dry_run, &errors);
  if (!errors.empty()) return InvalidOptions("DeleteOptions", errors);

  options.dry_run = !raw.dry_run.empty();
  options.propagation_policy = raw.propagation_policy.value_or("");
  options.orphan_dependents = raw.orphan_dependents;
  return options;
}

absl::StatusOr<std::string> ParseGetResourceVersion(const Query& query) {
  if (query.Bool("export"))
    return api::BadRequest("the export parameter, deprecated since v1.14, is no longer supported");
  return std::string(query.Get("resourceVersion"));
}

absl::StatusOr<absl::Duration> ParseTimeout(const Query& query) {
  std::string_view timeout = query.Get("timeout");
  if (timeout.empty()) return absl::ZeroDuration();
  auto duration = api::ParseGoDuration(timeout);
  if (duration.ok()) return *duration;
  return api::BadRequest(Cat("invalid timeout specified in the request URL - ", ToStd(duration.status().message())));
}

}  // namespace atoll::endpoints
