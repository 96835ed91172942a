#include "tools/atoll/ws/complete.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/api/errors.h"
#include "common/base/embedded.h"
#include "common/base/strings.h"
#include "tools/atoll/ws/tree.h"

namespace atoll::embedded {
std::span<const File> atoll_tools_ws();
}

namespace atoll::cli {
namespace {

// 0 is best; nullopt does not fit.
std::optional<int> Rank(std::string_view name, std::string_view typed) {
  if (name.starts_with(typed)) return 0;
  if (name.find(typed) != std::string_view::npos) return 1;
  size_t at = 0;
  for (char c : typed) {
    at = name.find(c, at);
    if (at == std::string_view::npos) return std::nullopt;
    ++at;
  }
  return 2;
}

}  // namespace

std::vector<std::string> FuzzyMatches(std::vector<std::string> names, std::string_view typed) {
  const std::string wanted = absl::AsciiStrToLower(ToAbsl(typed));
  std::vector<std::pair<int, std::string>> ranked;
  for (std::string& name : names) {
    if (auto rank = Rank(name, wanted)) ranked.emplace_back(*rank, std::move(name));
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> out;
  for (auto& [rank, name] : ranked) out.push_back(std::move(name));
  return out;
}

std::vector<std::string> CompletePath(Session& session, std::string_view partial) {
  const auto current = session.Current();
  if (!current.ok()) return {};
  // `before` is kept as typed, with its colon; children are listed where it leads.
  std::string typed(partial);
  std::replace(typed.begin(), typed.end(), '/', ':');
  const size_t colon = typed.rfind(':');
  const std::string before = colon == std::string::npos ? "" : typed.substr(0, colon + 1);
  const std::string word = typed.substr(before.size());
  if (before == ":") {
    // Absolute paths begin at the top of where the user is.
    const std::string top = StrCat(":", TopOf(current->path));
    return Rank(top.substr(1), word) ? std::vector<std::string>{top} : std::vector<std::string>();
  }
  std::string parent = before.empty() ? "" : before.substr(0, before.size() - 1);
  if (parent == "root" || parent.starts_with("root:")) parent.insert(0, ":");
  const auto path = ResolveWorkspaceFlag(parent, current->path);
  auto client = session.client();
  if (!path.ok() || !client.ok()) return {};
  const auto children = ReadChildren(session, **client, *path);
  if (!children.ok()) return {};
  std::vector<std::string> names;
  for (const TreeNode& child : *children) names.push_back(child.name);
  std::vector<std::string> out;
  for (const std::string& name : FuzzyMatches(std::move(names), word)) out.push_back(before + name);
  return out;
}

absl::StatusOr<std::string> CompletionScript(std::string_view shell) {
  for (const embedded::File& file : embedded::atoll_tools_ws()) {
    if (file.path.ends_with(StrCat("/atoll.", shell))) return std::string(file.bytes);
  }
  return absl::InvalidArgumentError(
      StrCat("no completion for shell ", api::GoQuote(shell), "; there is one for bash, fish and zsh"));
}

}  // namespace atoll::cli
