// `create workspace`. spec/tenancy.md 7.4.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/atoll/ws/session.h"

namespace atoll::cli {

struct CreateOptions {
  std::string name;
  std::string type;               // `name` or `path:name`; "" for the server's default
  std::string location_selector;  // a label selector
  std::string create_context;     // a context to make for the new workspace
  bool enter = false;
  bool ignore_existing = false;
  absl::Duration ready_max = absl::Seconds(60);
};

// Creates, waits until the workspace is ready (by a watch), and enters it where asked. Errors: the server's;
// InvalidArgument; DeadlineExceeded when it is not ready in time.
absl::Status Create(Session& session, const CreateOptions& options);

// The object to post. Errors: InvalidArgument.
absl::StatusOr<json::Value> NewWorkspace(const CreateOptions& options);

// A LabelSelector object of the text of one. Errors: InvalidArgument for syntax, and for operators that objects do not
// have.
absl::StatusOr<json::Value> SelectorObject(std::string_view selector);

}  // namespace atoll::cli
