// The two blob streams over gRPC's synchronous stubs, each watched for
// silence by a StallGuard.

#pragma once

#include <chrono>
#include <memory>

#include <absl/status/status.h>
#include <grpcpp/grpcpp.h>

#include "client/remote/remote_cache.h"
#include "depcache/v1/blob_service.grpc.pb.h"

namespace depcache::client {

// The code goes through; messages are made readable for people.
absl::Status FromGrpc(const grpc::Status& status);

// `first` carries scope and ticket. The stub must outlive the stream.
std::unique_ptr<BlobStream> OpenBlobStream(v1::BlobService::Stub& stub, v1::ReadBlobsRequest first,
                                           std::unique_ptr<grpc::ClientContext> context,
                                           std::chrono::milliseconds stall_bound);

std::unique_ptr<BlobUpload> OpenBlobUpload(v1::BlobService::Stub& stub, v1::WriteBlobsRequest first,
                                           std::unique_ptr<grpc::ClientContext> context,
                                           std::chrono::milliseconds stall_bound);

}  // namespace depcache::client
