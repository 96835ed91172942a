#include "tools/atoll/ws/create.h"

#include "absl/strings/ascii.h"
#include "common/api/errors.h"
#include "common/api/object.h"
#include "common/api/selectors.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/http/message.h"
#include "tools/atoll/ws/create_context.h"
#include "tools/atoll/ws/paths.h"
#include "tools/atoll/ws/use.h"

namespace atoll::cli {
namespace {

bool IsReady(const json::Value& workspace) { return workspace.StringAt({"status", "phase"}) == "Ready"; }

// Waits for `*workspace` to be ready, keeping it as last seen.
absl::Status WaitUntilReady(Client& client, const std::string& collection, absl::Duration limit,
                            json::Value* workspace) {
  const absl::Duration deadline = SystemClock().Monotonic() + limit;
  const std::string name(api::Name(*workspace));
  while (!IsReady(*workspace)) {
    const absl::Duration left = deadline - SystemClock().Monotonic();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("context deadline exceeded");
    bool deleted = false;
    const absl::Status watched = client.Watch(
        StrCat(collection, "?watch=true&fieldSelector=", http::PercentEncode(StrCat("metadata.name=", name)),
               "&resourceVersion=", http::PercentEncode(api::ResourceVersion(*workspace)),
               "&timeoutSeconds=", absl::ToInt64Seconds(absl::Ceil(left, absl::Seconds(1)))),
        left, [&](const json::Value& event) {
          const json::Value* object = event.Find("object");
          if (object == nullptr || api::Name(*object) != name) return false;
          *workspace = *object;
          deleted = event.StringAt({"type"}) == "DELETED";
          return deleted || IsReady(*workspace);
        });
    if (deleted) return api::NotFound({"tenancy.kcp.io", "workspaces"}, name);
    // A revision that is too old, or the end of a watch: see how it stands and watch from there.
    if (!watched.ok() && api::Reason(watched) != "Expired") return watched;
    if (!IsReady(*workspace)) {
      ASSIGN_OR_RETURN(*workspace, client.Get(StrCat(collection, "/", name)));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSameType(const CreateOptions& options, const json::Value& wanted, const json::Value& existing) {
  if (options.type.empty()) return absl::OkStatus();
  const std::string_view name = existing.StringAt({"spec", "type", "name"});
  const bool other_name = !name.empty() && name != wanted.StringAt({"spec", "type", "name"});
  const bool other_path = existing.StringAt({"spec", "type", "path"}) != wanted.StringAt({"spec", "type", "path"});
  if (!other_name && !other_path) return absl::OkStatus();
  return absl::FailedPreconditionError(StrCat("workspace ", api::GoQuote(options.name), " cannot be created with type ",
                                              TypeOf(wanted), ", it already exists with different type ",
                                              TypeOf(existing)));
}

}  // namespace

absl::StatusOr<json::Value> SelectorObject(std::string_view selector) {
  auto parsed = api::LabelSelector::Parse(selector);
  if (!parsed.ok())
    return absl::InvalidArgumentError(
        StrCat("couldn't parse the selector string ", api::GoQuote(selector), ": ", parsed.status().message()));
  json::Object labels;
  json::Array expressions;
  for (const api::LabelRequirement& r : parsed->requirements()) {
    using Operator = api::LabelRequirement::Operator;
    std::string_view op;
    switch (r.op) {
      case Operator::kEquals:
        labels.Set(r.key, r.values.front());
        continue;
      case Operator::kIn:
        op = "In";
        break;
      case Operator::kNotIn:
      case Operator::kNotEquals:
        op = "NotIn";
        break;
      case Operator::kExists:
        op = "Exists";
        break;
      case Operator::kDoesNotExist:
        op = "DoesNotExist";
        break;
      case Operator::kGreaterThan:
      case Operator::kLessThan:
        return absl::InvalidArgumentError(
            StrCat("\"", r.op == Operator::kLessThan ? "lt" : "gt", "\" isn't supported in label selectors"));
    }
    json::Object expression{{"key", r.key}, {"operator", op}};
    if (!r.values.empty()) expression.Append("values", json::Array(r.values.begin(), r.values.end()));
    expressions.push_back(std::move(expression));
  }
  json::Object out;
  if (!labels.empty()) out.Append("matchLabels", std::move(labels));
  if (!expressions.empty()) out.Append("matchExpressions", std::move(expressions));
  return json::Value(std::move(out));
}

absl::StatusOr<json::Value> NewWorkspace(const CreateOptions& options) {
  json::Value out(json::Object{{"apiVersion", "tenancy.kcp.io/v1alpha1"}, {"kind", "Workspace"}});
  out.Ensure({"metadata", "name"}) = options.name;
  out.Ensure({"spec"}) = json::Value::MakeObject();
  if (!options.type.empty()) {
    const SplitPath type = Split(options.type);
    out.Ensure({"spec", "type", "name"}) = absl::AsciiStrToLower(type.name);
    if (!type.parent.empty()) out.Ensure({"spec", "type", "path"}) = type.parent;
  }
  if (!options.location_selector.empty()) {
    auto selector = SelectorObject(options.location_selector);
    if (!selector.ok()) {
      return absl::InvalidArgumentError(StrCat("invalid location selector: ", selector.status().message()));
    }
    out.Ensure({"spec", "location", "selector"}) = *std::move(selector);
  }
  return out;
}

absl::Status Create(Session& session, const CreateOptions& options) {
  ASSIGN_OR_RETURN(const json::Value wanted, NewWorkspace(options));
  ASSIGN_OR_RETURN(const WorkspaceUrl current, session.Current());
  const bool absolute_type = options.type == "root" || options.type.starts_with("root:");
  if (options.ignore_existing && !options.type.empty() && !absolute_type) {
    return absl::InvalidArgumentError("--ignore-existing must not be used with non-absolute type path");
  }
  ASSIGN_OR_RETURN(Client * client, session.client());
  const std::string collection = session.Target(current.path, kWorkspaces);

  auto workspace = client->Post(collection, wanted);
  const bool existed = options.ignore_existing && api::IsAlreadyExists(workspace.status());
  if (existed) workspace = client->Get(StrCat(collection, "/", options.name));
  RETURN_IF_ERROR(workspace.status());
  if (existed) RETURN_IF_ERROR(CheckSameType(options, wanted, *workspace));

  std::ostream& out = session.streams.out;
  const std::string reference = StrCat("Workspace ", api::GoQuote(options.name), " (type ", TypeOf(*workspace), ")");
  const bool waits = !IsReady(*workspace);
  if (existed || waits) {
    out << reference << (existed ? " already exists." : " created.")
        << (waits ? " Waiting for it to be ready...\n" : "\n") << std::flush;
  }
  RETURN_IF_ERROR(WaitUntilReady(*client, collection, options.ready_max, &*workspace));
  out << reference << " is ready to use.\n";

  if (!options.create_context.empty()) {
    const absl::Status made = CreateContext(session, {.name = options.create_context,
                                                      .server = std::string(workspace->StringAt({"spec", "URL"})),
                                                      .overwrite = options.ignore_existing,
                                                      .keep_current = !options.enter});
    if (!made.ok()) return absl::Status(made.code(), StrCat("failed to create context: ", made.message()));
    return absl::OkStatus();
  }
  if (options.enter) return Use(session, options.name, false);
  return absl::OkStatus();
}

}  // namespace atoll::cli
