#include "common/api/errors.h"

#include <catch2/catch.hpp>

#include "common/json/parse.h"
#include "common/json/write.h"

namespace atoll::api {
namespace {

std::string Text(const absl::Status& s) { return json::Write(StatusObject(s)); }

const GroupResource kConfigMaps{"", "configmaps"};
const GroupResource kWidgets{"example.com", "widgets"};

TEST_CASE("Every reason has its object", "[api]") {
  struct Case {
    absl::Status status;
    int code;
    const char* text;  // after the common beginning, quotes as '
  };
  const Case cases[] = {
      {NotFound(kConfigMaps, "x"), 404,
       "'message':'configmaps \\'x\\' not found','reason':'NotFound','details':{'name':'x','kind':'configmaps'}"},
      {ResourceNotFound(), 404,
       "'message':'the server could not find the requested resource','reason':'NotFound','details':{}"},
      {AlreadyExists(kWidgets, "x"), 409,
       "'message':'widgets.example.com \\'x\\' already "
       "exists','reason':'AlreadyExists','details':{'name':'x','group':'example.com','kind':'widgets'}"},
      {GenerateNameConflict(kConfigMaps, "x"), 409,
       "'message':'configmaps \\'x\\' already exists, the server was not able to generate a unique name for the "
       "object','reason':'AlreadyExists','details':{'name':'x','kind':'configmaps','retryAfterSeconds':1}"},
      {Conflict(kConfigMaps, "a", "why"), 409,
       "'message':'Operation cannot be fulfilled on configmaps \\'a\\': "
       "why','reason':'Conflict','details':{'name':'a','kind':'configmaps'}"},
      {Unauthorized(), 401, "'message':'Unauthorized','reason':'Unauthorized'"},
      {Forbidden(kWidgets, "a", "no"), 403,
       "'message':'widgets.example.com \\'a\\' is forbidden: "
       "no','reason':'Forbidden','details':{'name':'a','group':'example.com','kind':'widgets'}"},
      {Forbidden(kConfigMaps, "", "no"), 403,
       "'message':'configmaps is forbidden: no','reason':'Forbidden','details':{'kind':'configmaps'}"},
      {Forbidden({}, "", "no"), 403, "'message':'forbidden: no','reason':'Forbidden','details':{}"},
      {Invalid({"", "v1", "ConfigMap"}, "", {FieldRequired("metadata.name", "name or generateName is required")}), 422,
       "'message':'ConfigMap \\'\\' is invalid: metadata.name: Required value: name or generateName is "
       "required','reason':'Invalid',"
       "'details':{'kind':'ConfigMap','causes':[{'reason':'FieldValueRequired','message':'Required value: name or "
       "generateName is "
       "required','field':'metadata.name'}]}"},
      {Invalid({"e.dev", "v1", "Gear"}, "g", {FieldRequired("a"), FieldRequired("b"), FieldRequired("a")}), 422,
       "'message':'Gear.e.dev \\'g\\' is invalid: [a: Required value, b: Required "
       "value]','reason':'Invalid','details':{'name':'g','group':"
       "'e.dev','kind':'Gear','causes':[{'reason':'FieldValueRequired','message':'Required "
       "value','field':'a'},{'reason':"
       "'FieldValueRequired','message':'Required "
       "value','field':'b'},{'reason':'FieldValueRequired','message':'Required value','field':'a'}]}"},
      {BadRequest("m"), 400, "'message':'m','reason':'BadRequest'"},
      {MethodNotSupported(kWidgets, "patch"), 405,
       "'message':'patch is not supported on resources of kind "
       "\\'widgets.example.com\\'','reason':'MethodNotAllowed','details':{'group':"
       "'example.com','kind':'widgets'}"},
      {MethodNotAllowed(), 405,
       "'message':'the server does not allow this method on the requested "
       "resource','reason':'MethodNotAllowed','details':{}"},
      {NotAcceptable("m"), 406, "'message':'m','reason':'NotAcceptable'"},
      {UnsupportedMediaType("m"), 415, "'message':'m','reason':'UnsupportedMediaType'"},
      {RequestEntityTooLarge("limit is 3145728"), 413,
       "'message':'Request entity too large: limit is 3145728','reason':'RequestEntityTooLarge'"},
      {Expired("old"), 410, "'message':'old','reason':'Expired'"},
      {TooManyRequests("m", 1), 429, "'message':'m','reason':'TooManyRequests','details':{'retryAfterSeconds':1}"},
      {InternalError("e"), 500,
       "'message':'Internal error occurred: e','reason':'InternalError','details':{'causes':[{'message':'e'}]}"},
      {RawError("e"), 500, "'message':'e'"},
      {ServiceUnavailable("m"), 503, "'message':'m','reason':'ServiceUnavailable'"},
      {Timeout("m"), 504, "'message':'Timeout: m','reason':'Timeout','details':{}"},
      {TooLargeResourceVersion(99999999999, 5), 504,
       "'message':'Timeout: Too large resource version: 99999999999, current: "
       "5','reason':'Timeout','details':{'causes':[{'reason':"
       "'ResourceVersionTooLarge','message':'Too large resource version'}],'retryAfterSeconds':1}"},
  };
  for (const Case& c : cases) {
    std::string want = std::string("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure',") + c.text +
                       ",'code':" + std::to_string(c.code) + "}";
    for (char& q : want) q = q == '\'' ? '"' : q;
    CHECK(Text(c.status) == want);
    CHECK(HttpCode(c.status) == c.code);
    CHECK(Text(FromStatusObject(StatusObject(c.status), c.code)) == want);
    CHECK(FromStatusObject(StatusObject(c.status), c.code).code() == c.status.code());
  }
}

TEST_CASE("Statuses that came from elsewhere", "[api]") {
  CHECK(HttpCode(absl::NotFoundError("x")) == 404);
  CHECK(Reason(absl::AbortedError("x")) == "Conflict");
  CHECK(HttpCode(absl::InternalError("disk")) == 500);
  CHECK(Reason(absl::InternalError("disk")).empty());
  CHECK(Reason(absl::UnknownError("x")).empty());
  CHECK(api::IsNotFound(NotFound(kConfigMaps, "a")));
  CHECK(api::IsConflict(Conflict(kConfigMaps, "a", "b")));
  CHECK(api::IsAlreadyExists(GenerateNameConflict(kConfigMaps, "a")));
  CHECK_FALSE(api::IsConflict(AlreadyExists(kConfigMaps, "a")));
  CHECK(RetryAfterSeconds(TooManyRequests("m", 7)) == 7);
  CHECK(RetryAfterSeconds(absl::UnavailableError("m")) == 0);
  CHECK(StatusObject(Expired("old", "tok")).StringAt({"metadata", "continue"}) == "tok");
  const absl::Status bad_gateway = FromStatusObject("upstream said no", 502);
  CHECK(HttpCode(bad_gateway) == 502);
  CHECK(Reason(bad_gateway).empty());
  CHECK(api::IsNotFound(FromStatusObject(json::Value(), 404)));
  CHECK(Reason(FromStatusObject(json::Value(), 404)) == "NotFound");
}

TEST_CASE("Field errors print their values as Kubernetes does", "[api]") {
  CHECK(FieldInvalid("spec.a", "x\"y", "no").Line() == "spec.a: Invalid value: \"x\\\"y\": no");
  CHECK(FieldInvalid("spec.a", 5, "").Line() == "spec.a: Invalid value: 5");
  CHECK(FieldInvalid("spec.a", json::Object{{"a", json::Array{1, true}}}, "no").Line() ==
        "spec.a: Invalid value: {\"a\":[1,true]}: no");
  CHECK(FieldTypeInvalid("a", "string", "m").reason == "FieldValueTypeInvalid");
  CHECK(FieldNotSupported("dryRun", json::Array{"Some"}, {"All"}).Line() ==
        "dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"");
  CHECK(FieldNotSupported("a", "x", {"b", "c"}).body == "Unsupported value: \"x\": supported values: \"b\", \"c\"");
  CHECK(FieldDuplicate("a[1]", "x").Line() == "a[1]: Duplicate value: \"x\"");
  CHECK(FieldNotFound("a", "x").Line() == "a: Not found: \"x\"");
  CHECK(FieldTooLong("a", 1).body == "Too long: may not be more than 1 byte");
  CHECK(FieldTooLong("a", 5).body == "Too long: may not be more than 5 bytes");
  CHECK(FieldTooMany("a", 3, 2).body == "Too many: 3: must have at most 2 items");
  CHECK(FieldTooMany("a", 3, 1).body == "Too many: 3: must have at most 1 item");
  CHECK(FieldForbidden("a", "no").Line() == "a: Forbidden: no");
}

}  // namespace
}  // namespace atoll::api
