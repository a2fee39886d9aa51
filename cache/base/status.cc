#include "cache/base/status.h"

#include <cerrno>
#include <cstring>

namespace depcache {
namespace {

absl::StatusCode CodeOfErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return absl::StatusCode::kResourceExhausted;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP:
    case EISDIR:
      return absl::StatusCode::kInvalidArgument;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status MakeStatus(absl::StatusCode code, std::string_view message) {
  return absl::Status(code, std::string(message));
}

std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

std::string ToText(const absl::Status& status) { return status.ToString(); }

absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  return MakeStatus(status.code(), fmt::format("{}: {}", context, MessageOf(status)));
}

absl::Status FromErrno(int error, std::string_view action) {
  return MakeStatus(CodeOfErrno(error),
                    fmt::format("cannot {}: {}", action, std::strerror(error)));
}

}  // namespace depcache
