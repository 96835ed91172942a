// The user's kubeconfig: one or several files, merged for reading, edited in place.
//
// Reading: of several files (KUBECONFIG) the first that names an entry, or a current context, wins. Writing: an entry
// goes back to the file it came from, a new one to the default file. Edits are kept until Save, which takes each file's
// lock, reads it again, changes only what was edited, keeps what it does not know, and replaces the file atomically
// with mode 0600. So neither a crash nor another process that edits at the same moment loses anything but comments, as
// with kubectl.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace atoll::cli {

// An environment variable's value, "" when it is not set.
using Environment = std::function<std::string(std::string_view name)>;

// `path` as seen from `directory`; absolute ones stay.
std::string FromDirectory(std::string_view path, std::string_view directory);

class Kubeconfig {
 public:
  struct Files {
    std::vector<std::string> paths;
    bool must_exist = false;  // the user named the file
  };
  // `flag` (--kubeconfig), else KUBECONFIG, else ~/.kube/config.
  static Files Locate(std::string_view flag, const Environment& environment);
  // Errors: NotFound where a file must exist, InvalidArgument for what is no kubeconfig, and those of ReadFile.
  static absl::StatusOr<Kubeconfig> Load(Files files);

  const std::string& current_context() const { return current_context_; }
  // Entries as they stand with the edits made so far; null when there is none of this name. Valid until the next edit.
  const json::Value* Cluster(std::string_view name) const { return Find(clusters_, name); }
  const json::Value* Context(std::string_view name) const { return Find(contexts_, name); }
  const json::Value* User(std::string_view name) const { return Find(users_, name); }
  // The directory that relative file names in the user's or cluster's entry start from.
  std::string UserDirectory(std::string_view name) const { return DirectoryOf(users_, name); }
  std::string ClusterDirectory(std::string_view name) const { return DirectoryOf(clusters_, name); }

  // A copy of the entry that may stand in another file: what it names relative to its own is absolute.
  std::optional<json::Value> CopyCluster(std::string_view name) const;

  void SetCluster(std::string_view name, json::Value cluster);
  void SetContext(std::string_view name, json::Value context);
  // For this process only: what --context asks for. Not saved.
  void OverrideCurrentContext(std::string_view name) { current_context_ = name; }
  void SetCurrentContext(std::string_view name);

  // Errors: Aborted when another process holds a file's lock, and those of reading and writing. Edits are kept on
  // error.
  absl::Status Save();

 private:
  struct Entry {
    json::Value value;
    std::string file;  // where it was read; "" for a new one
    bool edited = false;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  static const json::Value* Find(const Entries& entries, std::string_view name);
  static std::string DirectoryOf(const Entries& entries, std::string_view name);
  std::string DefaultFile() const;
  void Edit(Entries& entries, std::string_view name, json::Value value);

  Files files_;
  std::string current_context_;
  bool current_context_edited_ = false;
  Entries clusters_, contexts_, users_;
};

}  // namespace atoll::cli
