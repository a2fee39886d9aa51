// Around gRPC's default limit of 4 MiB: nothing of ours depends on raising it.

#include <fmt/format.h>

#include "cache/wire/convert.h"
#include "depcache/v1/layer_service.grpc.pb.h"
#include "tests/integration/server_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::IsEmpty;

class MessageLimitsTest : public ServerFixture {
 protected:
  void SetUp() override { Start(); }

  // A CommitLayer request of exactly `size` bytes over a real layer.
  v1::CommitLayerRequest RequestOf(const BuiltLayer& layer, std::size_t size) {
    v1::CommitLayerRequest request;
    ToProto(std::span<const Digest>(layer.index), request.mutable_index());
    for (const char* name : {"a", "b", "c", "d"}) {
      v1::RecipePart* part = request.add_parts();
      part->set_name(name);
      part->set_value(std::string(900'000, 'x'));
    }
    v1::RecipePart* rest = request.add_parts();
    rest->set_name("rest");
    rest->set_value(std::string(100'000, 'x'));  // so that its length takes three bytes
    rest->mutable_value()->append(size - request.ByteSizeLong(), 'x');
    EXPECT_EQ(request.ByteSizeLong(), size);
    return request;
  }
  grpc::Status Commit(const v1::CommitLayerRequest& request) {
    grpc::ClientContext context;
    v1::CommitLayerResponse response;
    return v1::LayerService::NewStub(Channel())->CommitLayer(&context, request, &response);
  }
};

TEST_F(MessageLimitsTest, AnIndexOfSeveralBlobsComesBack) {
  // Units enough for an index above 2 MiB; each record is a blob of its own.
  LayerBuilder builder;
  const UnitRef unit = builder.AddUnit("one", "rlib");
  const Digest record = builder.index().units[0].record;
  while (builder.index().units.size() < kMaxLayerUnits) {
    builder.index().units.push_back(LayerUnit{unit, record});
  }
  builder.AddPackage("one", "crate");
  while (builder.index().packages.size() < kMaxLayerPackages) {
    builder.index().packages.push_back(builder.index().packages[0]);
  }
  const BuiltLayer layer = builder.Build();
  ASSERT_EQ(layer.index.size(), 3);
  const auto remote = Connect();
  ASSERT_THAT(Upload(*remote, layer), IsOk());
  ASSERT_THAT(remote->CommitLayer(RecipeOf(1), layer.index), IsOkAndHolds(IsEmpty()));
  const auto found = remote->GetLayer(RecipeOf(1).Hash());
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->variants[0].index, layer.index);
  EXPECT_EQ(found->variants[0].unit_count, kMaxLayerUnits);
  EXPECT_EQ(CountReadable(*remote, found->ticket, layer), layer.blobs.size());
}

TEST_F(MessageLimitsTest, ARecordOfAWholeBlobComesBack) {
  LayerBuilder builder;
  UnitRecord record;
  record.package = PackageId{"big", "1.0.0", "", ""};
  record.place = UnitPlace{
      "", "debug", "big", "0", "run-build-script", "build_script_build", UnitKind::kScriptRun};
  for (int i = 0; Encode(record).size() + 2200 < kMaxRecordBytes; ++i) {
    for (int k = 0; k < 50 && Encode(record).size() + 2200 < kMaxRecordBytes; ++k) {
      UnitFile file;
      file.role = FileRole::kOutDirEntry;
      file.name = fmt::format("f{}_{}", i, k);
      file.content = InlineContent{std::string(2048, 'x')};
      record.files.push_back(std::move(file));
    }
  }
  record.fingerprint = std::string(kMaxRecordBytes - Encode(record).size(), 'f');
  builder.AddRecord(record);
  const BuiltLayer layer = builder.Build();
  ASSERT_EQ(layer.units[0].record.size_bytes, kMaxRecordBytes);
  const auto remote = Connect();
  Store(*remote, RecipeOf(1), layer);
  const auto found = remote->GetLayer(RecipeOf(1).Hash());
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(CountReadable(*remote, found->ticket, layer), layer.blobs.size());
}

TEST_F(MessageLimitsTest, ARecordAboveABlobIsRefused) {
  const std::string plain(kMaxRecordBytes + 1, 'x');
  BuiltLayer layer;
  layer.blobs.emplace(DigestOf(plain).hash, plain);
  EXPECT_THAT(Upload(*Connect(), layer), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(MessageLimitsTest, ARequestExactlyAtTheLimitIsTaken) {
  const BuiltLayer layer = SmallLayer(1);
  const auto remote = Connect();
  ASSERT_THAT(Upload(*remote, layer), IsOk());
  const grpc::Status at = Commit(RequestOf(layer, kMaxMessageBytes));
  EXPECT_TRUE(at.ok()) << at.error_message();
  const grpc::Status above = Commit(RequestOf(layer, kMaxMessageBytes + 1));
  EXPECT_EQ(above.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(remote->GetInfo(), IsOk()) << "the server goes on";
}

TEST_F(MessageLimitsTest, AsManyNamesAsTheProtocolAllows) {
  std::vector<Digest> digests(65'536);
  for (std::size_t i = 0; i < digests.size(); ++i) digests[i] = DigestOf(std::to_string(i));
  const auto missing = Connect()->FindMissing(digests);
  ASSERT_THAT(missing, IsOk());
  EXPECT_EQ(missing->size(), digests.size());
}

}  // namespace
}  // namespace depcache::testing
