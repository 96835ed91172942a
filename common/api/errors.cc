#include "common/api/errors.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "common/base/strings.h"
#include "common/json/go_quote.h"
#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::api {
namespace {

// The payload is the Kubernetes Status object as JSON.
constexpr absl::string_view kPayloadUrl = "type.atoll.dev/meta.v1.Status";

// Reasons, their HTTP codes and the canonical codes that carry them. The first row of a canonical code is what a status
// without payload with that code becomes.
struct ReasonRow {
  std::string_view reason;
  int http;
  absl::StatusCode code;
};
constexpr ReasonRow kReasons[] = {
    {"BadRequest", 400, absl::StatusCode::kInvalidArgument},
    {"Unauthorized", 401, absl::StatusCode::kUnauthenticated},
    {"Forbidden", 403, absl::StatusCode::kPermissionDenied},
    {"NotFound", 404, absl::StatusCode::kNotFound},
    {"MethodNotAllowed", 405, absl::StatusCode::kUnimplemented},
    {"NotAcceptable", 406, absl::StatusCode::kInvalidArgument},
    {"AlreadyExists", 409, absl::StatusCode::kAlreadyExists},
    {"Conflict", 409, absl::StatusCode::kAborted},
    {"Expired", 410, absl::StatusCode::kOutOfRange},
    {"Gone", 410, absl::StatusCode::kOutOfRange},
    {"RequestEntityTooLarge", 413, absl::StatusCode::kInvalidArgument},
    {"UnsupportedMediaType", 415, absl::StatusCode::kInvalidArgument},
    {"Invalid", 422, absl::StatusCode::kInvalidArgument},
    {"TooManyRequests", 429, absl::StatusCode::kResourceExhausted},
    {"InternalError", 500, absl::StatusCode::kInternal},
    {"ServerTimeout", 500, absl::StatusCode::kDeadlineExceeded},
    {"StoreReadError", 500, absl::StatusCode::kDataLoss},
    {"ServiceUnavailable", 503, absl::StatusCode::kUnavailable},
    {"Timeout", 504, absl::StatusCode::kDeadlineExceeded},
};

const ReasonRow* FindReason(std::string_view reason) {
  for (const ReasonRow& row : kReasons) {
    if (row.reason == reason) return &row;
  }
  return nullptr;
}

// What an HTTP code alone says.
absl::StatusCode CodeOfHttp(int http) {
  if (http == 500) return absl::StatusCode::kUnknown;  // as RawError
  for (const ReasonRow& row : kReasons) {
    if (row.http == http) return row.code;
  }
  return absl::StatusCode::kUnknown;
}

json::Object StatusMembers(std::string_view message, std::string_view reason) {
  json::Object o;
  o.members().reserve(8);
  o.Append("kind", "Status");
  o.Append("apiVersion", "v1");
  o.Append("metadata", json::Value::MakeObject());
  o.Append("status", "Failure");
  if (!message.empty()) o.Append("message", message);
  if (!reason.empty()) o.Append("reason", reason);
  return o;
}

absl::Status Carry(absl::StatusCode code, std::string_view message, const json::Value& object) {
  absl::Status status(code, ToAbsl(message));
  status.SetPayload(kPayloadUrl, absl::Cord(ToAbsl(json::Write(object))));
  return status;
}

// A Status of `reason` with its usual code. `details` null: none.
absl::Status Make(std::string_view reason, std::string_view message, json::Value details = {}) {
  const ReasonRow* row = FindReason(reason);
  json::Object o = StatusMembers(message, reason);
  if (!details.is_null()) o.Append("details", std::move(details));
  o.Append("code", row->http);
  return Carry(row->code, message, json::Value(std::move(o)));
}

// In the wire's member order; empty members are left out.
json::Value Details(std::string_view name, std::string_view group, std::string_view kind, json::Array causes = {},
                    int retry_after_seconds = 0) {
  json::Object d;
  if (!name.empty()) d.Append("name", name);
  if (!group.empty()) d.Append("group", group);
  if (!kind.empty()) d.Append("kind", kind);
  if (!causes.empty()) d.Append("causes", json::Value(std::move(causes)));
  if (retry_after_seconds > 0) d.Append("retryAfterSeconds", retry_after_seconds);
  return json::Value(std::move(d));
}

json::Value Cause(std::string_view reason, std::string_view message, std::string_view field = "") {
  json::Object c;
  if (!reason.empty()) c.Append("reason", reason);
  if (!message.empty()) c.Append("message", message);
  if (!field.empty()) c.Append("field", field);
  return json::Value(std::move(c));
}

std::string Named(const GroupResource& gr, std::string_view name) { return StrCat(gr.ToString(), " ", GoQuote(name)); }

std::string PrintedValue(const json::Value& v) { return v.is_string() ? GoQuote(v.string()) : json::Write(v); }

FieldError WithValue(std::string_view reason, std::string field, std::string_view type, const json::Value& value,
                     std::string_view detail) {
  std::string body = StrCat(type, ": ", PrintedValue(value));
  if (!detail.empty()) StrAppend(&body, ": ", detail);
  return {std::string(reason), std::move(field), std::move(body)};
}

FieldError WithoutValue(std::string_view reason, std::string field, std::string_view type, std::string_view detail) {
  return {std::string(reason), std::move(field), detail.empty() ? std::string(type) : StrCat(type, ": ", detail)};
}

// One line as it is; several, without repetitions, in brackets.
std::string Aggregate(const FieldErrors& errors) {
  std::vector<std::string> lines;
  for (const FieldError& e : errors) {
    std::string line = e.Line();
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  }
  return lines.size() == 1 ? lines[0] : StrCat("[", StrJoin(lines, ", "), "]");
}

}  // namespace

std::string GoQuote(std::string_view s) { return json::GoQuote(s); }

FieldError FieldInvalid(std::string field, const json::Value& value, std::string_view detail) {
  return WithValue("FieldValueInvalid", std::move(field), "Invalid value", value, detail);
}
FieldError FieldTypeInvalid(std::string field, const json::Value& value, std::string_view detail) {
  return WithValue("FieldValueTypeInvalid", std::move(field), "Invalid value", value, detail);
}
FieldError FieldRequired(std::string field, std::string_view detail) {
  return WithoutValue("FieldValueRequired", std::move(field), "Required value", detail);
}
FieldError FieldForbidden(std::string field, std::string_view detail) {
  return WithoutValue("FieldValueForbidden", std::move(field), "Forbidden", detail);
}
FieldError FieldNotSupported(std::string field, const json::Value& value, const std::vector<std::string>& supported) {
  std::vector<std::string> quoted;
  for (const std::string& s : supported) quoted.push_back(GoQuote(s));
  const std::string detail = quoted.empty() ? "" : StrCat("supported values: ", StrJoin(quoted, ", "));
  return WithValue("FieldValueNotSupported", std::move(field), "Unsupported value", value, detail);
}
FieldError FieldDuplicate(std::string field, const json::Value& value) {
  return WithValue("FieldValueDuplicate", std::move(field), "Duplicate value", value, "");
}
FieldError FieldNotFound(std::string field, const json::Value& value) {
  return WithValue("FieldValueNotFound", std::move(field), "Not found", value, "");
}
FieldError FieldTooLong(std::string field, int64_t bytes_max) {
  return WithoutValue("FieldValueTooLong", std::move(field), "Too long",
                      StrCat("may not be more than ", bytes_max, bytes_max == 1 ? " byte" : " bytes"));
}
FieldError FieldTooMany(std::string field, int64_t actual, int64_t items_max) {
  return WithValue("FieldValueTooMany", std::move(field), "Too many", json::Value(actual),
                   StrCat("must have at most ", items_max, items_max == 1 ? " item" : " items"));
}

absl::Status NotFound(const GroupResource& gr, std::string_view name) {
  return Make("NotFound", StrCat(Named(gr, name), " not found"), Details(name, gr.group, gr.resource));
}

absl::Status ResourceNotFound() {
  return Make("NotFound", "the server could not find the requested resource", json::Value::MakeObject());
}

absl::Status AlreadyExists(const GroupResource& gr, std::string_view name) {
  return Make("AlreadyExists", StrCat(Named(gr, name), " already exists"), Details(name, gr.group, gr.resource));
}

absl::Status GenerateNameConflict(const GroupResource& gr, std::string_view name) {
  return Make(
      "AlreadyExists",
      StrCat(Named(gr, name), " already exists, the server was not able to generate a unique name for the object"),
      Details(name, gr.group, gr.resource, {}, 1));
}

absl::Status Conflict(const GroupResource& gr, std::string_view name, std::string_view why) {
  return Make("Conflict", StrCat("Operation cannot be fulfilled on ", Named(gr, name), ": ", why),
              Details(name, gr.group, gr.resource));
}

absl::Status Unauthorized() { return Make("Unauthorized", "Unauthorized"); }

absl::Status Forbidden(const GroupResource& gr, std::string_view name, std::string_view why) {
  const std::string what = gr.resource.empty() ? "forbidden: "
                           : name.empty()      ? StrCat(gr.ToString(), " is forbidden: ")
                                               : StrCat(Named(gr, name), " is forbidden: ");
  return Make("Forbidden", StrCat(what, why), Details(name, gr.group, gr.resource));
}

absl::Status Invalid(const GroupVersionKind& gvk, std::string_view name, const FieldErrors& errors) {
  json::Array causes;
  for (const FieldError& e : errors) causes.push_back(Cause(e.reason, e.body, e.field));
  return Make("Invalid", StrCat(gvk.GroupKind(), " ", GoQuote(name), " is invalid: ", Aggregate(errors)),
              Details(name, gvk.group, gvk.kind, std::move(causes)));
}

absl::Status BadRequest(std::string_view message) { return Make("BadRequest", message); }

absl::Status MethodNotSupported(const GroupResource& gr, std::string_view action) {
  return Make("MethodNotAllowed", StrCat(action, " is not supported on resources of kind \"", gr.ToString(), "\""),
              Details("", gr.group, gr.resource));
}

absl::Status MethodNotAllowed() {
  return Make("MethodNotAllowed", "the server does not allow this method on the requested resource",
              json::Value::MakeObject());
}

absl::Status NotAcceptable(std::string_view message) { return Make("NotAcceptable", message); }
absl::Status UnsupportedMediaType(std::string_view message) { return Make("UnsupportedMediaType", message); }

absl::Status RequestEntityTooLarge(std::string_view message) {
  return Make("RequestEntityTooLarge", StrCat("Request entity too large: ", message));
}

absl::Status Expired(std::string_view message, std::string_view continue_token) {
  const absl::Status plain = Make("Expired", message);
  if (continue_token.empty()) return plain;
  json::Value object = StatusObject(plain);
  object.Ensure({"metadata", "continue"}) = continue_token;
  return Carry(plain.code(), message, object);
}

absl::Status TooManyRequests(std::string_view message, int retry_after_seconds) {
  return Make("TooManyRequests", message, Details("", "", "", {}, retry_after_seconds));
}

absl::Status InternalError(std::string_view message) {
  return Make("InternalError", StrCat("Internal error occurred: ", message), Details("", "", "", {Cause("", message)}));
}

absl::Status RawError(std::string_view message) {
  json::Object o = StatusMembers(message, "");
  o.Append("code", 500);
  return Carry(absl::StatusCode::kUnknown, message, json::Value(std::move(o)));
}

absl::Status ServiceUnavailable(std::string_view message, int retry_after_seconds) {
  return Make("ServiceUnavailable", message,
              retry_after_seconds > 0 ? Details("", "", "", {}, retry_after_seconds) : json::Value());
}

absl::Status Timeout(std::string_view message, int retry_after_seconds) {
  return Make("Timeout", StrCat("Timeout: ", message), Details("", "", "", {}, retry_after_seconds));
}

absl::Status TooLargeResourceVersion(uint64_t wanted, uint64_t current) {
  return Make("Timeout", StrCat("Timeout: Too large resource version: ", wanted, ", current: ", current),
              Details("", "", "", {Cause("ResourceVersionTooLarge", "Too large resource version")}, 1));
}

json::Value StatusObject(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kPayloadUrl)) {
    absl::StatusOr<json::Value> object = json::Parse(std::string(*payload));
    if (object.ok()) return *std::move(object);
  }
  const std::string message(status.message());
  for (const ReasonRow& row : kReasons) {
    if (row.code != status.code() || row.code == absl::StatusCode::kInternal) continue;
    json::Object o = StatusMembers(message, row.reason);
    o.Append("code", row.http);
    return json::Value(std::move(o));
  }
  json::Object o = StatusMembers(message, "");
  o.Append("code", 500);
  return json::Value(std::move(o));
}

int HttpCode(const absl::Status& status) { return static_cast<int>(StatusObject(status).IntAt({"code"}, 500)); }

int RetryAfterSeconds(const absl::Status& status) {
  return status.GetPayload(kPayloadUrl) ? static_cast<int>(StatusObject(status).IntAt({"details", "retryAfterSeconds"}))
                                        : 0;
}

std::string Reason(const absl::Status& status) { return std::string(StatusObject(status).StringAt({"reason"})); }

bool IsNotFound(const absl::Status& status) { return status.code() == absl::StatusCode::kNotFound; }
bool IsAlreadyExists(const absl::Status& status) { return status.code() == absl::StatusCode::kAlreadyExists; }
bool IsConflict(const absl::Status& status) { return status.code() == absl::StatusCode::kAborted; }

absl::Status FromStatusObject(const json::Value& object, int code) {
  const ReasonRow* row = FindReason(object.StringAt({"reason"}));
  const absl::StatusCode canonical = row != nullptr ? row->code : CodeOfHttp(code);
  if (object.StringAt({"kind"}) == "Status") {
    json::Value copy = object;
    if (copy.IntAt({"code"}) == 0) copy.Ensure({"code"}) = code;
    return Carry(canonical, copy.StringAt({"message"}), copy);
  }
  const std::string message = object.is_string() ? object.string() : StrCat("the server answered ", code);
  const ReasonRow* by_code = nullptr;
  for (const ReasonRow& r : kReasons) {
    if (r.http == code && by_code == nullptr) by_code = &r;
  }
  json::Object o = StatusMembers(message, by_code != nullptr ? by_code->reason : "");
  o.Append("code", code);
  return Carry(canonical, message, json::Value(std::move(o)));
}

}  // namespace atoll::api
