// Kubernetes errors: one constructor per reason (spec/api-machinery.md section 0). Inside they are absl::Status with
// the Kubernetes Status object as a payload, so they survive coroutines and gRPC hops; at one place they become the
// JSON that clients see.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/api/gvr.h"
#include "common/json/value.h"

namespace atoll::api {

// One invalid field. `body` is the text after the path: `Invalid value: "x": must be ...`.
struct FieldError {
  std::string reason;  // FieldValueInvalid, FieldValueRequired, ...
  std::string field;   // spec.a.b[3].c[key]; "<nil>" for a nil root
  std::string body;
  std::string Line() const { return field + ": " + body; }
};
using FieldErrors = std::vector<FieldError>;

// Field error constructors; `value` prints as Kubernetes prints it (strings Go-quoted, numbers and bools bare, the rest
// compact JSON).
FieldError FieldInvalid(std::string field, const json::Value& value, std::string_view detail);
FieldError FieldTypeInvalid(std::string field, const json::Value& value, std::string_view detail);
FieldError FieldRequired(std::string field, std::string_view detail = "");
FieldError FieldForbidden(std::string field, std::string_view detail);
FieldError FieldNotSupported(std::string field, const json::Value& value, const std::vector<std::string>& supported);
FieldError FieldDuplicate(std::string field, const json::Value& value);
FieldError FieldNotFound(std::string field, const json::Value& value);
FieldError FieldTooLong(std::string field, int64_t bytes_max);
FieldError FieldTooMany(std::string field, int64_t actual, int64_t items_max);
// Go's strconv.Quote.
std::string GoQuote(std::string_view s);

absl::Status NotFound(const GroupResource& gr, std::string_view name);
// `the server could not find the requested resource`.
absl::Status ResourceNotFound();
absl::Status AlreadyExists(const GroupResource& gr, std::string_view name);
absl::Status GenerateNameConflict(const GroupResource& gr, std::string_view name);
absl::Status Conflict(const GroupResource& gr, std::string_view name, std::string_view why);
absl::Status Unauthorized();
// `<GR> "<name>" is forbidden: <why>`; name and resource may be empty.
absl::Status Forbidden(const GroupResource& gr, std::string_view name, std::string_view why);
absl::Status Invalid(const GroupVersionKind& gvk, std::string_view name, const FieldErrors& errors);
absl::Status BadRequest(std::string_view message);
absl::Status MethodNotSupported(const GroupResource& gr, std::string_view action);
// `the server does not allow this method on the requested resource`.
absl::Status MethodNotAllowed();
absl::Status NotAcceptable(std::string_view message);
absl::Status UnsupportedMediaType(std::string_view message);
absl::Status RequestEntityTooLarge(std::string_view message);
absl::Status Expired(std::string_view message, std::string_view continue_token = "");
absl::Status TooManyRequests(std::string_view message, int retry_after_seconds);
absl::Status InternalError(std::string_view message);
// Code 500 without a reason: what Kubernetes answers for errors that are no Status.
absl::Status RawError(std::string_view message);
absl::Status ServiceUnavailable(std::string_view message, int retry_after_seconds = 0);
absl::Status Timeout(std::string_view message, int retry_after_seconds = 0);
// `Timeout: Too large resource version: <n>, current: <m>` with its cause.
absl::Status TooLargeResourceVersion(uint64_t wanted, uint64_t current);

// The Kubernetes Status object of any non-OK status (one without payload becomes a raw 500, or what its canonical code
// suggests).
json::Value StatusObject(const absl::Status& status);
int HttpCode(const absl::Status& status);
// 0 when there is none.
int RetryAfterSeconds(const absl::Status& status);
// "NotFound", "Conflict", ...; "" when unknown.
std::string Reason(const absl::Status& status);
bool IsNotFound(const absl::Status& status);
bool IsAlreadyExists(const absl::Status& status);
bool IsConflict(const absl::Status& status);
// From a Status object received over HTTP; `code` is the response's code, for bodies that are no Status.
absl::Status FromStatusObject(const json::Value& object, int code);

}  // namespace atoll::api
