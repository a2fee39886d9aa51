// Status conventions: every fallible function returns absl::Status or
// absl::StatusOr<T>. Codes are chosen by what the *caller* can do; the closed
// list is in docs/errors.md. This is the only header which formats messages.

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/format.h>

namespace depcache {

// Builds `code` with `message`. Prefer the named helpers below.
absl::Status MakeStatus(absl::StatusCode code, std::string_view message);

// The message of `status` as the standard string_view (absl's own is a
// different type on this platform). Borrows from `status`.
std::string_view MessageOf(const absl::Status& status);

// "NOT_FOUND: no layer ..." for logs.
std::string ToText(const absl::Status& status);

// Returns `status` with "context: " put before its message; keeps the code.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// Maps errno to a status: ENOENT -> NOT_FOUND, EACCES/EROFS ->
// PERMISSION_DENIED, ENOSPC/EDQUOT/EMFILE -> RESOURCE_EXHAUSTED, EEXIST ->
// ALREADY_EXISTS, else UNAVAILABLE. `action` names what failed and on what:
// "open /a/b".
absl::Status FromErrno(int error, std::string_view action);

#define DEPCACHE_STATUS_BUILDER_(Name, kCode)                                  \
  template <typename... Args>                                                  \
  absl::Status Name(fmt::format_string<Args...> format, Args&&... args) {      \
    return MakeStatus(absl::StatusCode::kCode,                                 \
                      fmt::format(format, std::forward<Args>(args)...));       \
  }

DEPCACHE_STATUS_BUILDER_(NotFound, kNotFound)
DEPCACHE_STATUS_BUILDER_(InvalidArgument, kInvalidArgument)
DEPCACHE_STATUS_BUILDER_(FailedPrecondition, kFailedPrecondition)
DEPCACHE_STATUS_BUILDER_(AlreadyExists, kAlreadyExists)
DEPCACHE_STATUS_BUILDER_(ResourceExhausted, kResourceExhausted)
DEPCACHE_STATUS_BUILDER_(Unauthenticated, kUnauthenticated)
DEPCACHE_STATUS_BUILDER_(PermissionDenied, kPermissionDenied)
DEPCACHE_STATUS_BUILDER_(Unavailable, kUnavailable)
DEPCACHE_STATUS_BUILDER_(DeadlineExceeded, kDeadlineExceeded)
DEPCACHE_STATUS_BUILDER_(Cancelled, kCancelled)
DEPCACHE_STATUS_BUILDER_(DataLoss, kDataLoss)
DEPCACHE_STATUS_BUILDER_(Internal, kInternal)

#undef DEPCACHE_STATUS_BUILDER_

}  // namespace depcache

// NOLINTBEGIN(bugprone-macro-parentheses): `lhs` may be a declaration.

// Returns from the enclosing function if `expr` (a Status) is not OK.
#define DEPCACHE_RETURN_IF_ERROR(expr)                                                           \
  do {                                                                                           \
    if (absl::Status depcache_status_ = (expr); !depcache_status_.ok()) return depcache_status_; \
  } while (false)

// DEPCACHE_ASSIGN_OR_RETURN(auto x, MakeX()): declares x or returns the error.
#define DEPCACHE_ASSIGN_OR_RETURN(lhs, expr) \
  DEPCACHE_ASSIGN_OR_RETURN_(DEPCACHE_CONCAT_(depcache_result_, __COUNTER__), lhs, expr)
#define DEPCACHE_ASSIGN_OR_RETURN_(result, lhs, expr)  \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)
#define DEPCACHE_CONCAT_(a, b) DEPCACHE_CONCAT_IMPL_(a, b)
#define DEPCACHE_CONCAT_IMPL_(a, b) a##b

// NOLINTEND(bugprone-macro-parentheses)
