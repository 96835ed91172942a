#include "shard/endpoints/status_details.h"

#include "common/api/errors.h"
#include "common/base/strings.h"

namespace atoll::endpoints {

absl::Status WithEmptyDetails(const absl::Status& status) {
  json::Value object = api::StatusObject(status);
  const int code = api::HttpCode(status);
  object.object().Erase("code");  // details stand before code
  object.object().Set("details", json::Value::MakeObject());
  object.object().Set("code", json::Value(code));
  return api::FromStatusObject(object, code);
}

absl::Status WithMessageSuffix(const absl::Status& status, std::string_view suffix) {
  json::Value object = api::StatusObject(status);
  object.object().Set("message", json::Value(Cat(object.StringAt({"message"}), suffix)));
  return api::FromStatusObject(object, api::HttpCode(status));
}

}  // namespace atoll::endpoints
