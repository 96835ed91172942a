// Accessors for the metadata of an object held as a json::Value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/json/value.h"

namespace atoll::api {

inline constexpr std::string_view kClusterAnnotation = "kcp.io/cluster";
inline constexpr std::string_view kPathAnnotation = "kcp.io/path";

inline std::string_view Name(const json::Value& o) { return o.StringAt({"metadata", "name"}); }
inline std::string_view Namespace(const json::Value& o) { return o.StringAt({"metadata", "namespace"}); }
inline std::string_view Uid(const json::Value& o) { return o.StringAt({"metadata", "uid"}); }
inline std::string_view ResourceVersion(const json::Value& o) { return o.StringAt({"metadata", "resourceVersion"}); }
inline bool IsDeleting(const json::Value& o) { return !o.StringAt({"metadata", "deletionTimestamp"}).empty(); }

std::string_view Label(const json::Value& o, std::string_view key);
std::string_view Annotation(const json::Value& o, std::string_view key);
bool HasAnnotation(const json::Value& o, std::string_view key);
void SetLabel(json::Value* o, std::string_view key, std::string_view value);
void SetAnnotation(json::Value* o, std::string_view key, std::string_view value);
bool RemoveAnnotation(json::Value* o, std::string_view key);  // drops an emptied map
bool RemoveLabel(json::Value* o, std::string_view key);
std::vector<std::string> Finalizers(const json::Value& o);
bool HasFinalizer(const json::Value& o, std::string_view finalizer);
bool AddFinalizer(json::Value* o, std::string_view finalizer);
bool RemoveFinalizer(json::Value* o, std::string_view finalizer);

// RFC 3339, UTC, whole seconds; MicroTime with six digits.
std::string FormatTime(absl::Time t);
std::string FormatMicroTime(absl::Time t);
std::optional<absl::Time> ParseTime(std::string_view s);

// cluster-api style conditions in status.conditions, kept with Ready first, then by type. lastTransitionTime moves only
// when status changes. True when anything changed.
bool SetCondition(json::Value* o, std::string_view type, bool status, absl::Time now, std::string_view reason = "",
                  std::string_view severity = "", std::string_view message = "");
const json::Value* FindCondition(const json::Value& o, std::string_view type);

}  // namespace atoll::api
