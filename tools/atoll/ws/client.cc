#include "tools/atoll/ws/client.h"

#include "common/api/errors.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/http/message.h"

namespace atoll::cli {
namespace {

constexpr int kPageItems = 500;
constexpr size_t kBodyShownMax = 2048;

}  // namespace

std::vector<absl::StatusOr<json::Value>> Client::GetAll(const std::vector<std::string>& targets) {
  std::vector<absl::StatusOr<json::Value>> out;
  out.reserve(targets.size());
  for (const std::string& target : targets) out.push_back(Get(target));
  return out;
}

absl::Status GenericError(int code, std::string_view body) {
  const auto says = [&](std::string_view text) { return api::FromStatusObject(json::Value(text), code); };
  switch (code) {
    case 401:
      return says("the server has asked for the client to provide credentials");
    case 403:
      return says(body.empty() ? "forbidden" : body);
    case 404:
      return says("the server could not find the requested resource");
    case 405:
      return says("the server does not allow this method on the requested resource");
    case 429:
      return says("the server has received too many requests and has asked us to try again later");
    case 503:
      return says("the server is currently unable to handle the request");
    case 504:
      return says(
          "the server was unable to return a response in the time allotted, but may still be processing the request");
    default:
      return says(StrCat("an error on the server (", api::GoQuote(body.substr(0, kBodyShownMax)),
                         ") has prevented the request from succeeding"));
  }
}

absl::StatusOr<json::Array> ListItems(Client& client, std::string_view collection) {
  json::Array out;
  std::string next;
  do {
    std::string target = StrCat(collection, "?limit=", kPageItems);
    if (!next.empty()) StrAppend(&target, "&continue=", http::PercentEncode(next));
    ASSIGN_OR_RETURN(json::Value page, client.Get(target));
    if (json::Value* items = page.Find("items"); items != nullptr && items->is_array()) {
      for (json::Value& item : items->array()) out.push_back(std::move(item));
    }
    if (out.size() > kItemsMax)
      return absl::OutOfRangeError(StrCat(collection, " has more than ", kItemsMax, " objects"));
    next = page.StringAt({"metadata", "continue"});
  } while (!next.empty());
  return out;
}

}  // namespace atoll::cli
