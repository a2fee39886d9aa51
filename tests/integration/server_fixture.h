// A whole server on RocksDB in a folder of its own, listening on loopback, and
// clients as depcache-client has them.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "cache/base/compress.h"
#include "cache/base/log.h"
#include "cache/recipe/recipe.h"
#include "client/remote/grpc_remote_cache.h"
#include "server/app.h"
#include "tests/support/layer_builder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::testing {

class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture() {
    SetLogLevel(LogLevel::kOff);
    config_.listen = "127.0.0.1:0";
    config_.data = folder_ / "data";
    config_.min_free_bytes = 0;
    config_.block_cache_bytes = 8 << 20;
    config_.drain = std::chrono::minutes(5);  // nothing waits for all of it
    config_.log_level = LogLevel::kOff;
  }
  ~ServerFixture() override {
    app_.reset();
    SetLogLevel(LogLevel::kInfo);
  }

  server::Config& config() { return config_; }
  const TestFolder& folder() const { return folder_; }
  server::App& app() { return *app_; }

  void Start() {
    auto app = server::App::Start(config_);
    ASSERT_THAT(app, IsOk());
    app_ = *std::move(app);
  }
  void Stop() {
    app_->Stop();
    app_.reset();
  }

  client::RemoteOptions Options(const std::string& token = "", const std::string& scope = "") {
    client::RemoteOptions options;
    options.server = "127.0.0.1:" + std::to_string(app_->port());
    options.token = token;
    options.scope = scope;
    // Generous: what is tested here is not how fast a busy machine is.
    options.connect_bound = std::chrono::minutes(1);
    options.lookup_bound = std::chrono::minutes(2);
    options.commit_bound = std::chrono::minutes(2);
    options.stall_bound = std::chrono::minutes(2);
    return options;
  }
  std::unique_ptr<client::RemoteCache> Connect(const std::string& token = "",
                                               const std::string& scope = "") {
    auto remote = client::OpenRemoteCache(Options(token, scope));
    EXPECT_THAT(remote, IsOk());
    return remote.ok() ? *std::move(remote) : nullptr;
  }
  // For messages that the client would never send.
  std::shared_ptr<grpc::Channel> Channel() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    // Each of its own connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(app_->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  static Recipe RecipeOf(std::uint64_t seed) {
    Recipe recipe;
    recipe.Add("lock", "lock " + std::to_string(seed));
    return recipe;
  }
  static std::vector<Digest> DigestsOf(const BuiltLayer& layer) {
    std::vector<Digest> digests;
    for (const auto& [hash, plain] : layer.blobs) digests.push_back(Digest{hash, plain.size()});
    return digests;
  }
  static absl::Status Upload(client::RemoteCache& remote, const BuiltLayer& layer) {
    auto upload = remote.OpenUpload();
    if (!upload.ok()) return upload.status();
    for (const auto& [hash, plain] : layer.blobs) {
      const absl::Status status = (*upload)->Write({hash, CompressFrame(plain)});
      if (!status.ok()) return status;
    }
    return (*upload)->Finish();
  }
  static absl::StatusOr<std::vector<Digest>> CommitUnits(client::RemoteCache& remote,
                                                         const BuiltLayer& layer) {
    std::vector<client::UnitToCommit> units;
    for (const BuiltUnit& unit : layer.units) units.push_back({unit.ref, unit.record});
    return remote.CommitUnits(units, layer.packages);
  }
  // All steps of a client.
  static void Store(client::RemoteCache& remote, const Recipe& recipe, const BuiltLayer& layer) {
    ASSERT_THAT(Upload(remote, layer), IsOk());
    ASSERT_THAT(CommitUnits(remote, layer), IsOkAndHolds(::testing::IsEmpty()));
    ASSERT_THAT(remote.CommitLayer(recipe, layer.index), IsOkAndHolds(::testing::IsEmpty()));
  }
  // How many of the layer's blobs are handed out; each with its own bytes.
  static std::size_t CountReadable(client::RemoteCache& remote, const std::string& ticket,
                                   const BuiltLayer& layer) {
    std::size_t readable = 0;
    const std::vector<Digest> digests = DigestsOf(layer);
    auto stream = remote.OpenBlobs(ticket);
    EXPECT_THAT(stream, IsOk());
    if (!stream.ok()) return 0;
    EXPECT_THAT((*stream)->Read(digests,
                                [&](std::size_t i, const absl::StatusOr<std::string>& frame) {
                                  if (!frame.ok()) return true;
                                  const auto plain = DecompressFrame(*frame, kMaxBlobBytes);
                                  EXPECT_THAT(plain, IsOk());
                                  EXPECT_EQ(DigestOf(plain.value_or("")), digests[i]);
                                  ++readable;
                                  return true;
                                }),
                IsOk());
    return readable;
  }

 private:
  TestFolder folder_;
  server::Config config_;
  std::unique_ptr<server::App> app_;
};

}  // namespace depcache::testing
