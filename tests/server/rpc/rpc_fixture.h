// All services in one process over a memory store, with a channel to them.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "cache/base/compress.h"
#include "cache/base/log.h"
#include "cache/recipe/recipe.h"
#include "cache/wire/convert.h"
#include "depcache/v1/blob_service.grpc.pb.h"
#include "depcache/v1/capabilities_service.grpc.pb.h"
#include "depcache/v1/layer_service.grpc.pb.h"
#include "depcache/v1/recipe_service.grpc.pb.h"
#include "server/rpc/admin_service.h"
#include "server/rpc/blob_service.h"
#include "server/rpc/capabilities_service.h"
#include "server/rpc/layer_service.h"
#include "server/rpc/recipe_service.h"
#include "tests/support/fake_clock.h"
#include "tests/support/generic_call.h"
#include "tests/support/layer_builder.h"

namespace depcache::server {

// "writer" reads and writes main and pr/*; "reader" reads main; "stranger"
// has a scope of its own.
inline TokenTable SampleTokens() {
  const auto entry = [](const char* token, const char* read, const char* write) {
    return fmt::format(
        "[[token]]\nprincipal=\"{}\"\nsha256=\"{}\"\nread=[{}]\nwrite=[{}]\n"
        "expires=2030-01-01\n",
        token, HashAs<PartDigest>(token).ToHex(), read, write);
  };
  return *TokenTable::Parse(entry("writer", "'main','pr/*'", "'main','pr/*'") +
                            entry("reader", "'main'", "") +
                            entry("stranger", "'other'", "'other'"));
}

class RpcFixture : public ::testing::Test {
 protected:
  explicit RpcFixture(std::optional<TokenTable> tokens = std::nullopt)
      : authenticator_(std::move(tokens), clock_) {
    SetLogLevel(LogLevel::kOff);
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
    builder.RegisterService(&recipes_);
    builder.RegisterService(&layers_);
    builder.RegisterService(&blobs_);
    builder.RegisterService(&capabilities_);
    builder.RegisterService(&admin_);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    channel_ = server_->InProcessChannel(arguments);
  }
  ~RpcFixture() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    SetLogLevel(LogLevel::kInfo);
  }

  testing::FakeClock& clock() { return clock_; }
  LayerCache& cache() { return cache_; }
  CallGate& gate() { return gate_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }
  int wakes() const { return wakes_; }

  std::unique_ptr<v1::BlobService::Stub> Blobs() { return v1::BlobService::NewStub(channel_); }
  std::unique_ptr<v1::LayerService::Stub> Layers() { return v1::LayerService::NewStub(channel_); }
  std::unique_ptr<v1::RecipeService::Stub> Recipes() {
    return v1::RecipeService::NewStub(channel_);
  }
  std::unique_ptr<v1::CapabilitiesService::Stub> Capabilities() {
    return v1::CapabilitiesService::NewStub(channel_);
  }

  static void UseToken(grpc::ClientContext& context, const std::string& token) {
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  }

  grpc::Status Write(const std::vector<std::string>& plains, const std::string& token = "",
                     const std::string& scope = "") {
    v1::WriteBlobsRequest request;
    request.mutable_scope()->set_scope(scope);
    for (const std::string& plain : plains) {
      v1::NewBlob* blob = request.add_blobs();
      blob->set_sha256(std::string(DigestOf(plain).hash.AsBytes()));
      blob->set_frame(CompressFrame(plain));
    }
    grpc::ClientContext context;
    UseToken(context, token);
    v1::WriteBlobsResponse response;
    const auto stub = Blobs();
    const auto stream = stub->WriteBlobs(&context, &response);
    stream->Write(request);
    stream->WritesDone();
    return stream->Finish();
  }

  // What a stream answers for these names, in order.
  struct Answers {
    std::vector<v1::BlobFrame> blobs;
    std::size_t largest_message = 0;
    grpc::Status status;
  };
  Answers Read(const std::vector<std::string>& requests, const std::string& token = "",
               const std::string& scope = "") {
    grpc::ClientContext context;
    UseToken(context, token);
    const auto stub = Blobs();
    const auto stream = stub->ReadBlobs(&context);
    v1::ReadBlobsRequest request;
    request.mutable_scope()->set_scope(scope);
    for (const std::string& hashes : requests) {
      request.set_hashes(hashes);
      if (!stream->Write(request)) break;
      request.Clear();
    }
    stream->WritesDone();
    Answers answers;
    v1::ReadBlobsResponse response;
    while (stream->Read(&response)) {
      answers.largest_message = std::max(answers.largest_message, response.ByteSizeLong());
      answers.blobs.insert(answers.blobs.end(), response.blobs().begin(), response.blobs().end());
    }
    answers.status = stream->Finish();
    return answers;
  }

  static std::string NameOf(const std::string& plain) {
    return std::string(DigestOf(plain).hash.AsBytes());
  }
  static void AddPart(google::protobuf::RepeatedPtrField<v1::RecipePart>* parts,
                      const std::string& name, const std::string& value) {
    v1::RecipePart* part = parts->Add();
    part->set_name(name);
    part->set_value(value);
  }

 private:
  testing::FakeClock clock_;
  LayerCache cache_{MakeMemoryStore(), clock_, LayerCache::Options()};
  Authenticator authenticator_;
  CallGate gate_;
  ThreadPool io_pool_{2};
  std::atomic<int> wakes_ = 0;
  RpcParts parts_{cache_, authenticator_, gate_, io_pool_, [this] { ++wakes_; }};
  RecipeServiceImpl recipes_{parts_};
  LayerServiceImpl layers_{parts_};
  BlobServiceImpl blobs_{parts_};
  CapabilitiesServiceImpl capabilities_{parts_, clock_};
  AdminServiceImpl admin_{parts_};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// The same with SampleTokens.
class TokenFixture : public RpcFixture {
 protected:
  TokenFixture() : RpcFixture(SampleTokens()) {}
};

}  // namespace depcache::server
