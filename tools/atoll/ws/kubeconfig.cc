#include "tools/atoll/ws/kubeconfig.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <set>
#include <utility>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/yaml.h"

namespace atoll::cli {
namespace {

constexpr size_t kFileBytesMax = size_t{16} << 20;

bool Exists(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0;
}

std::string DirectoryOfFile(const std::string& file) {
  const size_t slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

// Where a symbolic link leads, so that replacing the file leaves the link alone.
std::string Followed(const std::string& file) {
  char* real = ::realpath(file.c_str(), nullptr);
  if (real == nullptr) return file;
  std::string out(real);
  ::free(real);
  return out;
}

absl::StatusOr<json::Value> ReadConfig(const std::string& file) {
  ASSIGN_OR_RETURN(std::string text, ReadFile(file, kFileBytesMax));
  auto parsed = json::ParseYaml(text, {.bytes_max = kFileBytesMax});
  const auto refuse = [&](std::string_view why) {
    return absl::InvalidArgumentError(StrCat("error loading config file \"", file, "\": ", why));
  };
  if (!parsed.ok()) return refuse(ToStd(parsed.status().message()));
  if (parsed->is_null()) return json::Value::MakeObject();
  if (!parsed->is_object()) return refuse("not a kubeconfig");
  for (std::string_view list : {"clusters", "contexts", "users"}) {
    const json::Value* entries = parsed->Find(list);
    if (entries == nullptr || entries->is_null()) continue;
    if (!entries->is_array()) return refuse(StrCat(list, " is not a list"));
    for (const json::Value& entry : entries->array()) {
      if (entry.StringAt({"name"}).empty()) return refuse(StrCat("an entry of ", list, " has no name"));
    }
  }
  return std::move(*parsed);
}

// kubectl's own lock, so that neither overwrites the other's edits.
class FileLock {
 public:
  static absl::StatusOr<FileLock> Take(const std::string& file) {
    FileLock lock;
    std::string path = file + ".lock";
    const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
      const std::string text = StrCat("open ", path, ": ", std::strerror(errno));
      return errno == EEXIST ? absl::AbortedError(text) : absl::UnavailableError(text);
    }
    ::close(fd);
    lock.path_ = std::move(path);
    return lock;
  }
  FileLock(FileLock&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~FileLock() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

 private:
  FileLock() = default;
  std::string path_;
};

void PutEntry(json::Value* config, std::string_view list, std::string_view member, std::string_view name,
              const json::Value& value) {
  json::Value& entries = config->object()[list];
  if (!entries.is_array()) entries = json::Value::MakeArray();
  for (json::Value& entry : entries.array()) {
    if (entry.StringAt({"name"}) == name) {
      entry.object().Set(member, value);
      return;
    }
  }
  // Sorted by name, as kubectl writes them, unless the user's own order differs.
  auto at = std::find_if(entries.array().begin(), entries.array().end(),
                         [&](const json::Value& e) { return e.StringAt({"name"}) > name; });
  json::Value entry = json::Value::MakeObject();
  entry.object().Set("name", name);
  entry.object().Set(member, value);
  entries.array().insert(at, std::move(entry));
}

}  // namespace

std::string FromDirectory(std::string_view path, std::string_view directory) {
  return path.starts_with('/') ? std::string(path) : StrCat(directory, "/", path);
}

Kubeconfig::Files Kubeconfig::Locate(std::string_view flag, const Environment& environment) {
  if (!flag.empty()) return {{std::string(flag)}, true};
  Files out;
  const std::string list = environment("KUBECONFIG");
  std::set<std::string> seen;
  for (std::string_view rest = list; !rest.empty();) {
    const size_t colon = rest.find(':');
    std::string path(rest.substr(0, colon));
    if (!path.empty() && seen.insert(path).second) out.paths.push_back(std::move(path));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  if (out.paths.empty()) out.paths.push_back(environment("HOME") + "/.kube/config");
  return out;
}

absl::StatusOr<Kubeconfig> Kubeconfig::Load(Files files) {
  Kubeconfig out;
  out.files_ = std::move(files);
  for (const std::string& file : out.files_.paths) {
    auto config = ReadConfig(file);
    if (absl::IsNotFound(config.status()) && !out.files_.must_exist) continue;
    if (absl::IsNotFound(config.status())) {
      return absl::NotFoundError(StrCat("stat ", file, ": no such file or directory"));
    }
    RETURN_IF_ERROR(config.status());
    if (out.current_context_.empty()) out.current_context_ = config->StringAt({"current-context"});
    const auto take = [&](std::string_view list, std::string_view member, Entries& into) {
      const json::Value* entries = config->Find(list);
      if (entries == nullptr || !entries->is_array()) return;
      for (const json::Value& entry : entries->array()) {
        const json::Value* value = entry.Find(member);
        const bool usable = value != nullptr && value->is_object();
        into.try_emplace(std::string(entry.StringAt({"name"})),
                         Entry{usable ? *value : json::Value::MakeObject(), file});
      }
    };
    take("clusters", "cluster", out.clusters_);
    take("contexts", "context", out.contexts_);
    take("users", "user", out.users_);
  }
  return out;
}

const json::Value* Kubeconfig::Find(const Entries& entries, std::string_view name) {
  auto it = entries.find(name);
  return it == entries.end() ? nullptr : &it->second.value;
}

std::string Kubeconfig::DirectoryOf(const Entries& entries, std::string_view name) {
  auto it = entries.find(name);
  return it == entries.end() || it->second.file.empty() ? "." : DirectoryOfFile(it->second.file);
}

std::optional<json::Value> Kubeconfig::CopyCluster(std::string_view name) const {
  const json::Value* cluster = Cluster(name);
  if (cluster == nullptr) return std::nullopt;
  json::Value copy = *cluster;
  if (json::Value* ca = copy.Find("certificate-authority"); ca != nullptr && !ca->StringOr().empty()) {
    *ca = FromDirectory(ca->string(), ClusterDirectory(name));
  }
  return copy;
}

std::string Kubeconfig::DefaultFile() const {
  for (const std::string& file : files_.paths) {
    if (Exists(file)) return file;
  }
  return files_.paths.back();
}

void Kubeconfig::Edit(Entries& entries, std::string_view name, json::Value value) {
  Entry& entry = entries[std::string(name)];
  if (entry.edited || !(entry.value == value)) {
    entry.value = std::move(value);
    entry.edited = true;
  }
}

void Kubeconfig::SetCluster(std::string_view name, json::Value cluster) { Edit(clusters_, name, std::move(cluster)); }
void Kubeconfig::SetContext(std::string_view name, json::Value context) { Edit(contexts_, name, std::move(context)); }
void Kubeconfig::SetCurrentContext(std::string_view name) {
  current_context_ = name;
  current_context_edited_ = true;
}

absl::Status Kubeconfig::Save() {
  const std::string default_file = DefaultFile();
  struct List {
    std::string_view name, member;
    Entries* entries;
  };
  const List lists[] = {
      {"clusters", "cluster", &clusters_}, {"contexts", "context", &contexts_}, {"users", "user", &users_}};

  std::set<std::string> touched;
  if (current_context_edited_) touched.insert(default_file);
  for (const List& list : lists) {
    for (const auto& [name, entry] : *list.entries) {
      if (entry.edited) touched.insert(entry.file.empty() ? default_file : entry.file);
    }
  }
  // All locks first (in the order of names, as everyone), then all files: a lock that is taken leaves every file as it
  // was.
  std::vector<FileLock> locks;
  for (const std::string& file : touched) {
    RETURN_IF_ERROR(MakeDirectories(DirectoryOfFile(file), 0750));
    ASSIGN_OR_RETURN(FileLock lock, FileLock::Take(file));
    locks.push_back(std::move(lock));
  }
  std::vector<std::pair<std::string, json::Value>> outputs;
  for (const std::string& file : touched) {
    auto config = ReadConfig(file);
    if (absl::IsNotFound(config.status())) {
      config = json::Value(
          json::Object{{"apiVersion", "v1"}, {"kind", "Config"}, {"preferences", json::Value::MakeObject()}});
    }
    RETURN_IF_ERROR(config.status());
    for (const List& list : lists) {
      for (const auto& [name, entry] : *list.entries) {
        if (entry.edited && (entry.file.empty() ? default_file : entry.file) == file) {
          PutEntry(&*config, list.name, list.member, name, entry.value);
        }
      }
    }
    if (current_context_edited_ && file == default_file) config->object().Set("current-context", current_context_);
    outputs.emplace_back(file, *std::move(config));
  }
  for (const auto& [file, config] : outputs) {
    RETURN_IF_ERROR(WriteFileAtomic(Followed(file), json::WriteYaml(config), 0600));
  }
  for (const List& list : lists) {
    for (auto& [name, entry] : *list.entries) {
      if (entry.edited && entry.file.empty()) entry.file = default_file;
      entry.edited = false;
    }
  }
  current_context_edited_ = false;
  return absl::OkStatus();
}

}  // namespace atoll::cli
