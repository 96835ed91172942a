#include "shard/controllers/framework/cursor.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "common/base/status.h"
#include "common/base/strings.h"

namespace atoll::controllers {
namespace {

constexpr size_t kHexDigits = 16;

std::string Scope(std::string_view controller, std::string_view what) {
  std::string scope;
  store::AppendComponent(&scope, "cursor");
  store::AppendComponent(&scope, controller);
  if (!what.empty()) store::AppendComponent(&scope, what);
  return scope;
}

std::string CursorKey(std::string_view controller, uint64_t fingerprint, store::Revision revision) {
  std::string key = Scope(controller, "at");
  store::AppendComponent(&key, ToStd(absl::StrFormat("%016x-%016x", revision.value, fingerprint)));
  return key;
}

}  // namespace

// FNV-1a: the same in every build, which a hash map's hash is not.
uint64_t FingerprintOf(const std::vector<std::string>& scopes, int version) {
  uint64_t hash = 14695981039346656037u;
  const auto mix = [&hash](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  };
  mix(StrCat(version, "\n"));
  for (const std::string& scope : scopes) mix(StrCat(scope.size(), ":", scope));
  return hash;
}

absl::StatusOr<std::optional<SavedProgress>> LoadProgress(const store::SnapshotView& view, std::string_view controller,
                                                          uint64_t fingerprint) {
  std::optional<SavedProgress> out;
  const std::string at = Scope(controller, "at"), keys = Scope(controller, "key");
  RETURN_IF_ERROR(view.ScanIndex(at, store::ScopeEnd(at), [&](std::string_view entry) {
    const std::string_view text = entry.substr(at.size());
    uint64_t revision = 0, of = 0;
    if (text.size() == 2 * kHexDigits + 2 && absl::SimpleHexAtoi(ToAbsl(text.substr(0, kHexDigits)), &revision) &&
        absl::SimpleHexAtoi(ToAbsl(text.substr(kHexDigits + 1, kHexDigits)), &of) && of == fingerprint) {
      out = SavedProgress{{revision}, {}};
      return false;
    }
    return true;
  }));
  if (!out.has_value()) return out;
  RETURN_IF_ERROR(view.ScanIndex(keys, store::ScopeEnd(keys), [&](std::string_view entry) {
    out->parked.emplace_back(entry.substr(keys.size()));
    return true;
  }));
  return out;
}

store::Transaction SaveTransaction(std::string_view controller, uint64_t fingerprint, const Progress::Save& save) {
  store::Transaction txn;
  const std::string keys = Scope(controller, "key");
  for (const std::string& key : save.park) txn.index.push_back({false, keys + key});
  for (const std::string& key : save.unpark) txn.index.push_back({true, keys + key});
  if (save.previous != save.cursor) {
    if (save.previous.has_value()) txn.index.push_back({true, CursorKey(controller, fingerprint, *save.previous)});
    txn.index.push_back({false, CursorKey(controller, fingerprint, save.cursor)});
  }
  return txn;
}

absl::StatusOr<store::Transaction> ForgetTransaction(const store::SnapshotView& view, std::string_view controller) {
  store::Transaction txn;
  const std::string scope = Scope(controller, "");
  RETURN_IF_ERROR(view.ScanIndex(scope, store::ScopeEnd(scope), [&](std::string_view entry) {
    txn.index.push_back({true, std::string(entry)});
    return txn.index.size() < store::Transaction::ops_max;
  }));
  return txn;
}

}  // namespace atoll::controllers
