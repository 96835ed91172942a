// Query parameters and small bodies to the registry's options, with Kubernetes' defaults and its words for what is
// wrong (spec/api-machinery.md 3.1, 3.5, 3.6, 4.3). Pure.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/json/value.h"
#include "shard/endpoints/request_info.h"
#include "shard/registry/request.h"

namespace atoll::endpoints {

enum class WriteKind : uint8_t { kCreate, kUpdate, kPatch, kApply };

// Errors: Invalid with kind CreateOptions, UpdateOptions or PatchOptions.
absl::StatusOr<registry::WriteOptions> ParseWriteOptions(WriteKind kind, const Query& query,
                                                         std::string_view user_agent);

// Which of them go together, and what a resourceVersion is, the registry judges. Errors: BadRequest for a malformed
// number.
absl::StatusOr<registry::ListOptions> ParseListOptions(const Query& query);

// `body` is the decoded body, or null when there was none; a body makes the query count for nothing. Errors:
// BadRequest, Invalid with kind DeleteOptions.
absl::StatusOr<registry::DeleteOptions> ParseDeleteOptions(const Query& query, const json::Value& body);

// Errors: BadRequest for `export`.
absl::StatusOr<std::string> ParseGetResourceVersion(const Query& query);

// `?timeout=` of a request that is not long running, a Go duration; 0 when there is none. Errors: BadRequest.
absl::StatusOr<absl::Duration> ParseTimeout(const Query& query);

// The manager of a request that names none: what stands before the first '/' of its User-Agent.
std::string DefaultFieldManager(std::string_view user_agent);

}  // namespace atoll::endpoints
