// Propagation macros for absl::Status and absl::StatusOr, in functions and in coroutines.
//
// The packaged Abseil (LTS 20220623) predates ABSL_RETURN_IF_ERROR; these keep its shape, so that they can be dropped
// later.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define ATOLL_CONCAT_INNER_(a, b) a##b
#define ATOLL_CONCAT_(a, b) ATOLL_CONCAT_INNER_(a, b)

// Returns from the enclosing function when `expr` (a Status) is not OK.
#define RETURN_IF_ERROR(expr)                                                             \
  do {                                                                                    \
    if (::absl::Status atoll_status_ = (expr); !atoll_status_.ok()) return atoll_status_; \
  } while (false)

// Declares or assigns `lhs` from a StatusOr expression, or returns its error.
#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_IMPL_(ATOLL_CONCAT_(atoll_statusor_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr)   \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = *std::move(tmp)

// The same inside a coroutine. `expr` may contain one co_await.
#define CO_RETURN_IF_ERROR(expr)                      \
  do {                                                \
    ::absl::Status atoll_status_ = (expr);            \
    if (!atoll_status_.ok()) co_return atoll_status_; \
  } while (false)

#define CO_ASSIGN_OR_RETURN(lhs, expr) CO_ASSIGN_OR_RETURN_IMPL_(ATOLL_CONCAT_(atoll_statusor_, __LINE__), lhs, expr)
#define CO_ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr)   \
  auto tmp = (expr);                                \
  if (!tmp.ok()) co_return std::move(tmp).status(); \
  lhs = *std::move(tmp)
