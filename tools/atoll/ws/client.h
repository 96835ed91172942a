// A synchronous client of the API for one-shot commands.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/json/value.h"

namespace atoll::cli {

struct Connection;

// Errors are what the server answered, as common/api/errors.h carries it, or Unavailable when it could not be asked.
// Targets are paths below the host, with their query.
class Client {
 public:
  virtual ~Client() = default;
  virtual absl::StatusOr<json::Value> Get(std::string_view target) = 0;
  virtual absl::StatusOr<json::Value> Post(std::string_view target, const json::Value& body) = 0;
  // Answers in the order of the targets. Asked at once, a bounded number at a time.
  virtual std::vector<absl::StatusOr<json::Value>> GetAll(const std::vector<std::string>& targets);
  // Hands events ({"type", "object"}) to `on_event` until it returns true (done), the server ends the watch (done, too:
  // look again and watch anew), or `limit` has passed (DeadlineExceeded). An ERROR event is the error it carries.
  virtual absl::Status Watch(std::string_view target, absl::Duration limit,
                             const std::function<bool(const json::Value& event)>& on_event) = 0;
};

// All items of a collection, page by page, at most `kItemsMax`. Errors: those of Get; OutOfRange beyond the bound.
inline constexpr size_t kItemsMax = 100'000;
absl::StatusOr<json::Array> ListItems(Client& client, std::string_view collection);

// An answer of which only the HTTP code counts, in the words of Kubernetes' clients.
absl::Status GenericError(int code, std::string_view body);

// Over HTTPS. Asks again, a bounded number of times, where a busy server says when. Errors: InvalidArgument for a
// connection that cannot be right.
absl::StatusOr<std::unique_ptr<Client>> NewHttpClient(const Connection& connection);

}  // namespace atoll::cli
