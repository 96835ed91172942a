#include "common/store/types.h"

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "common/base/check.h"

namespace atoll::store {
namespace {

constexpr char kFailedOpPayload[] = "atoll.store/failed-op";

}  // namespace

int FailedOp(const absl::Status& status) {
  const auto payload = status.GetPayload(kFailedOpPayload);
  int op = -1;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &op)) return -1;
  return op;
}

absl::Status WithFailedOp(absl::Status status, int op) {
  const std::string text = std::to_string(op);
  status.SetPayload(kFailedOpPayload, absl::Cord(absl::string_view(text)));
  return status;
}

void AppendComponent(std::string* key, std::string_view component) {
  DCHECK(component.find('\0') == std::string_view::npos);
  key->append(component);
  key->push_back('\0');
}

std::string ScopeEnd(std::string_view scope) {
  std::string end(scope);
  if (!end.empty()) ++end.back();  // the terminator NUL becomes 1: greater than any key that continues after the NUL
  return end;
}

std::vector<std::string_view> SplitKey(std::string_view key) {
  std::vector<std::string_view> components;
  while (!key.empty()) {
    const size_t end = key.find('\0');
    if (end == std::string_view::npos) {
      components.push_back(key);
      break;
    }
    components.push_back(key.substr(0, end));
    key.remove_prefix(end + 1);
  }
  return components;
}

}  // namespace atoll::store
