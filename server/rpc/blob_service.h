// Translates BlobService. The two streams use gRPC's callback API: callbacks
// never block, disk work runs on an I/O pool, and stored frames leave without
// being copied. FindMissing is an ordinary handler.

#pragma once

#include <grpcpp/grpcpp.h>

#include "depcache/v1/blob_service.grpc.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

using BlobServiceBase =
    v1::BlobService::WithRawCallbackMethod_ReadBlobs<
        v1::BlobService::WithCallbackMethod_WriteBlobs<v1::BlobService::Service>>;

// Thread-safe. The server it is registered with must be shut down first.
class BlobServiceImpl final : public BlobServiceBase {
 public:
  explicit BlobServiceImpl(const RpcParts& parts) : parts_(parts) {}

  grpc::Status FindMissing(grpc::ServerContext* context, const v1::FindMissingRequest* request,
                           v1::FindMissingResponse* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ReadBlobs(
      grpc::CallbackServerContext* context) override;
  grpc::ServerReadReactor<v1::WriteBlobsRequest>* WriteBlobs(
      grpc::CallbackServerContext* context, v1::WriteBlobsResponse* response) override;

 private:
  const RpcParts parts_;
};

// The reactors; each deletes itself when its call is done.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewReadReactor(
    const RpcParts& parts, grpc::CallbackServerContext* context);
grpc::ServerReadReactor<v1::WriteBlobsRequest>* NewWriteReactor(
    const RpcParts& parts, grpc::CallbackServerContext* context, v1::WriteBlobsResponse* response);

}  // namespace depcache::server
