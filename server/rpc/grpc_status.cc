#include "server/rpc/grpc_status.h"

#include <string>

#include "cache/base/log.h"
#include "cache/base/status.h"

namespace depcache::server {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = static_cast<grpc::StatusCode>(static_cast<int>(status.code()));
  if (code == grpc::StatusCode::INTERNAL || code == grpc::StatusCode::UNKNOWN) {
    Log(LogLevel::kError, "internal error: {}", MessageOf(status));
    return {code, "internal error; the server's log says more"};
  }
  return {code, std::string(MessageOf(status))};
}

}  // namespace depcache::server
