#include "common/auth/user.h"

#include <utility>

namespace atoll::auth {
namespace {

std::vector<std::string> Strings(const json::Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  out.reserve(list->array().size());
  for (const json::Value& item : list->array()) {
    if (item.is_string()) out.push_back(item.string());
  }
  return out;
}

json::Value StringArray(const std::vector<std::string>& strings) {
  json::Array out;
  out.reserve(strings.size());
  for (const std::string& s : strings) out.emplace_back(s);
  return json::Value(std::move(out));
}

}  // namespace

json::Value UserInfo(const User& user) {
  json::Object out;
  if (!user.name.empty()) out.Append("username", user.name);
  if (!user.uid.empty()) out.Append("uid", user.uid);
  if (!user.groups.empty()) out.Append("groups", StringArray(user.groups));
  if (!user.extra.empty()) {
    json::Object extra;
    for (const auto& [key, values] : user.extra) extra.Append(key, StringArray(values));
    out.Append("extra", json::Value(std::move(extra)));
  }
  return json::Value(std::move(out));
}

User UserFromInfo(const json::Value& info) {
  User user;
  user.name = std::string(info.StringAt({"username"}));
  user.uid = std::string(info.StringAt({"uid"}));
  user.groups = Strings(info.Find("groups"));
  if (const json::Value* extra = info.Find("extra"); extra != nullptr && extra->is_object()) {
    for (const auto& [key, values] : extra->object()) user.extra[key] = Strings(&values);
  }
  return user;
}

const User& LoopbackUser() {
  static const User* user = new User{.name = "system:apiserver",
                                     .uid = "",
                                     .groups = {std::string(kMasters), std::string(kAuthenticated)},
                                     .extra = {}};
  return *user;
}

}  // namespace atoll::auth
