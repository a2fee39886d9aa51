// Health, draining, reflection.

#include <thread>

#include "depcache/v1/blob_service.grpc.pb.h"
#include "tests/integration/server_fixture.h"
#include "tests/support/generic_call.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;

// grpc.health.v1.HealthCheckResponse in bytes.
const std::string kServing("\x08\x01");
const std::string kNotServing("\x08\x02");

class ShutdownTest : public ServerFixture {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(ShutdownTest, HealthWatchersAreToldAndStreamsFinish) {
  const BuiltLayer layer = SmallLayer(1, 3'000'000);
  Store(*Connect(), RecipeOf(1), layer);
  GenericCall health(Channel(), "/grpc.health.v1.Health/Watch");
  ASSERT_TRUE(health.Write(""));
  std::string answer;
  ASSERT_TRUE(health.Read(&answer));
  ASSERT_EQ(answer, kServing);

  // A stream that has begun and asks for more after the drain has begun too.
  const auto stub = v1::BlobService::NewStub(Channel());
  grpc::ClientContext context;
  const auto stream = stub->ReadBlobs(&context);
  v1::ReadBlobsRequest request;
  v1::ReadBlobsResponse response;
  request.set_hashes(std::string(layer.index[0].hash.AsBytes()));
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));

  std::thread stopper([this] { app().Stop(); });
  ASSERT_TRUE(health.Read(&answer));
  EXPECT_EQ(answer, kNotServing);
  // New calls are refused from here on, or a moment later.
  absl::Status refused;
  while (refused.ok()) {
    const auto found = Connect()->GetLayer(RecipeOf(1).Hash());
    refused = found.ok() ? absl::OkStatus() : found.status();
  }
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));

  std::size_t answered = 0;
  for (const auto& [hash, plain] : layer.blobs) {
    request.set_hashes(std::string(hash.AsBytes()));
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    for (const v1::BlobFrame& blob : response.blobs()) {
      EXPECT_THAT(DecompressFrame(blob.frame(), kMaxBlobBytes), IsOkAndHolds(plain));
      ++answered;
    }
  }
  EXPECT_EQ(answered, layer.blobs.size());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  stopper.join();
}

TEST_F(ShutdownTest, StreamsThatDoNotEndAreEnded) {
  config().drain = std::chrono::milliseconds(1);
  Stop();
  Start();
  const auto stub = v1::BlobService::NewStub(Channel());
  grpc::ClientContext context;
  const auto stream = stub->ReadBlobs(&context);
  ASSERT_TRUE(stream->Write(v1::ReadBlobsRequest()));
  Stop();
  v1::ReadBlobsResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(ShutdownTest, UploadsUnderWayFinish) {
  const BuiltLayer layer = SmallLayer(1);
  const auto remote = Connect();
  auto upload = remote->OpenUpload();
  ASSERT_THAT(upload, IsOk());
  // The server has taken the call when the first large message is through.
  const std::string plain = RandomPlain(1 << 20, 9);
  const std::string second = RandomPlain(1 << 20, 10);
  ASSERT_THAT((*upload)->Write({DigestOf(plain).hash, CompressFrame(plain)}), IsOk());
  const std::vector<Digest> first = {DigestOf(plain)};
  while (!remote->FindMissing(first)->empty()) {
  }
  std::thread stopper([this] { app().Stop(); });
  EXPECT_THAT((*upload)->Write({DigestOf(second).hash, CompressFrame(second)}), IsOk());
  EXPECT_THAT((*upload)->Finish(), IsOk());
  stopper.join();
}

TEST_F(ShutdownTest, ReflectionListsTheServices) {
  GenericCall call(Channel(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  ASSERT_TRUE(call.Write(std::string("\x3a\x01*", 3)));  // list_services
  std::string answer;
  ASSERT_TRUE(call.Read(&answer));
  for (const char* service :
       {"depcache.v1.BlobService", "depcache.v1.LayerService", "depcache.v1.RecipeService",
        "depcache.v1.CapabilitiesService", "grpc.health.v1.Health"}) {
    EXPECT_THAT(answer, HasSubstr(service));
  }
}

}  // namespace
}  // namespace depcache::testing
