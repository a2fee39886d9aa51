#include "server/rpc/blob_service.h"

#include "cache/base/status.h"
#include "cache/wire/convert.h"
#include "server/rpc/grpc_status.h"

namespace depcache::server {
namespace {

constexpr std::size_t kMaxHashes = 65'536;

absl::Status FindMissingBlobs(const RpcParts& parts, const grpc::ServerContext& context,
                              CallLog& log, const v1::FindMissingRequest& request,
                              v1::FindMissingResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope,
                            OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const auto hashes, UnpackBlobHashes(request.hashes(), kMaxHashes));
  DEPCACHE_ASSIGN_OR_RETURN(const auto missing, parts.cache.FindMissing(scope, hashes));
  log.set_subject(fmt::format("{}/{}", missing.size(), hashes.size()));
  response.mutable_missing()->Assign(missing.begin(), missing.end());
  return absl::OkStatus();
}

}  // namespace

grpc::Status BlobServiceImpl::FindMissing(grpc::ServerContext* context,
                                          const v1::FindMissingRequest* request,
                                          v1::FindMissingResponse* response) {
  CallLog log(parts_.gate, *context, "FindMissing");
  return ToGrpcStatus(
      log.Result(FindMissingBlobs(parts_, *context, log, *request, *response)));
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* BlobServiceImpl::ReadBlobs(
    grpc::CallbackServerContext* context) {
  return NewReadReactor(parts_, context);
}

grpc::ServerReadReactor<v1::WriteBlobsRequest>* BlobServiceImpl::WriteBlobs(
    grpc::CallbackServerContext* context, v1::WriteBlobsResponse* response) {
  return NewWriteReactor(parts_, context, response);
}

}  // namespace depcache::server
