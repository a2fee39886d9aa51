// Callers who ask and do not read: they cost a bounded amount of memory and no
// thread, and others go on.

#include <fstream>

#include "depcache/v1/blob_service.grpc.pb.h"
#include "tests/integration/server_fixture.h"

namespace depcache::testing {
namespace {

// Resident memory of this process, which is the server's too.
std::size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

struct StalledCall {
  grpc::ClientContext context;
  std::unique_ptr<v1::BlobService::Stub> stub;
  std::unique_ptr<grpc::ClientReaderWriter<v1::ReadBlobsRequest, v1::ReadBlobsResponse>> stream;
};

class SlowReaderTest : public ServerFixture {
 protected:
  void SetUp() override {
    config().io_threads = 2;
    Start();
  }
};

TEST_F(SlowReaderTest, StalledReadersCostLittleAndOthersGoOn) {
  constexpr int kStalled = 24;
  const BuiltLayer layer = SmallLayer(1, 16 << 20);  // 32 MiB in all
  const auto remote = Connect();
  Store(*remote, RecipeOf(1), layer);
  std::string hashes;
  for (const BlobHash& hash : layer.Hashes()) hashes += hash.AsBytes();
  ASSERT_EQ(CountReadable(*remote, "", layer), layer.blobs.size());  // caches are warm
  const std::size_t before = ResidentBytes();

  std::vector<std::unique_ptr<StalledCall>> calls;
  for (int i = 0; i < kStalled; ++i) {
    auto call = std::make_unique<StalledCall>();
    call->stub = v1::BlobService::NewStub(Channel());
    call->stream = call->stub->ReadBlobs(&call->context);
    v1::ReadBlobsRequest request;
    request.set_hashes(hashes);
    ASSERT_TRUE(call->stream->Write(request));
    // The first answers are there, so that all that will be buffered soon is.
    v1::ReadBlobsResponse response;
    ASSERT_TRUE(call->stream->Read(&response));
    calls.push_back(std::move(call));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(CountReadable(*Connect(), "", layer), layer.blobs.size()) << "others wait";
  }
  Store(*Connect(), RecipeOf(2), SmallLayer(2));
  const std::size_t grown = ResidentBytes() - std::min(before, ResidentBytes());
  // All of it would be 24 * 32 MiB. Two messages of a call, what a connection
  // holds on either side, and what the readers above left behind:
  EXPECT_LT(grown, 24U * (6 << 20)) << "memory grows with what was asked";

  // Whoever comes back gets the rest.
  std::size_t answered = 1;
  v1::ReadBlobsResponse response;
  calls[0]->stream->WritesDone();
  std::size_t bytes = 0;
  while (calls[0]->stream->Read(&response)) {
    for (const v1::BlobFrame& blob : response.blobs()) bytes += blob.frame().size();
    ++answered;
  }
  EXPECT_TRUE(calls[0]->stream->Finish().ok());
  EXPECT_GT(bytes, 25U << 20);
  for (std::size_t i = 1; i < calls.size(); ++i) {
    calls[i]->context.TryCancel();
    EXPECT_FALSE(calls[i]->stream->Finish().ok());
  }
  Stop();  // nothing is left that it would wait for
}

}  // namespace
}  // namespace depcache::testing
